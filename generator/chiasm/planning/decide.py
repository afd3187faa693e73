"""Decides a package: a resolved system in, its plan out (or None for a system that is only described)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from chiasm.diagnostic import Diagnostic, Found
from chiasm.plan import Argument, Field, Part, Plan, Slot
from chiasm.planning.derived import formulas
from chiasm.planning.literals import identifier, literal, words
from chiasm.planning.presets import bases, citations, presets
from chiasm.planning.released_names import released
from chiasm.spec.model import KindSpec, ModelSpec, Resolved
from chiasm.spec.typed import unwired

SLOTS = (
    "encoder",
    "text_encoder",
    "alignment",
    "fusion",
    "budget",
    "language_model",
    "preprocessing",
    "prompt",
    "training",
)
"""Slots that a package's Config may have, in order."""

MODULES = {"preprocessing": "images", "training": "first_stage"}
"""Slots whose module is not named after them."""

TOWERS = {"encoder", "alignment", "fusion", "budget", "preprocessing", "prompt"}
"""Slots without which nothing runs; the language model or the text encoder comes besides."""


def plan(spec: ModelSpec) -> Found[Plan | None]:
    """The package of a system; None where a kind has no component yet, a slot is missing or the name cannot be one."""
    if not _complete(spec):
        return None, ()
    package = spec.page.rpartition("/")[2].replace("-", "_")
    if why := identifier(package):
        message = f"no package can be called `{package}`: it {why}"
        return None, (Diagnostic("package-name", message, spec.span, help="rename the page's file"),)
    kinds = _kinds(spec)
    derived = formulas(spec)
    functions = {(formula.slot, formula.field) for formula in derived}
    parts = tuple(_part(spec, slot, kind, kinds, functions) for slot, kind in kinds)
    by_kind = {(part.slot, part.kind): part for part in parts}
    names, found = released(spec)
    made = Plan(
        package=package,
        title=words(spec.title),
        page=spec.path,
        summary=words(spec.summary),
        parts=parts,
        uses=frozenset(_gates(spec)),
        inputs=tuple(dict.fromkeys(name for slot, kind in kinds if slot == "encoder" for name in kind.inputs)),
        presets=presets(spec, by_kind),
        bases=bases(spec, by_kind),
        formulas=derived,
        released=names,
        slots=tuple(_slot(spec, slot, [part for part in parts if part.slot == slot]) for slot in _used(kinds)),
        sources=tuple(sorted(citations(spec))),
    )
    return made, found


def _complete(spec: ModelSpec) -> bool:
    return (
        spec.path.startswith("knowledge/models/")
        and spec.generated
        and bool(spec.configuration)
        and all(
            variant.slots.keys() >= TOWERS
            and not variant.slots.keys().isdisjoint({"language_model", "text_encoder"})
            and all(unwired(own, variant.slots) is None for own in variant.slots.values())
            for variant in spec.variants
        )
    )


def _resolved(spec: ModelSpec) -> Iterator[Resolved]:
    for variant in spec.variants:
        for slot in SLOTS:
            if slot in variant.slots and variant.slots[slot].kind.config:
                yield variant.slots[slot]


def _kinds(spec: ModelSpec) -> tuple[tuple[str, KindSpec], ...]:
    """Each kind that any variant uses, by slot in the order of `SLOTS`, within it in the order of the variants."""
    found = dict.fromkeys((resolved.slot, resolved.kind) for resolved in _resolved(spec))
    return tuple(sorted(found, key=lambda item: SLOTS.index(item[0])))


def _used(kinds: Iterable[tuple[str, KindSpec]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slot for slot, _ in kinds))


def _slot(spec: ModelSpec, slot: str, parts: list[Part]) -> Slot:
    optional = any(slot not in variant.slots for variant in spec.variants)
    return Slot(slot, " | ".join([part.config for part in parts] + ["None"] * optional), optional)


def _part(
    spec: ModelSpec,
    slot: str,
    kind: KindSpec,
    kinds: tuple[tuple[str, KindSpec], ...],
    functions: set[tuple[str, str]],
) -> Part:
    alone = sum(other == slot for other, _ in kinds) == 1
    module = MODULES.get(slot, slot)
    fields = tuple(
        _field(spec, slot, kind, name)
        for name in kind.fields
        if name not in kind.wiring and (slot, name) not in functions and not _untold(spec, slot, kind, name)
    )
    return Part(
        slot=slot,
        kind=kind.name,
        module=module if alone else f"{module}_{kind.name}",
        cls=kind.cls,
        component=kind.component,
        config=kind.config,
        arguments=tuple(_arguments(slot, kind)) if kind.component else (),
        fields=fields,
        dialects=tuple(sorted(set(_dialects(spec, slot, kind)))),
        doc=words(kind.doc),
        page=words(f"knowledge/concepts/{kind.anchor.replace('#', '.md#')}"),
    )


def _untold(spec: ModelSpec, slot: str, kind: KindSpec, name: str) -> bool:
    """Whether a field is documentation only, and no variant of the page states it."""
    stated = (variant.entries.get((slot, name)) for variant in spec.variants)
    return name in kind.facts and not kind.fields[name].required and not any(entry and entry.fact for entry in stated)


def _arguments(slot: str, kind: KindSpec) -> Iterator[Argument]:
    for name in kind.fields:
        if name not in kind.facts and name not in kind.wiring:
            yield Argument(name, f"config.{slot}.{name}")
    for name, expression in kind.wiring.items():
        yield Argument(name, wired(expression, slot))


def wired(expression: str, slot: str) -> str:
    """A wiring over fields as Python over `config`: `len(encoder.taps)` → `len(config.encoder.taps)`."""

    class Names(ast.NodeTransformer):
        def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
            return ast.parse(f"config.{ast.unparse(node)}", mode="eval").body

        def visit_Call(self, node: ast.Call) -> ast.expr:
            node.args = [self.visit(argument) for argument in node.args]
            return node

        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(f"config.{slot}.{node.id}", mode="eval").body

    return ast.unparse(Names().visit(ast.parse(expression, mode="eval").body))


def _field(spec: ModelSpec, slot: str, kind: KindSpec, name: str) -> Field:
    info = kind.fields[name]
    unit, doc = info.unit, words(info.description)
    return Field(
        name=name,
        type=info.type,
        default="" if info.required else literal(info.default),
        claim=words(f"{spec.system}/{slot}.{name}"),
        doc=f"{doc}{f', {unit}' if unit else ''}",
    )


def _dialects(spec: ModelSpec, slot: str, kind: KindSpec) -> Iterator[str]:
    for resolved in _resolved(spec):
        if resolved.slot == slot and resolved.kind == kind and "model_type" in kind.fields:
            yield words(str(resolved.get("model_type")))


def _gates(spec: ModelSpec) -> Iterator[str]:
    for resolved in _resolved(spec):
        yield from (gate for gate, field in resolved.kind.gates.items() if resolved.get(field))
