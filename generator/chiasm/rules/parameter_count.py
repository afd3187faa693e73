"""A row of Parameters is not what the spec's tensors add up to.

Parameters are counted to the unit from the spec, without building the model.

Bad:

```markdown
| total | 3,744,761,855 | measured |
```

Good:

```markdown
| total | 3,744,761,856 | measured |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.verdicts import refuted

ID = "parameter-count"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
