"""A linked number in prose is not what its scope gives.

A number that links to a fact is a claim about it; when the fact changes, the sentence is wrong.

Bad:

```markdown
Each image costs [576 tokens](#token-budget "image_tokens") after the Q-Former.
```

Good:

```markdown
Each image costs [32 tokens](#token-budget "image_tokens") after the Q-Former.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.verdicts import refuted

ID = "statement-refuted"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The numbers that this rule refutes."""
    yield from refuted(graph, page, ID)
