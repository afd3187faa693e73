"""A row of a table of released names is about no field, slot or tensor of ours, or its class has no such name.

Checkpoints are loaded by these rows; a row that is skipped is a tensor that is missing or a value that is not read.
Where `knowledge/evidence/classes/` holds an excerpt of the class that a column names, each name is looked up in it.

Bad:

```markdown
| [OPT](../concepts/language-models.md#opt) configuration | opt | source |
|---|---|---|
| hidden | `hidden_size` | [@transformers] opt/configuration_opt.py |
```

Good:

```markdown
| [OPT](../concepts/language-models.md#opt) configuration | opt | source |
|---|---|---|
| dim | `hidden_size` | [@transformers] opt/configuration_opt.py |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from chiasm.claiming.claim import SLOTS, Claims, NameTable
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging import classes
from chiasm.resolving.inherit import anchor_of
from chiasm.spec import count, registry

ID = "released-name"
ROWS = frozenset({"ignored", "must be", "stale"})
TOP = ("model_type", "architectures")
FIRST_STAGE = ("vision_proj", "text_proj", "itm_head", "temperature", "generation")
"""Tensors beside the slots: what a first training stage adds."""


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a row whose first cell names nothing."""
    for table in page.names:
        yield from _kind(page, table) if table.kind else _checkpoint(graph, page, table)
    yield from (one.diagnostic(ID) for one in classes.names(graph, page))


def _kind(page: Claims, table: NameTable) -> Iterator[Diagnostic]:
    """A concept page's `configuration` rows are fields of its kind."""
    kind = registry.by_anchor(anchor_of(table, page.document.path), table.slot)
    if kind and table.what == "configuration":
        others = (f"{other.slot}.{name}" for other in registry.known() for name in other.fields)
        known = (*kind.fields, *ROWS, *others)
        yield from _unknown(table, known, f"{kind.name.replace('_', ' ')} has no field", whole=True)


def _checkpoint(graph: Graph, page: Claims, table: NameTable) -> Iterator[Diagnostic]:
    """A model page's rows are slots, their fields, their tensors, or what stands at the top of config.json."""
    spec = graph.specs.get(page.system)
    if spec is None:
        return
    if table.what == "tensors":
        heads = (*count.TENSOR_SLOTS, *(FIRST_STAGE if spec.stages else ()), *ROWS)
        yield from _unknown(table, heads, "no slot of the system holds", whole=False)
        return
    fields = [
        f"{slot}.{name}"
        for resolved in (*(r for v in spec.variants for r in v.slots.values()), *spec.stages.values())
        for slot in [resolved.slot]
        for name in resolved.kind.fields
    ]
    yield from _unknown(table, (*fields, *SLOTS.values(), *TOP, *ROWS), "the system has no field", whole=True)


def _unknown(table: NameTable, known: Iterable[str], message: str, *, whole: bool) -> Iterator[Diagnostic]:
    names = list(dict.fromkeys(known))
    for ours, _ in table.rows:
        name = ours.text.replace("`", "")
        part = name if whole else name.partition(".")[0]
        if part not in names:
            near = difflib.get_close_matches(part, names, n=1)
            yield Diagnostic(
                ID,
                f"{message} `{part}`",
                ours.span,
                help=f"did you mean `{near[0]}`?" if near else "write the name of one of its fields or slots",
            )
