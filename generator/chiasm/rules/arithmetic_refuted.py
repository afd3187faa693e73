"""Numbers of one sentence contradict each other, or the system that they are said of.

A ratio beside two counts, patches beside an image's size, a part beside a total, a sum beside its result: such a
sentence can be recomputed. Where the system is known, its own counts say which of the numbers is wrong.

Bad:

```markdown
A 336-pixel image cut into 16×16 pixel patches yields 576 visual tokens.
```

Good:

```markdown
A 336-pixel image cut into 14×14 pixel patches yields 576 visual tokens.
```

Correct the number that the arithmetic under the finding shows to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging.plain.said import said
from chiasm.judging.verdict import diagnostic

ID = "arithmetic-refuted"
FOREIGN = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The relations of a page that are refuted."""
    yield from (diagnostic(one) for one in said(graph, page) if one.rule == ID)
