"""`chiasm measure`: what a variant costs, counted from its spec and measured on its package, each with a receipt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chiasm import console
from chiasm.commands import project
from chiasm.commands.show import closest
from chiasm.exits import CLEAN, FINDINGS, USAGE, Stop
from chiasm.regex import regex

if TYPE_CHECKING:
    from chiasm.graph import Graph
    from chiasm.measuring.figure import Figure
    from chiasm.measuring.inputs import Inputs
    from chiasm.measuring.measurement import Measurement
    from chiasm.spec.model import ModelSpec, VariantSpec

SIZE = regex(r"([1-9]\d{0,5})\s*[xX×]\s*([1-9]\d{0,5})")
SIDE = 100_000
"""Longest side in px that is measured."""


def run(
    model: str,
    quantities: Sequence[str],
    asked: Inputs,
    *,
    scopes: Sequence[str] = (),
    analytic: bool = False,
    form: str = "full",
) -> int:
    """Print every variant that is asked for; findings where a package has something else than its spec says."""
    from chiasm.cache import FOLDER, Cache
    from chiasm.knowledge import knowledge
    from chiasm.measuring.measured import FAILED
    from chiasm.measuring.measurement import counted, measured

    wanted = _quantities(quantities)
    root = project.knowledge()
    graph = knowledge(root).graph
    if not model:
        _list(graph)
        return CLEAN
    spec, variants = _chosen(graph, model)
    asked = _inputs(spec, asked)
    try:
        made: Sequence[Measurement] = [counted(spec, variant, asked, wanted) for variant in variants]
    except ValueError as error:
        raise Stop(f"{spec.title}: {error}", USAGE) from None
    if not analytic:
        made = measured(made, root, lambda one: _package(graph, one), Cache(root / ".chiasm" / FOLDER))
    made = [replace(one, figures=_within(one.figures, scopes)) for one in made]
    if form == "json":
        console.say(json.dumps([_record(one) for one in made], indent=2, ensure_ascii=False))
    else:
        for number, one in enumerate(made):
            if number:
                console.say()
            _print(one, scopes, everything=bool(quantities or scopes), analytic=analytic)
    differ = any(figure.equal is False for one in made for figure in one.figures)
    return FINDINGS if differ or any(one.note.startswith(FAILED) for one in made) else CLEAN


def images(sizes: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Widths and heights in px, from `336x336`."""
    found = []
    for text in sizes:
        match = SIZE.fullmatch(text.strip())
        if not match or max(int(match[1]), int(match[2])) > SIDE:
            raise Stop(f"{text!r} is no image size", USAGE, hint="write width and height in px: --image 1024x768")
        found.append((int(match[1]), int(match[2])))
    return tuple(found)


def _quantities(names: Sequence[str]) -> tuple[str, ...]:
    from chiasm.measuring.figure import QUANTITIES

    for name in names:
        if name.lower() not in QUANTITIES:
            raise Stop(f"{name!r} is no quantity that is measured", USAGE, hint=closest(name.lower(), QUANTITIES))
    return tuple(dict.fromkeys(name.lower() for name in names)) or tuple(QUANTITIES)


def _chosen(graph: Graph, name: str) -> tuple[ModelSpec, Sequence[VariantSpec]]:
    """A system and those of its variants that a name asks for."""
    system, _, key = name.partition(":")
    spec = graph.specs.get(system) or graph.specs.get(system.replace("_", "-"))
    if spec is None:
        raise Stop(f"no system {system!r} is described", USAGE, hint=closest(system, graph.specs))
    chosen = [one for one in spec.variants if key in ("", one.key)]
    if not chosen:
        known = [one.key for one in spec.variants]
        raise Stop(f"{spec.title} has no variant {key!r}", USAGE, hint=closest(key, known))
    return spec, chosen


def _inputs(spec: ModelSpec, asked: Inputs) -> Inputs:
    """The inputs with the stage of training as the page names it."""
    from chiasm.measuring.inputs import BYTES

    if asked.dtype not in BYTES:
        raise Stop(f"unknown dtype {asked.dtype!r}", USAGE, hint=f"one of: {', '.join(BYTES)}")
    stage = "-".join(asked.stage.lower().split())
    if stage and stage not in spec.stages:
        hint = closest(stage, spec.stages) if spec.stages else "its page states no stages of training"
        raise Stop(f"{spec.title} has no training stage {asked.stage!r}", USAGE, hint=hint)
    return replace(asked, stage=stage)


def _package(graph: Graph, spec: ModelSpec) -> str:
    """Digest of the generated package's files; "" where there is none."""
    from chiasm.cache import Cache

    folder = f"generated/{spec.system.replace('-', '_')}/"
    files = [path for path in graph.others if path.startswith(folder) and path.endswith(".py")]
    return Cache.key(*(graph.others[path].digest for path in sorted(files))) if files else ""


def _within(figures: Sequence[Figure], scopes: Sequence[str]) -> tuple[Figure, ...]:
    """The figures of some scopes and of their parts; all for none."""
    from chiasm.spec.count import canonical

    if not scopes:
        return tuple(figures)
    found: dict[int, Figure] = {}
    for scope in scopes:
        names = {scope.strip().lower(), canonical(scope)}
        own = [
            number
            for number, one in enumerate(figures)
            if any(one.scope == name or one.scope.startswith((f"{name}.", f"{name},")) for name in names)
        ]
        if not own:
            raise Stop(f"{scope!r} is no scope of these", USAGE, hint=closest(scope, {one.scope for one in figures}))
        found |= {number: figures[number] for number in own}
    return tuple(found[number] for number in sorted(found))


def _list(graph: Graph) -> None:
    """Every system with its variants, and what can be measured of it."""
    from chiasm.measuring.figure import QUANTITIES

    specs = sorted(graph.specs.items())
    console.table([(name, ", ".join(variant.key for variant in spec.variants)) for name, spec in specs])
    console.say("\n`chiasm measure MODEL[:VARIANT] [QUANTITY]…` measures it; quantities:")
    console.table([*QUANTITIES.items()])


def _print(one: Measurement, scopes: Sequence[str], *, everything: bool, analytic: bool) -> None:
    console.say(f"{one.spec.title} {one.variant.title}  ({one.variant.span.path}:{one.variant.span.line})", "bold")
    console.say(f"{_setting(one)}\n")
    shown = [figure for figure in one.figures if everything or not figure.detail]
    console.table([*_rows(shown)])
    console.say()
    if one.note and not analytic:
        console.say(f"counted only: {one.note}")
    said = one.receipt
    versions = ", ".join(f"{name} {number}" for name, number in said.versions.items())
    digests = f"spec {said.spec}" + (f", package {said.package}" if said.package else "")
    named = one.wanted if len(one.wanted) < len(_quantities(())) else ()
    console.table([("receipt", said.command(named, scopes)), ("", digests), ("", versions)], indent=0)


def _setting(one: Measurement) -> str:
    """What was measured, in words."""
    chosen = one.setting
    asked = chosen.asked
    sizes = " and ".join(f"{width} × {height} px" for width, height in chosen.sizes)
    what, several = (f"video of {asked.frames} frames", "videos") if asked.frames else ("image", "images")
    one_of = f"{'a' if asked.frames else 'an'} {what} of {sizes}"
    words = [one_of if len(chosen.sizes) == 1 else f"{len(chosen.sizes)} {several} of {sizes}"]
    words += [f"{chosen.tiles} tiles"] if chosen.tiles else []
    words += [f"{chosen.tokens:,} tokens", f"batch {asked.batch}"]
    words += [f"cache of {chosen.context:,} places"] if chosen.handed else []
    return ", ".join([*words, asked.dtype] + ([f"training in {asked.stage}"] if asked.stage else []))


def _rows(figures: Sequence[Figure]) -> Iterator[tuple[str, ...]]:
    from chiasm.measuring.figure import exact

    values = [exact(figure.analytic if figure.analytic is not None else figure.measured) for figure in figures]
    width = max(map(len, values), default=0)
    beside = "measured" if any(figure.measured is not None for figure in figures) else ""
    yield "quantity", "scope", f"{'value':>{width}}", "reads", beside
    before = ""
    for figure, value in zip(figures, values, strict=True):
        quantity = "" if figure.quantity == before else figure.quantity
        before = figure.quantity
        yield quantity, figure.scope, f"{value:>{width}}", figure.reads, _beside(figure)


def _beside(figure: Figure) -> str:
    """What the measurement says of a value."""
    from chiasm.measuring.figure import exact

    if figure.equal is None:
        return figure.why
    return "equal" if figure.equal else f"{exact(figure.measured)}: DIFFERS"


def _record(one: Measurement) -> dict[str, Any]:
    """A measurement as JSON has it; a ratio that is not whole is written as a fraction besides."""
    said = one.receipt
    return {
        "system": one.spec.system,
        "variant": one.variant.key,
        "inputs": said.inputs,
        "spec": said.spec,
        "package": said.package,
        "versions": said.versions,
        "note": one.note,
        "figures": [
            {
                "quantity": figure.quantity,
                "scope": figure.scope,
                "unit": figure.unit,
                "analytic": _number(figure.analytic),
                "measured": _number(figure.measured),
                "equal": figure.equal,
                "reads": figure.reads,
                "why": figure.why,
                "receipt": said.command([figure.quantity], [figure.scope]),
            }
            for figure in one.figures
        ],
    }


def _number(value: Any) -> int | str | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else str(value)
