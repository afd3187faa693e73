"""Components that cannot hand each other what they take.

From pixels and ids to logits, every tensor's axes follow from the page (`chiasm show MODEL:VARIANT` prints them). Where
one does not fit, the generated model would end in an exception; here it is found at the cell that causes it, with the
words of that exception.

Bad:

```markdown
| features | pooled | [@llava-hf-config] vision_feature_select_strategy |
```

where an MLP reads a token a patch.

Good:

```markdown
| features | patches | [@llava-hf-config] vision_feature_select_strategy |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.regex import regex
from chiasm.span import Span
from chiasm.spec.flow import flow
from chiasm.spec.limits import faults
from chiasm.spec.model import ModelSpec, VariantSpec
from chiasm.spec.typed import Fault

ID = "shape-mismatch"
NUMBER = regex(r"\d[\d,]*")


def check_spec(_: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a cell, however many variants take it."""
    found: dict[tuple[Span, str], tuple[VariantSpec, Fault]] = {}
    for variant in spec.variants:
        ended = flow(variant).fault
        for fault in (ended,) if ended else faults(variant):
            # Variants of one cell differ in numbers alone.
            found.setdefault(
                (_place(variant, fault.slot, fault.field), NUMBER.sub("0", fault.message)), (variant, fault)
            )
    for (span, _message), (variant, fault) in found.items():
        whose = "" if span.path == spec.path else f" (in {spec.system}:{variant.key})"
        yield Diagnostic(ID, fault.message + whose, span, fault.mark, tuple(_labels(variant, fault)), help=_help(fault))


def _labels(variant: VariantSpec, fault: Fault) -> Iterator[Label]:
    own = _place(variant, fault.slot, fault.field)
    for slot, field, text in fault.beside:
        if (span := _place(variant, slot, field)) != own:
            yield Label(span, text)


def _help(fault: Fault) -> str:
    return f"{fault.help}; a run would end in `{fault.becomes}`" if fault.becomes else fault.help


def _place(variant: VariantSpec, slot: str, field: str) -> Span:
    """The cell of a field, the link that decides a slot's kind, or the variant's row."""
    own = variant.slots.get(slot)
    if own is None:
        return variant.span
    entry = next((entry for entry in own.entries if entry.field == field), None)
    return (entry.span if entry else None) or own.span
