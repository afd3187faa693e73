"""A training stage trains what it freezes, leaves a part out, or changes what the page says never changes.

What is trained and what is frozen divide the system: every part with weights is one or the other. Counts of trainable
parameters rest on it.

Bad:

```markdown
| frozen | encoder, language_model, alignment | encoder, language_model | [@li2023blip2] §3.2 |
```

Good:

```markdown
| frozen | encoder | encoder, language_model | [@li2023blip2] §3.2 |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.spec import count
from chiasm.spec.model import Entry, ModelSpec

ID = "stage-scopes"


def check_spec(_: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a stage and part."""
    for name, stage in spec.stages.items():
        stated = {entry.field: entry for entry in stage.entries if entry.fact}
        trained, frozen = stated.get("trained"), stated.get("frozen")
        if trained and frozen:
            yield from _both(name, trained, frozen)
            yield from _neither(spec, name, trained, frozen)
        if trained:
            yield from _never(spec, name, trained)


def _both(stage: str, trained: Entry, frozen: Entry) -> Iterator[Diagnostic]:
    for part in _parts(frozen):
        # A part of what is frozen may be trained: "encoder" frozen, "encoder.norm" trained.
        over = part if part in _parts(trained) else ""
        if over and frozen.fact and trained.span:
            yield Diagnostic(
                ID,
                f"`{over}` is both trained and frozen in {stage.replace('-', ' ')}",
                frozen.fact.cell.span,
                labels=(Label(trained.span, f"trained: {', '.join(_parts(trained))}"),),
                help=f"take `{part}` out of one of the two",
            )


def _neither(spec: ModelSpec, stage: str, trained: Entry, frozen: Entry) -> Iterator[Diagnostic]:
    named = {part.partition(".")[0] for entry in (trained, frozen) for part in _parts(entry)}
    parts = [set(count.partial(variant.slots) or ()) for variant in spec.variants]
    held = {name.partition(".")[0] for names in parts for name in names} & set(count.TENSOR_SLOTS)
    objective = next((str(entry.value) for entry in spec.stages[stage].entries if entry.field == "objective"), "")
    if any(name in objective for mask in spec.masks if mask.slot == "alignment" for name in mask.objectives):
        # Objectives of the alignment's own masks: no language model takes part.
        held -= {"language_model"}
    if missing := sorted(held - named - {"fusion"}):
        cell = frozen.fact.cell.span if frozen.fact else spec.span
        text = ", ".join(f"`{part}`" for part in missing)
        yield Diagnostic(
            ID,
            f"{stage.replace('-', ' ')} says of {text} neither that it is trained nor that it is frozen",
            cell,
            labels=(Label(trained.span, "what is trained"),) if trained.span else (),
            help=f"add {text} to `trained` or to `frozen`",
        )


def _never(spec: ModelSpec, stage: str, trained: Entry) -> Iterator[Diagnostic]:
    for variant in spec.variants:
        facet = variant.entries.get(("positioning", "language_model_frozen"))
        if facet and facet.value is True and "language_model" in _parts(trained) and facet.span and trained.span:
            yield Diagnostic(
                ID,
                f"`language_model_frozen` is true, but {stage.replace('-', ' ')} trains the language model",
                trained.span,
                labels=(Label(facet.span, "language_model_frozen = true"),),
                help="correct one of the two",
            )
            return


def _parts(entry: Entry) -> tuple[str, ...]:
    return tuple(str(part) for part in entry.value) if isinstance(entry.value, tuple) else ()
