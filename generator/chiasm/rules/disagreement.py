"""A table of disagreement follows nobody, or follows a value that is not the page's.

Where sources disagree the page says which one it follows; that one must be the value it states.

Bad:

```markdown
| [@li2023blip2] Table 2 | 107M | stage 2, opt-2.7b | reported |
```

Good:

```markdown
| [@li2023blip2] Table 2 | 107M | stage 2, opt-2.7b | **followed** |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims, Disagreement, Position
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import scope
from chiasm.judging.scope import Truth
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import agrees
from chiasm.resolving.fill import spell
from chiasm.spec.model import ModelSpec

ID = "disagreement"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a table that follows nobody, one a followed value that the page does not have."""
    for page in graph.claims.values():
        spec = graph.specs.get(page.system)
        for table in page.disagreements:
            if table.positions and not any(position.followed or position.here for position in table.positions):
                yield Diagnostic(
                    ID,
                    f"`{table.field}`: no row says what is done here",
                    table.span,
                    help="write **followed** in the last column of one row",
                )
            if spec:
                yield from _followed(page, spec, table)


def _followed(page: Claims, spec: ModelSpec, table: Disagreement) -> Iterator[Diagnostic]:
    for position in (position for position in table.positions if position.followed and position.quantity):
        truths = _truths(spec, table, position)
        if truths and position.quantity and not any(agrees(position.quantity, truth.value) for truth in truths):
            values = ", ".join(dict.fromkeys(spell(truth.value) for truth in truths))
            yield Diagnostic(
                ID,
                f"{position.quantity.text} is followed, but `{table.field}` is {values} in {page.page}",
                position.cell.span,
                mark=f"{values} here",
                labels=truths[0].labels,
                help="follow another row, or correct the fact",
            )


def _truths(spec: ModelSpec, table: Disagreement, position: Position) -> tuple[Truth, ...]:
    """The page's own value in the scope of a row, as far as its words name one."""
    known = {variant.key for variant in spec.variants} | set(spec.stages)
    items = [table.field, *(item for item in position.scope if item in known)]
    try:
        return scope.read(spec, table.slot, items).truths()
    except ScopeError:
        return ()
