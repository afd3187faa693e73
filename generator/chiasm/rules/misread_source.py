"""A page says what a source states, and the record of what was read there says something else.

`knowledge/evidence/sources/` keeps, for a source, which places of it were read and what stands there. A value that a
page cites to such a place is held against it, and so is the scope that a table of disagreement gives it.

Bad:

```markdown
| batch_size | 1860 | 1920 | [@li2023blip2] §3.4, with ViT-g and OPT |
```

Good:

```markdown
| batch_size | 1680 | 1920 | [@li2023blip2] §3.4, with ViT-g and OPT |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import read

ID = "misread-source"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a value or a scope that was read otherwise."""
    return (one.diagnostic(ID) for one in read.values(graph, page))
