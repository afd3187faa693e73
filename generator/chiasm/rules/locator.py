"""A locator names a key that the released file does not have.

A reader who follows a citation must find the value there. Where an excerpt of the cited file is kept in
`knowledge/evidence/`, the key is looked up in it, and its value compared with the cell.

Bad:

```markdown
| mlp_dim | 10240 | [@blip2-opt-config] text_config.ffn_dims |
```

Good:

```markdown
| mlp_dim | 10240 | [@blip2-opt-config] text_config.ffn_dim |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging.released import locators
from chiasm.span import Span

ID = "locator"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a key in a source cell."""
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


def _place(graph: Graph, cite: Span, key: str) -> Span:
    """The key itself, behind its citation."""
    lines = graph.lines(cite.path)
    at = lines[cite.line - 1].find(key, cite.column - 1) if lines else -1
    return cite._replace(column=at + 1, end=at + 1 + len(key)) if at >= 0 else cite
