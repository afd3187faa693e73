"""`chiasm show`: a system's resolved spec, value by value with its origin, and what it makes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, USAGE, Stop

DECISIONS = ("encoder", "text_encoder", "alignment", "fusion", "budget", "language_model")

if TYPE_CHECKING:
    from chiasm.graph import Graph
    from chiasm.spec.model import Entry, ModelSpec, VariantSpec
    from chiasm.spec.typed import Tensor


def run(name: str) -> int:
    """Print one variant whole, the variants of a system in a line each, or, for no name, every system."""
    from chiasm.knowledge import knowledge

    graph = knowledge(project.knowledge()).graph
    if not name:
        _systems(graph)
        return CLEAN
    system, _, key = name.partition(":")
    spec = graph.specs.get(system) or graph.specs.get(system.replace("_", "-"))
    if spec is None:
        raise Stop(f"no system {system!r} is described", USAGE, hint=closest(system, graph.specs))
    if not key and len(spec.variants) != 1:
        _overview(spec)
        return CLEAN
    variant = spec.variant(key) if key else spec.variants[0]
    if variant is None:
        raise Stop(f"{spec.title} has no variant {key!r}", USAGE, hint=closest(key, [one.key for one in spec.variants]))
    _variant(spec, variant, graph)
    return CLEAN


def closest(name: str, known: Iterable[str]) -> str:
    """What may have been meant."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 3, 0.4)
    return f"did you mean {' or '.join(near)}?" if near else f"one of: {', '.join(names[:20])}"


def _systems(graph: Graph) -> None:
    specs = sorted(graph.specs.values(), key=lambda spec: spec.title.lower())
    console.table([(spec.system, ", ".join(variant.key for variant in spec.variants if variant.key)) for spec in specs])
    console.say(
        "\n`chiasm show MODEL` compares its variants, `chiasm show MODEL:VARIANT` shows every value with its origin"
    )


def _overview(spec: ModelSpec) -> None:
    console.say(f"{spec.title}  ({spec.path})", "bold")
    console.paragraph(spec.summary)
    console.say()
    kinds = {slot: _kinds(spec, slot) for variant in spec.variants for slot in variant.slots if slot in DECISIONS}
    same = [(slot.replace("_", " "), names[0]) for slot, names in kinds.items() if len(set(names)) == 1]
    other = [slot for slot, names in kinds.items() if len(set(names)) > 1]
    if same:
        console.table(same)
        console.say()
    head = ["variant", *(slot.replace("_", " ") for slot in other), "parameters"]
    rows = [
        [variant.key, *(kinds[slot][number] for slot in other), _size(variant)]
        for number, variant in enumerate(spec.variants)
    ]
    console.table([head, *rows])
    console.say(f"\n`chiasm show {spec.system}:{spec.variants[0].key}` shows every value with its origin")


def _kinds(spec: ModelSpec, slot: str) -> list[str]:
    return [variant.slots[slot].kind.name if slot in variant.slots else "–" for variant in spec.variants]


def _size(variant: VariantSpec) -> str:
    total = _total(variant)
    return "not counted" if total is None else f"{total:>14,}"


def _total(variant: VariantSpec) -> int | None:
    from chiasm.spec import count

    parts = count.parameters(variant.slots)
    return count.scope(parts, "total") if parts else None


def _variant(spec: ModelSpec, variant: VariantSpec, graph: Graph) -> None:
    console.say(f"{spec.title} {variant.title}  ({variant.span.path}:{variant.span.line})", "bold")
    for slot, resolved in variant.slots.items():
        if not resolved.entries:
            continue
        words = resolved.kind.doc
        console.say(f"\n{slot.replace('_', ' ')}: {resolved.kind.name}", "bold cyan")
        console.say(f"  {words}")
        console.table([_entry(entry, graph) for entry in resolved.entries])
    console.say("\ntensors", "bold cyan")
    console.say("  N images, B rows of T tokens, P patches and V visual tokens of all images")
    console.table(list(_tensors(variant)))
    console.say("\nparameters", "bold cyan")
    console.table(list(_parameters(variant)))


def _entry(entry: Entry, graph: Graph) -> tuple[str, str, str, str, str]:
    """Field, value, rank of its evidence, place, sources."""
    from chiasm.spec.plain import stated

    text = stated(entry)
    if entry.fact is None:
        return entry.field, text, "default", "", ""
    evidence = entry.evidence
    cites = "; ".join(f"{cite.key} {cite.locator}".strip() for cite in evidence.cites) if evidence else ""
    place = f"{entry.span.path}:{entry.span.line}" if entry.span else ""
    return entry.field, text, graph.rank(evidence) or "no evidence", place, cites


def _tensors(variant: VariantSpec) -> Iterator[tuple[str, ...]]:
    """What each component takes and gives, as far as its kinds say, and what an image becomes."""
    from chiasm.spec.flow import flow, tokens

    made = flow(variant)
    for step in made.steps:
        takes, gives = (", ".join(dict.fromkeys(map(str, tensors))) for tensors in (step.takes, step.gives))
        yield step.slot.replace("_", " "), takes, "→", gives, _deep(step.gives)
    what, each = tokens(variant, made)
    if each:
        yield what, "", "→", f"{each} tokens", ""
    if made.fault or made.stopped:
        yield "then", "", "", made.fault.message if made.fault else made.stopped, ""


def _deep(gives: Sequence[Tensor]) -> str:
    return f"and {len(gives) - 1} more for earlier blocks" if gives[0].form == "stacked" else ""


def _parameters(variant: VariantSpec) -> Iterator[tuple[str, str]]:
    from chiasm.spec import count

    parts = count.parameters(variant.slots)
    if parts is None:
        yield "", "not counted: a kind is described only, its tensors are not known"
        return
    slots = list(dict.fromkeys(part.partition(".")[0] for part in parts))
    yield from ((slot, f"{count.scope(parts, slot):>16,}") for slot in slots if count.scope(parts, slot))
    yield "total", f"{count.scope(parts, 'total') or 0:>16,}"
