"""Says whether released checkpoints still load: two states of a system and what differs in, outcomes with hints out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chiasm.diffing.change import Contradiction, FactChange, Loading, NameChange, TensorChange
from chiasm.diffing.tensors import ranged, renamed
from chiasm.judging.released import comparisons, keys, sizes
from chiasm.spec.plain import written

if TYPE_CHECKING:
    from chiasm.graph import Graph
    from chiasm.spec.model import ModelSpec, NameRow, VariantSpec

Pair = tuple["VariantSpec", "VariantSpec"]
"""A variant of both states."""
TABLES = ("embedding.weight", "head.weight")
BACK = "put it back, or state a variant of its own"
STUCK = "weights trained in one shape fit no other: put the value back, or state a variant of its own"


def contradictions(
    old: tuple[Graph, ModelSpec], new: tuple[Graph, ModelSpec], pairs: Sequence[Pair]
) -> tuple[Contradiction, ...]:
    """Released values and index sizes with which a state agrees and the other does not."""
    names = {was.key: now.key for was, now in pairs}
    before, after = _held(*old, names), _held(*new, {})
    found: dict[tuple[str, ...], list[Contradiction]] = {}
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        one = now or was
        if one and (was and was.agrees) != (now and now.agrees) and False in {was and was.agrees, now and now.agrees}:
            made = Contradiction(
                one.variants, one.name, one.key, one.released, one.ours, one.place, one.claim,
                was.agrees if was else None, now.agrees if now else None,
            )  # fmt: skip
            found.setdefault((one.name, one.key, one.released, one.ours, one.place.path), []).append(made)
    return tuple(several[0] for several in found.values())


def _held(graph: Graph, spec: ModelSpec, names: Mapping[str, str]) -> dict[tuple[str, ...], Contradiction]:
    """What excerpts say beside the spec, by excerpt, key, field and variant (its name in the new state)."""
    found: dict[tuple[str, ...], Contradiction] = {}
    for item in comparisons(graph, spec):
        key, entry = names.get(item.variant, item.variant), item.entry
        name = f"{entry.slot}.{entry.field}"
        said, ours = json.dumps(item.released), written(entry.value)
        place = item.excerpt.span(item.key)
        found[item.excerpt.path, item.key, name, key] = Contradiction(
            (key,), name, item.key, said, ours, place, entry.span, None, item.agrees
        )
    for size in sizes(graph, spec):
        key = names.get(size.variant, size.variant)
        said, ours = f"{size.excerpt.total_size:,} bytes", f"{size.parameters:,} parameters"
        place = size.excerpt.span("total_size")
        found[size.excerpt.path, "total_size", "", key] = Contradiction(
            (key,), "total", "index total_size", said, ours, place, None, None, size.agrees
        )
    return found


def loading(
    old: ModelSpec,
    new: ModelSpec,
    pairs: Sequence[Pair],
    changed: tuple[Sequence[FactChange], Sequence[TensorChange], Sequence[NameChange], Sequence[Contradiction]],
) -> tuple[Loading, ...]:
    """What becomes of checkpoints that the base loads; nothing where nothing bears on them."""
    facts, tensors, names, against = changed
    found: list[Loading] = []
    broken: set[str] = set()
    for group, several in _grouped(tensors).items():
        broken |= {*group}
        found.append(_broken(group, several, facts, [one for one in against if {*one.variants} & {*group}]))
    rest = tuple(now.key for _, now in pairs if now.key not in broken)
    if rest and (again := renamed(old, new, pairs)):
        found.append(_renamed(rest, again))
    if configuration := [one for one in names if one.table == "configuration" or one.table.endswith(" configuration")]:
        found.append(_configured(configuration))
    if rest and not again_only(facts):
        found += _values(new, rest, facts)
    return tuple(found)


def again_only(facts: Iterable[FactChange]) -> bool:
    """Nothing but evidence differs."""
    return all(one.only_evidence for one in facts)


def _grouped(tensors: Iterable[TensorChange]) -> dict[tuple[str, ...], list[TensorChange]]:
    """Tensors by the variants that they are of; each variant is in one group."""
    by_variant: dict[str, list[TensorChange]] = {}
    for one in tensors:
        for key in one.variants:
            by_variant.setdefault(key, []).append(one)
    groups: dict[tuple[str, ...], list[str]] = {}
    for key, several in by_variant.items():
        groups.setdefault(tuple(f"{one.name} {one.old} {one.new} {one.numbers}" for one in several), []).append(key)
    return {tuple(names): by_variant[names[0]] for names in groups.values()}


def _broken(
    variants: tuple[str, ...],
    tensors: Sequence[TensorChange],
    facts: Sequence[FactChange],
    against: Sequence[Contradiction],
) -> Loading:
    words = []
    for what, several in (
        ("another shape", [one for one in tensors if one.old and one.new]),
        ("no place any more", [one for one in tensors if not one.new]),
        ("no weights in the release", [one for one in tensors if not one.old]),
    ):
        if count := sum(one.count for one in several):
            words.append(f"{count:,} {'tensor has' if count == 1 else 'tensors have'} {what}")
    said = ", ".join(words)
    if against and all(one.agrees and not one.agreed for one in against):
        return Loading(variants, "mended", f"the released file agrees now, the base did not fit it: {said}")
    hints = dict.fromkeys((*_evidence(against), *(hint for one in tensors for hint in _hints(one, facts))))
    return Loading(variants, "breaks", said, tuple(hints) or (STUCK,))


def _evidence(against: Sequence[Contradiction]) -> Iterator[str]:
    for one in against:
        if one.agrees is False:
            field = f"`{one.name}` is {one.ours}" if one.name != "total" else f"the page makes {one.ours}"
            yield f"{one.place.path}:{one.place.line} says `{one.key}` {one.released}, {field}: {BACK}"


def _hints(one: TensorChange, facts: Sequence[FactChange]) -> Iterator[str]:
    """What would make old weights fit, where something would."""
    stated = {change.name: change for change in facts}
    if one.old and one.new and one.name == "encoder.positions":
        yield _positions(one.old[0], one.new[0])
    elif one.old and one.new and one.name.endswith(TABLES) and one.old[1:] == one.new[1:]:
        more = one.new[0] - one.old[0]
        how = f"append {more:,} rows" if more > 0 else f"drop the last {-more:,} rows"
        yield f"`{one.released or one.name}`: {how} (token tables may grow or shrink at their end)"
    elif not (one.old and one.new) and one.numbers and ".N." in one.name:
        part = one.name.partition(".N.")[0]
        lacking = "have no weights in the release: initialize them"
        verb = lacking if one.new else "are dropped: their weights are not read"
        yield f"blocks {ranged(one.numbers)} of {part} {verb}"
    elif one.name == "language_model.head.weight" and not one.old and "language_model.tied" in stated:
        yield f"`{one.released or one.name}`: copy the token table, which the base ties it to"


def _positions(old: int, new: int) -> str:
    """Learned positions of a grid can be resampled."""
    sides = [_grid(count) for count in (old, new)]
    if None in sides:
        return f"`encoder.positions`: {old:,} rows cannot be resampled to {new:,}: they are no grids"
    (a, extra), (b, _) = (side for side in sides if side)
    keep = ", and keep the class token's row" if extra else ""
    return f"`encoder.positions`: resample the {a} × {a} grid of learned positions to {b} × {b}{keep}"


def _grid(count: int) -> tuple[int, int] | None:
    """The side of a square grid and how many rows stand before it."""
    for extra in (0, 1):
        side = math.isqrt(count - extra)
        if side * side == count - extra:
            return side, extra
    return None


def _renamed(variants: tuple[str, ...], again: Mapping[str, Mapping[tuple[str, str], int]]) -> Loading:
    count = max(sum(pairs.values()) for pairs in again.values())
    hints = []
    for layout, pairs in again.items():
        rules = {_rule(old, new) for old, new in pairs}
        shown = sorted(rules)[:6]
        hints += [f"layout {layout}: rename `{old}` to `{new}`" for old, new in shown]
        hints += [f"layout {layout}: and {len(rules) - len(shown)} more names"] * (len(rules) > len(shown))
    why = f"{count:,} tensors are looked for under another name, in the shapes that they had"
    return Loading(variants, "renamed", why, tuple(hints))


def _rule(old: str, new: str) -> tuple[str, str]:
    """The parts of two names that differ, whole words: `vision_tower.vision_model.…` and `vision_tower.…`."""
    a, b = old.split("."), new.split(".")
    while len(a) > 1 and len(b) > 1 and a[-1] == b[-1]:
        a.pop()
        b.pop()
    rest = "" if len(a) == len(old.split(".")) else ".…"
    return ".".join(a) + rest, ".".join(b) + rest


def _configured(names: Sequence[NameChange]) -> Loading:
    hints = []
    for one in names:
        where = f"`{one.ours}`" + (f" ({one.dialect})" if one.dialect else "")
        if one.old and one.new:
            hints.append(
                f"{where} was read from {one.old}, is read from {one.new}: write both keys, `a` / `b`, to load both"
            )
        else:
            hints.append(f"{where} is {f'read from {one.new} now' if one.new else f'no longer read from {one.old}'}")
    return Loading((), "renamed", "config.json is read otherwise", tuple(hints))


def _values(new: ModelSpec, variants: Sequence[str], facts: Sequence[FactChange]) -> Iterator[Loading]:
    """Values that no tensor depends on: the weights load, and what decides then."""
    rows: dict[tuple[str, str], tuple[str, NameRow]] = {}
    for variant in new.variants:
        if variant.key in variants:
            for key, slot, field, row in keys(new, variant):
                rows.setdefault((slot, field), (key, row))
    for one in facts:
        concerned = tuple(key for key in one.variants if key in variants)
        if not concerned or one.only_evidence or one.follows or one.old is None or one.new is None or not one.field:
            continue
        if found := rows.get((one.slot, one.field)):
            why = f"no tensor depends on `{one.name}`; a config.json that states `{found[0]}` keeps its own value"
            yield Loading(concerned, "loads", f"{why}, PRESETS change")
