"""An unlinked number contradicts the one fact of the section's system that it can mean.

Readers do not see which numbers are linked; only certain contradictions are reported.

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


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
