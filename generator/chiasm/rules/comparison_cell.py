"""A cell of a comparison table differs from the page of the system in its row.

Comparison tables go stale first: every cell is held against the page that states the fact.

Bad:

```markdown
| model | [queries](../concepts/alignment.md "alignment.num_queries") |
|---|--:|
| [BLIP-2](../models/blip-2.md) | 64 |
```

Good:

```markdown
| model | [queries](../concepts/alignment.md "alignment.num_queries") |
|---|--:|
| [BLIP-2](../models/blip-2.md) | 32 |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.verdicts import refuted

ID = "comparison-cell"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
