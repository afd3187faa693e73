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

from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "unresolved-citation"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a citation."""
    known = sorted(graph.bibliography.entries)
    for key, cites in graph.cited.items():
        if key in graph.bibliography.entries:
            continue
        near = difflib.get_close_matches(key, known, n=1)
        advice = f"did you mean `{near[0]}`?" if near else "add an entry to knowledge/sources.bib"
        for cite in cites:
            yield Diagnostic(ID, f"no source has the key `{key}`", cite.span, help=advice)
