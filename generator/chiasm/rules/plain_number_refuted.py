"""An unlinked number contradicts the fact of a system that its words mean.

Readers do not see which numbers are linked. A sentence is tied to a system by its name, in the clause, the row, the
column or the heading, and the number to a fact by what it is said to count; where either may be something else, where
somebody's own change is told, and where a sentence denies, supposes or asks, nothing is reported.

Bad:

```markdown
The Q-Former of BLIP-2 has 64 learned queries.
```

Good:

```markdown
The Q-Former of BLIP-2 has 32 learned queries.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.verdicts import refuted

ID = "plain-number-refuted"
FOREIGN = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
