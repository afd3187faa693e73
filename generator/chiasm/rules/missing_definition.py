"""A page cites a source and has no reference definition for it, so the citation is no link where the page is read.

`chiasm check --fix` writes the missing definitions at the end of the page, from the bibliography.

Bad:

```markdown
Thirty-two learned queries read the image [@li2023blip2].
```

on a page without a definition of `[@li2023blip2]`.

Good:

```markdown
Thirty-two learned queries read the image [@li2023blip2].

[@li2023blip2]: https://arxiv.org/abs/2301.12597 "accessed 2025-11-16"
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chiasm.bibliography import Entry
from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.graph import Graph
from chiasm.span import Span

ID = "missing-definition"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a page, at the first citation that leads nowhere."""
    defined = {definition.label.lower() for definition in page.document.definitions}
    missing = {
        cite.key: cite
        for cite in reversed(page.cites)
        if f"@{cite.key}".lower() not in defined and cite.key in graph.bibliography.entries
    }
    if missing:
        first = min(missing.values(), key=lambda cite: cite.span)
        keys = ", ".join(f"`[@{key}]`" for key in sorted(missing))
        yield Diagnostic(
            ID,
            f"the page cites {keys} and does not define {'it' if len(missing) == 1 else 'them'}",
            first.span,
            help="run `chiasm check --fix` to add what is missing at the end of the page",
            fix=_added(page, [graph.bibliography.entries[key] for key in sorted(missing)]),
        )


def _added(page: Claims, entries: Sequence[Entry]) -> Fix:
    """Behind the last definition, or at the end of the page after an empty line."""
    lines = page.document.source.lines
    last = max((definition.span.line for definition in page.document.definitions), default=0)
    if not last:
        last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
    apart = [] if page.document.definitions else [""]
    text = "\n".join([lines[last - 1], *apart, *(_definition(page, entry) for entry in entries)])
    return Fix(Span(page.document.path, last), text, through=last)


def _definition(page: Claims, entry: Entry) -> str:
    # A source without an address is shown by the bibliography itself.
    home = "/".join([".."] * (page.document.path.count("/") - 1) or ["."])
    accessed = f' "accessed {entry.urldate}"' if entry.urldate else ""
    return f"[@{entry.key}]: {entry.url or f'{home}/sources.bib'}{accessed}"
