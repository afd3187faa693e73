"""A mask table leaves a pair out, or says something that is no mask.

For every objective a mask says who may attend to whom: `all`, `none` or `causal`. `causal` orders a sequence against
itself.

Bad:

```markdown
| query → query / query → text | all / some |
```

Good:

```markdown
| query → query / query → text | all / none |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import MaskTable
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "mask-table"
ALLOWED = ("all", "none", "causal")


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a cell."""
    for page in graph.claims.values():
        for table in page.masks:
            yield from _table(table)


def _table(table: MaskTable) -> Iterator[Diagnostic]:
    sides = list(dict.fromkeys(side for cells in table.cells.values() for pair in cells for side in pair))
    for objective in table.objectives:
        cells = table.cells.get(objective, {})
        for reader, read in ((a, b) for a in sides for b in sides):
            mask = cells.get((reader, read))
            span = table.spans.get(objective, {}).get((reader, read), table.span)
            if mask is None:
                yield Diagnostic(
                    ID,
                    f"{objective} does not say whether {reader} attends to {read}",
                    span,
                    help=f"add `{reader} → {read}`: all, none or causal",
                )
            elif mask not in ALLOWED:
                yield Diagnostic(ID, f"`{mask}` is no mask", span, help="write all, none or causal")
            elif mask == "causal" and reader != read:
                yield Diagnostic(
                    ID,
                    f"{reader} → {read} cannot be causal: the two have no common order",
                    span,
                    help="write all or none",
                )
        if all(cells.get((side, read)) == "none" for side in sides[:1] for read in sides) and sides:
            yield Diagnostic(
                ID, f"in {objective}, {sides[0]} attends to nothing", table.span, help="a row needs one `all`"
            )
