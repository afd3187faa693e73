"""A mask table leaves a pair out, says something that is no mask, or contradicts what its objective means.

For every objective a mask says who may attend to whom: `all`, `none` or `causal`. `causal` orders a sequence against
itself. Three objectives fix their masks: contrast (ITC) compares two sides that never see each other, matching (ITM)
lets all see all, generation (ITG) reads its own text causally and keeps it from the queries [@li2023blip2] Fig. 2.

Bad:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
|---|---|---|
| query → query / query → text | all / causal | [@li2023blip2] Fig. 2 |
| text → query / text → text | none / all | [@li2023blip2] Fig. 2 |
```

Good:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
|---|---|---|
| query → query / query → text | all / none | [@li2023blip2] Fig. 2 |
| text → query / text → text | none / all | [@li2023blip2] Fig. 2 |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims, MaskTable
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "mask-table"
SAME, CROSS = (("query", "query"), ("text", "text")), (("query", "text"), ("text", "query"))
ALLOWED = ("all", "none", "causal")
OBJECTIVES: dict[str, tuple[str, dict[tuple[str, str], str]]] = {
    "itc": (
        "contrast compares two sides that never see each other",
        dict.fromkeys(SAME, "all") | dict.fromkeys(CROSS, "none"),
    ),
    "itm": ("matching lets all see all", dict.fromkeys((*SAME, *CROSS), "all")),
    "itg": (
        "generation reads its text causally and keeps it from the queries",
        {("query", "query"): "all", ("query", "text"): "none", ("text", "query"): "all", ("text", "text"): "causal"},
    ),
}
"""What the name of an objective says about its mask."""


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a cell."""
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
            elif (meant := OBJECTIVES.get(objective.lower(), ("", {})))[1].get((reader, read), mask) != mask:
                why, pairs = meant
                yield Diagnostic(
                    ID,
                    f"in {objective}, {reader} → {read} is {pairs[reader, read]}, not {mask}: {why}",
                    span,
                    mark=f"expected {pairs[reader, read]} for {reader} → {read}",
                    help=f"write {pairs[reader, read]}, or give the objective another name",
                )
        if all(cells.get((side, read)) == "none" for side in sides[:1] for read in sides) and sides:
            yield Diagnostic(
                ID, f"in {objective}, {sides[0]} attends to nothing", table.span, help="a row needs one `all`"
            )
