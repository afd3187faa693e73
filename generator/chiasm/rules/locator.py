"""A locator names a place of its source that is not there, or where the value does not stand.

A reader who follows a citation must find the value there. Where an excerpt of the cited file is kept in
`knowledge/evidence/`, the key is looked up in it, and its value compared with the cell. Files and arguments of a
library's classes are looked up in the excerpts under `knowledge/evidence/classes/`, tables and sections of papers in
the records under `knowledge/evidence/sources/`.

Bad:

```markdown
| vocab_size | 50304 | [@blip2-opt-config] text_config.vocab_sizes |
```

Good:

```markdown
| vocab_size | 50304 | [@blip2-opt-config] text_config.vocab_size |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging import cited, read
from chiasm.judging.released import locators
from chiasm.judging.sourced import misread
from chiasm.span import Span
from chiasm.spec.model import ModelSpec

ID = "locator"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a key in a source cell."""
    yield from (one.diagnostic(ID) for one in cited.files(graph, page))
    yield from (one.diagnostic(ID) for one in cited.arguments(graph, page))
    yield from (one.diagnostic(ID) for one in read.places(graph, page))
    found = tuple(locators(graph, page))
    known = {(item.fact.evidence, item.key) for item in found if item.stated}
    for item in found:
        if item.stated or (item.fact.evidence, item.key) in known:
            continue
        near = difflib.get_close_matches(item.key, sorted(item.excerpt.config), n=1)
        yield Diagnostic(
            ID,
            f"the excerpt of `{item.cite.key}` has no key `{item.key}`",
            _place(graph, item.cite.span, item.key),
            labels=(Label(item.excerpt.span(""), item.excerpt.origin),),
            help=f"did you mean `{near[0]}`?" if near else f"correct the key, or add it to {item.excerpt.path}",
        )


def check_spec(graph: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a key of a released file that sets another field."""
    told: set[Span] = set()
    for item in misread(graph, spec):
        place = _place(graph, item.cite.span, item.key)
        if place not in told:
            told.add(place)
            yield Diagnostic(
                ID,
                f"`{item.field}` is read from `{item.names[0]}`, not from `{item.key}`",
                place,
                mark=f"expected {' or '.join(item.names)}",
                labels=(Label(item.row.cell.span, f"`{item.names[0]}` here"),),
                help=f"write {item.names[0]}, or correct the table of released names",
            )


def _place(graph: Graph, cite: Span, key: str) -> Span:
    """The key itself, behind its citation."""
    lines = graph.lines(cite.path)
    at = lines[cite.line - 1].find(key, cite.column - 1) if lines else -1
    return cite._replace(column=at + 1, end=at + 1 + len(key)) if at >= 0 else cite
