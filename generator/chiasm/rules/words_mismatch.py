"""The words beside a linked number name another stage, another size or another part than the title of its link.

A linked number is held against its title; a reader reads the sentence. Where the two name different things one of them
is wrong, even if the number is right.

Bad:

```markdown
With OPT-6.7B there are [3.74B parameters](#parameters "total, opt-2.7b").
```

Good:

```markdown
With OPT-2.7B there are [3.74B parameters](#parameters "total, opt-2.7b").
```

Write in the sentence what the title names, or name in the title what the sentence says.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging.labels import mismatches

ID = "words-mismatch"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a number."""
    yield from mismatches(graph, page)
