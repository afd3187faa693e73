"""A table of disagreement is about no known field, does not say what is done, or follows what the page does not say.

Where sources disagree the page says which one it follows; that one must be the value it states.

Bad:

```markdown
| [@li2023blip2] Table 2 | 188M | stage 2, opt-2.7b | **followed** |
```

Good:

```markdown
| [@li2023blip2] Table 2 | 107M | stage 2, opt-2.7b | **followed** |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chiasm.claiming.claim import SLOTS, Claims, Disagreement, Position
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging import scope
from chiasm.judging.scope import Truth
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import agrees
from chiasm.resolving.fill import spell
from chiasm.spec.model import Entry, ModelSpec

ID = "disagreement"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a table that follows nobody, one a followed value that the page does not have."""
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
            yield from _field(spec, table)
            yield from _followed(page, spec, table)
            yield from _words(spec, table)


def _field(spec: ModelSpec, table: Disagreement) -> Iterator[Diagnostic]:
    """What sources disagree about is a field, a slot or a count; and who says what the page says is followed."""
    entries = [*(entry for variant in spec.variants for entry in variant.entries.values()), *_staged(spec)]
    fields = dict.fromkeys(name for entry in entries for name in (entry.field, f"{entry.slot}.{entry.field}"))
    if table.field and table.field not in fields and table.field not in SLOTS.values() and not _counts(spec, table):
        near = difflib.get_close_matches(table.field, fields, n=1)
        yield Diagnostic(
            ID,
            f"`{table.field}` is no field or count of {spec.system}",
            table.span,
            help=f"did you mean `{near[0]}`?" if near else "name the field in the heading above the table",
        )
    if any(position.followed for position in table.positions):
        return
    for position in table.positions:
        truths = _truths(spec, table, position) if position.quantity else ()
        if position.quantity and any(agrees(position.quantity, truth.value) for truth in truths):
            yield Diagnostic(
                ID,
                f"{position.quantity.text} is what the page says, but no row is marked followed",
                position.span,
                labels=truths[0].labels,
                help="write **followed** in the last column of this row",
            )


def _words(spec: ModelSpec, table: Disagreement) -> Iterator[Diagnostic]:
    """A followed name or switch is the page's."""
    entries = [*(variant.entries.get((table.slot, table.field)) for variant in spec.variants)]
    entries += [entry for entry in _staged(spec) if entry.field == table.field and table.slot == "training"]
    stated = [entry for entry in entries if entry and isinstance(entry.value, bool | str)]
    values = {_spelled(str(entry.value)) for entry in stated}
    for position in table.positions:
        said = _spelled(position.cell.text)
        if position.followed and stated and not position.quantity and said not in values:
            yield Diagnostic(
                ID,
                f"{position.cell.text} is followed, but `{table.field}` is {', '.join(sorted(values))} on the page",
                position.cell.span,
                mark=f"{', '.join(sorted(values))} here",
                labels=tuple(Label(entry.span, f"{table.field} = {entry.value}") for entry in stated if entry.span)[:1],
                help="follow another row, or correct the fact",
            )


def _spelled(text: str) -> str:
    return {"yes": "true", "no": "false"}.get(text.strip("` ").lower(), text.strip("` ").lower())


def _staged(spec: ModelSpec) -> Iterator[Entry]:
    return (entry for stage in spec.stages.values() for entry in stage.entries)


def _counts(spec: ModelSpec, table: Disagreement) -> bool:
    """The field is a parameter scope: counted, trained in a stage, or a row of Parameters."""
    rows = {item.strip() for fact in spec.parameters for item in fact.field.split(",")}
    return table.field in rows or table.field in ("total", "trainable", "frozen")


def _followed(page: Claims, spec: ModelSpec, table: Disagreement) -> Iterator[Diagnostic]:
    for position in (position for position in table.positions if position.followed and position.quantity):
        truths = _truths(spec, table, position)
        if not truths and (named := scope.named(spec, position.scope)) and _has_values(spec, table):
            yield Diagnostic(
                ID,
                f"{position.cell.text} is followed for {', '.join(named)}, where {page.page} states no `{table.field}`",
                position.span,
                help="correct the scope, or state the value in the table above",
            )
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


def _has_values(spec: ModelSpec, table: Disagreement) -> bool:
    """The page states the field for some variant or stage, so that another scope is a mistaken one."""
    staged = any(entry.field == table.field and entry.fact for entry in _staged(spec))
    return staged or any((table.slot, table.field) in variant.entries for variant in spec.variants)


def _truths(spec: ModelSpec, table: Disagreement, position: Position) -> tuple[Truth, ...]:
    """The page's own value in the scope of a row, as far as its words name one."""
    try:
        return scope.read(spec, table.slot, [table.field, *scope.named(spec, position.scope)]).truths()
    except ScopeError:
        return ()
