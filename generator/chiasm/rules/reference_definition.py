"""A page's reference definition differs from the bibliography: another address, or another access date.

The definition makes a citation clickable; what it says about the source is what `sources.bib` says.

Bad:

```markdown
[@li2023blip2]: https://arxiv.org/abs/2301.12579 "accessed 2025-11-16"
```

Good:

```markdown
[@li2023blip2]: https://arxiv.org/abs/2301.12597 "accessed 2025-11-16"
```
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.document import Definition
from chiasm.graph import Graph
from chiasm.span import Span

ID = "reference-definition"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a definition."""
    for definition in page.document.definitions:
        entry = graph.bibliography.entries.get(definition.label.removeprefix("@"))
        if not entry or not definition.label.startswith("@"):
            continue
        if entry.url and "://" in definition.href and unquote(definition.href) != unquote(entry.url):
            yield _differs(graph, definition, definition.href, entry.url, entry.spans.get("url", entry.span))
        said = definition.title.removeprefix("accessed").strip()
        if said and entry.urldate and said != entry.urldate:
            yield _differs(graph, definition, said, entry.urldate, entry.spans.get("urldate", entry.span))


def _differs(graph: Graph, definition: Definition, said: str, wanted: str, beside: Span) -> Diagnostic:
    place = definition.span
    lines = graph.lines(place.path)
    at = lines[place.line - 1].find(said, place.column - 1) if lines else -1
    span = place._replace(column=at + 1, end=at + 1 + len(said)) if at >= 0 else place
    return Diagnostic(
        ID,
        f"`{definition.label}` is {wanted} in the bibliography",
        span,
        mark=f"expected {wanted}",
        labels=(Label(beside, "the entry"),),
        help=f"write {wanted}, or correct the entry",
        fix=Fix(span, wanted) if at >= 0 else None,
    )
