"""Says what differs in words and numbers, for a terminal and for a pull request alike: values in, short texts out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from chiasm.diffing.change import Coverage, FactChange, FigureChange, Report, Stand, SystemChange
from chiasm.measuring.figure import exact, human
from chiasm.spec.weight import Shape

SHOWN = ("tokens", "parameters", "flops", "cache", "activations", "compression")
"""Quantities that are told; bytes and MACs say the same once more, and stand in JSON alone."""
WHOLE = {
    "flops": ("total", "decode"),
    "activations": ("total",),
    "cache": ("one token", "total"),
    "tokens": ("visual",),
}
"""Scopes that stand for a quantity."""
BRIEF = {"tokens": ("visual",), "parameters": ("total",), "flops": ("total",), "cache": ("one token",)}
"""Those that stand for a variant that only one state has."""
NAMES = {
    ("tokens", "visual"): "visual tokens",
    ("flops", "total"): "FLOP of a prefill",
    ("flops", "decode"): "FLOP of one more token",
    ("cache", "one token"): "cache, a token",
    ("cache", "total"): "cache, all tokens",
    ("activations", "total"): "activations",
}
STEPS = {"FLOP": 1000, "MAC": 1000, "B": 1024, "×": 10}
SETTING = "an image of the variant's own size, 64 tokens of text, batch 1, bfloat16"
OUTCOMES = {"breaks": "no longer fits", "renamed": "loads once renamed", "loads": "loads", "mended": "loads now"}
ORDER = {"breaks": 0, "mended": 1, "renamed": 2, "loads": 3}


class Row(NamedTuple):
    """A figure of some variants, in words."""

    variants: tuple[str, ...]
    what: str
    old: str
    new: str
    difference: str


def plural(count: int, one: str, many: str = "") -> str:
    """`1 fact`, `2 facts`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def sides(one: FactChange) -> tuple[str, str]:
    """The value before and after, as the page states it; without the formula where that is the same."""
    old, new = ("–" if stand is None else stand.value for stand in (one.old, one.new))
    formula = _formula(one)
    return (old.removeprefix(f"{formula} = "), new.removeprefix(f"{formula} = ")) if formula else (old, new)


def _formula(one: FactChange) -> str:
    """The formula that a value follows from."""
    return one.old.value.rpartition(" = ")[0] if one.follows and one.old else ""


def evidence(one: FactChange) -> str:
    """What supports the value; where that differs, before and after."""
    ranks = [stand.rank or "no evidence" for stand in (one.old, one.new) if stand and stand.rank != "default"]
    if one.follows:
        return f"follows from {formula}" if (formula := _formula(one)) else "follows"
    if not one.only_evidence:
        return " → ".join(dict.fromkeys(ranks))
    old, new = (_supported(stand) for stand in (one.old, one.new))
    return f"{old} → {new}"


def _supported(stand: Stand | None) -> str:
    return f"{stand.rank or 'no evidence'}{f' ({stand.sources})' if stand.sources else ''}" if stand else "–"


def origin(one: FactChange, system: str) -> str:
    """The system that states a fact, where that is another."""
    return f"from {one.inherited}" if one.inherited and one.inherited != system else ""


def place(one: FactChange) -> str:
    """Page, line and column of the cell, as it stands now or stood."""
    stand = one.new or one.old
    return str(stand.place) if stand and stand.place else ""


def shape(sides: Shape | None) -> str:
    """`(11008, 4096)`; a scalar's is `()`."""
    return "–" if sides is None else f"({', '.join(map(str, sides))})"


def rows(figures: Iterable[FigureChange]) -> tuple[Row, ...]:
    """Figures that matter to a reviewer, those that are the same in several variants once."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for one in figures:
        alone = one.old is None or one.new is None
        wanted = BRIEF.get(one.quantity, ()) if alone else WHOLE.get(one.quantity, (one.scope,))
        if one.detail or one.quantity not in SHOWN or one.scope not in wanted:
            continue
        name = NAMES.get((one.quantity, one.scope)) or f"{one.quantity}, {one.scope.replace('_', ' ')}"
        groups.setdefault((name, *_both(one), _difference(one)), []).append(one.variant)
    order = list(dict.fromkeys(name for name, *_ in groups))
    made = (Row(tuple(keys), *key) for key, keys in groups.items())
    return tuple(sorted(made, key=lambda row: order.index(row.what)))


def _both(one: FigureChange) -> tuple[str, str]:
    """Before and after, rounded where that still tells them apart."""
    if one.unit not in ("FLOP", "MAC", "B", "×"):
        return _exact(one.old), _exact(one.new)
    short = tuple("–" if side is None else human(side, one.unit).partition(" (")[0] for side in (one.old, one.new))
    if short[0] != short[1] or one.old is None or one.new is None:
        return short[0], short[1]
    if one.unit == "×":
        return _apart(one.old, one.new, 1, "×")
    number, _, name = short[0].partition(" ")
    scale = one.old / Fraction(number.replace(",", "")) if number else Fraction(1)
    return _apart(one.old, one.new, STEPS[one.unit] ** round(math.log(scale, STEPS[one.unit])), name)


def _apart(old: Fraction, new: Fraction, scale: int, name: str) -> tuple[str, str]:
    """Both in one unit, with as many digits as tell them apart."""
    texts = ("", "")
    for places in range(2, 16):
        texts = f"{float(old / scale):.{places}f} {name}", f"{float(new / scale):.{places}f} {name}"
        if texts[0] != texts[1]:
            break
    return texts


def _exact(side: Fraction | None, unit: str = "") -> str:
    return "–" if side is None else f"{exact(side)} {unit}".strip()


def _difference(one: FigureChange) -> str:
    if one.old is None or one.new is None:
        return ""
    change = one.new - one.old
    share = f"{float(change / one.old):+.1%}" if one.old and abs(change / one.old) >= Fraction(1, 2000) else ""
    if one.unit in ("FLOP", "MAC", "B", "×"):
        return share or f"{'+' if change > 0 else '−'}{human(abs(change), one.unit).partition(' (')[0]}"
    signed = f"{'+' if change > 0 else '−'}{exact(abs(change))}"
    return f"{signed} ({share})".replace("-", "−") if share else signed


def headline(one: SystemChange) -> str:
    """A system in one line: what became of it and what follows."""
    parts = [] if one.state == "changed" else [f"renamed from {one.was}" if one.was else one.state]
    if one.state in ("changed", "renamed"):
        parts += [f"variant {words}" for words in variants(one)]
    stated = [change for change in one.facts if not change.follows and not change.only_evidence]
    parts += [plural(len(stated), "fact")] * bool(stated)
    parts += [f"{', '.join(name for name, _ in one.unclear)} not understood"] * bool(one.unclear)
    only = sum(change.only_evidence for change in one.facts)
    parts += [plural(only, "value with other evidence", "values with other evidence")] * bool(only)
    count = sum(change.count for change in one.tensors)
    parts += [plural(count, "tensor")] * bool(count)
    parts += [plural(len(one.names), "released name")] * bool(one.names)
    if broken := [name for change in one.loading if change.outcome == "breaks" for name in change.variants]:
        parts.append(f"released weights of {', '.join(dict.fromkeys(broken))} no longer fit")
    return "; ".join(parts)


def unclear(one: SystemChange) -> Iterator[tuple[str, str]]:
    """Variants that are not understood, with the slots whose facts do not fit together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, slots in one.unclear:
        groups.setdefault(slots, []).append(name)
    yield from ((", ".join(names), ", ".join(slots)) for slots, names in groups.items())


def variants(one: SystemChange) -> Iterator[str]:
    """Variants that came, went or were renamed."""
    for change in one.variants:
        told = f"renamed to {change.new}" if change.state == "renamed" else change.state
        yield f"{change.old or change.new} {told}"


def summary(report: Report) -> tuple[str, ...]:
    """What follows, gravest first, in a few words each; nothing for nothing."""
    said: list[str] = []
    broken = {
        f"{one.system}:{name}"
        for one in report.systems
        for change in one.loading
        if change.outcome == "breaks"
        for name in change.variants
    }
    said += [f"released weights of {plural(len(broken), 'variant')} no longer fit"] * bool(broken)
    worse = sum(one.new == "refuted" for one in report.flips)
    said += [f"{plural(worse, 'number')} refuted that {'was' if worse == 1 else 'were'} not"] * bool(worse)
    said += [f"{plural(len(report.flips) - worse, 'other verdict')} flipped"] * (len(report.flips) > worse)
    errors = sum(one.severity == "error" for one in report.found)
    said += [plural(errors, "new error")] * bool(errors)
    said += [plural(len(report.found) - errors, "new finding")] * (len(report.found) > errors)
    said += [f"{plural(len(report.gone), 'finding')} gone"] * bool(report.gone)
    changed = [one for one in report.systems if one.state in ("changed", "renamed")]
    own = (one for system in changed for one in system.facts if not origin(one, system.system))
    count = sum(not one.only_evidence and not one.follows for one in own)
    said += [f"{plural(count, 'fact')} changed"] * bool(count)
    for state in ("added", "removed", "renamed"):
        names = [one.system for one in report.systems if one.state == state]
        said += [f"{plural(len(names), 'system')} {state}"] * bool(names)
    return tuple(said)


def coverage(before: Coverage, after: Coverage) -> Iterator[tuple[str, str, str]]:
    """Shares before and after: what, then, now."""
    yield "proved", _share(before.tally.proved, before.numbers), _share(after.tally.proved, after.numbers)
    for name in ("reported", "refuted", "not_judged"):
        yield name.replace("_", " "), f"{getattr(before.tally, name):,}", f"{getattr(after.tally, name):,}"
    yield "anchored", _share(before.anchored, before.bases), _share(after.anchored, after.bases)


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({part / whole:.1%})" if whole else "none"


def files(one: SystemChange) -> Sequence[tuple[str, str]]:
    """Generated files that a build would change, with how."""
    if one.package is None:
        return ()
    if one.package.state in ("held", "edited"):
        return [(f"generated/{one.package.name}/", "held back: its page has errors, its files stay as they are")]
    if one.package.state in ("new", "removed"):
        return [(f"generated/{one.package.name}/", f"{one.package.state}, {plural(len(one.package.files), 'file')}")]
    return [(change.path, change.size) for change in one.package.files]
