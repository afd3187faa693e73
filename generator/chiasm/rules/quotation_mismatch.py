"""A quotation differs by a word or a number from what was read in its source.

Quoted words are another's and stay as they are. Where `knowledge/evidence/sources/` keeps the words of a source, a
quotation in a paragraph that cites it is held against them; a part of a sentence may be quoted.

Bad:

```markdown
One note says of the allocation: "Average 8× compression, preserves information where needed" [@arrcoc-fusion-note].
```

Good:

```markdown
One note says of the allocation: "Average 8× compression, preserves details where needed" [@arrcoc-fusion-note].
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import read

ID = "quotation-mismatch"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a quotation."""
    return (one.diagnostic(ID) for one in read.quotations(graph, page))
