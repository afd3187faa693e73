"""A citation's key is in no bibliography.

A citation that leads nowhere is no evidence.

Bad:

```markdown
Thirty-two learned queries [@li2032blip2].
```

Good:

```markdown
Thirty-two learned queries [@li2023blip2].
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "unresolved-citation"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a citation."""
    entries = graph.bibliography.entries
    for cite in page.cites:
        if cite.key not in entries:
            near = _near(cite.key, tuple(sorted(entries)))
            advice = f"did you mean `{near[0]}`?" if near else "add an entry to knowledge/sources.bib"
            yield Diagnostic(ID, f"no source has the key `{cite.key}`", cite.span, help=advice)


@lru_cache(maxsize=256)
def _near(key: str, known: tuple[str, ...]) -> list[str]:
    return difflib.get_close_matches(key, known, n=1)
