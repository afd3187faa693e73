"""A column of a table of facts names a variant that its system does not have.

What stands below it would be nobody's. Variants are the rows of `## Variants`, of the page itself or of the one that it
extends.

Bad:

```markdown
| scope | opt-3b | source |
|---|--:|---|
| total | 3,744,761,856 | measured |
```

Good:

```markdown
| scope | opt-2.7b | source |
|---|--:|---|
| total | 3,744,761,856 | measured |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chiasm.claiming.claim import Claims, SlotTable
from chiasm.claiming.facts import variant_slug
from chiasm.diagnostic import Diagnostic, Label
from chiasm.document import Cell, Table
from chiasm.graph import Graph
from chiasm.resolving.inherit import ALL

ID = "unknown-variant"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a column."""
    headers = {block.span.line: block.header for block in page.document.blocks if isinstance(block, Table)}
    for table in page.tables:
        system = table.system or page.system
        keys = graph.variants.get(system, ())
        # A table of training has a column a stage.
        if keys and table.slot != "training":
            yield from _columns(graph, system, keys, table, headers.get(table.span.line, ()))


def _columns(
    graph: Graph, system: str, keys: tuple[str, ...], table: SlotTable, header: tuple[Cell, ...]
) -> Iterator[Diagnostic]:
    for name in table.variants:
        if name in keys or name in ALL:
            continue
        cell = next((one for one in header[1:] if name in (variant_slug(part) for part in one.text.split(","))), None)
        near = difflib.get_close_matches(name, keys, n=1, cutoff=0.5)
        spec = graph.specs.get(system)
        rows = [Label(one.span, one.key) for one in spec.variants if one.key in near] if spec else []
        yield Diagnostic(
            ID,
            f"`{name}` is no variant of {graph.titles.get(system, system)}",
            cell.span if cell else table.span,
            labels=tuple(rows),
            help=f"write `{near[0]}`" if near else "name one of: " + ", ".join(f"`{key}`" for key in keys),
        )
