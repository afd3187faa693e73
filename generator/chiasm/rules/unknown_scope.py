"""The title of a linked number names no field, parameter scope, variant, stage or input.

A scope that names nothing would leave the number unjudged while it looks checked.

Bad:

```markdown
[107M](#parameters "trainable, stage two, opt-2.7b")
```

Good:

```markdown
[107M](#parameters "trainable, stage 2, opt-2.7b")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.verdicts import refuted

ID = "unknown-scope"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
