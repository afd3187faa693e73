"""Tells what was found out: outcomes in, a table, the list of what was missed, JSON and a page out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from benchmarks.documents.edit import HELD, MUTATORS, Where
from benchmarks.documents.outcome import RESULTS, Outcome
from benchmarks.documents.traps import Sprung
from chiasm.diagnostic import Diagnostic

GOAL_HELD, GOAL_PROSE = 0.95, 0.60
CLASSES: tuple[Where, ...] = get_args(Where)
NAMES: dict[str, str] = {
    "linked": "linked number",
    "derived": "derived cell",
    "tabulated": "comparison or drop",
    "anchored": "anchored base value",
    "un-anchored": "other base value",
    "prose": "plain prose, of a fact",
    "loose": "plain prose, of no fact",
    "citation": "citation",
    "link": "link",
    "formula": "formula",
    "mask": "mask",
    "structure": "name or heading",
}


@dataclass(frozen=True, slots=True)
class Planted:
    """One run: its seed, what was said about each error, and what was said about the base without any."""

    seed: int
    outcomes: tuple[Outcome, ...]
    alarms: tuple[Diagnostic, ...]


def shortfalls(planted: Planted, sprung: Sequence[Sprung]) -> list[str]:
    """The goals that are missed, in words."""
    held = [one for one in planted.outcomes if one.edit.where in HELD]
    prose = [one for one in planted.outcomes if one.edit.where == "prose"]
    passed = [one for one in held if one.result in ("missed", "reported")]
    found = [f"{len(passed)} of {len(held)} held values missed, goal 0"] if passed else []
    for name, some, goal in (("held values", held, GOAL_HELD), ("plain prose", prose, GOAL_PROSE)):
        if some and _share(some) < goal:
            found.append(f"{_share(some):.1%} of {name} refuted, goal {goal:.0%}")
    if planted.alarms:
        found.append(f"{len(planted.alarms)} findings about the base without errors, goal 0")
    wrong = [one for one in sprung if not one.right]
    return found + ([f"{len(wrong)} of {len(sprung)} traps judged otherwise"] if wrong else [])


def failed(planted: Planted, sprung: Sequence[Sprung]) -> bool:
    """Whether a goal is missed."""
    return bool(shortfalls(planted, sprung))


def _share(outcomes: Sequence[Outcome]) -> float:
    return sum(one.result == "refuted" for one in outcomes) / len(outcomes)


def rows(outcomes: Iterable[Outcome], by: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Counts by kind (`by` = kind, where) or by class alone: the name, then each result's number."""
    counted: dict[tuple[str, ...], Counter[str]] = {}
    for one in outcomes:
        key = tuple(one.edit.kind if name == "kind" else NAMES[one.edit.where] for name in by)
        counted.setdefault(key, Counter())[one.result] += 1
    order = [NAMES[name] for name in CLASSES]
    kinds = list(MUTATORS)
    ranked = sorted(
        counted, key=lambda key: [kinds.index(part) if part in MUTATORS else order.index(part) for part in key]
    )
    return [(" · ".join(key), [counted[key][result] for result in RESULTS]) for key in ranked]


def _table(head: str, lines: Sequence[tuple[str, list[int]]]) -> str:
    width = max([len(name) for name, _ in lines] + [len(head)])
    told = [f"{head:{width}}  planted  refuted      %  not judged  reported  missed"]
    for name, (refuted, left, reported, missed) in lines:
        whole = refuted + left + reported + missed
        share = f"{refuted / whole:6.1%}" if whole else ""
        told.append(f"{name:{width}}  {whole:7}  {refuted:7} {share}  {left:10}  {reported:8}  {missed:6}")
    return "\n".join(told)


def text(planted: Planted, sprung: Sequence[Sprung]) -> str:
    """Everything, for a terminal."""
    found = planted.outcomes
    kinds = len({one.edit.kind for one in found})
    parts = [f"{len(found)} errors of {kinds} kinds, one at a time, seed {planted.seed}"]
    parts.append(_table("class", rows(found, ["where"])))
    parts.append(_table("kind · class", rows(found, ["kind", "where"])))
    near = Counter(one.near for one in found if one.result == "refuted")
    parts.append("refuted: " + ", ".join(f"{near[name]} {name}" for name in ("here", "points here", "elsewhere")))
    for result in ("missed", "reported", "not judged"):
        lines = [_line(one) for one in found if one.result == result]
        if lines:
            parts.append("\n".join((f"{result}:", *lines)))
    if sprung:
        wrong = [one for one in sprung if not one.right]
        parts.append(f"traps: {len(sprung) - len(wrong)} of {len(sprung)} as expected")
        parts.append("\n".join(f"  {name}: {right} of {whole}" for name, right, whole in by_trap(sprung)))
        parts.append("\n".join(one.line for one in wrong))
    parts += [f"false alarm: {one.span} {one.rule}: {one.message}" for one in planted.alarms]
    parts.append("\n".join(shortfalls(planted, sprung)) or "every goal is reached")
    return "\n\n".join(part for part in parts if part)


def by_trap(sprung: Sequence[Sprung]) -> list[tuple[str, int, int]]:
    """Each trap's name, how many of its sentences are judged as they should be, and how many there are."""
    whole = Counter(one.trap.name for one in sprung)
    right = Counter(one.trap.name for one in sprung if one.right)
    return [(name, right[name], number) for name, number in whole.items()]


def _line(one: Outcome) -> str:
    edits = "; ".join(f"{change.old or '∅'} → {change.new or '∅'}" for change in one.edit.changes)
    return f"  {one.edit.place} [{one.edit.kind}, {one.edit.where}] {edits} | {one.edit.truth} | {one.said}"


def data(planted: Planted, sprung: Sequence[Sprung]) -> dict[str, Any]:
    """Everything, as JSON."""
    return {
        "seed": planted.seed,
        "planted": len(planted.outcomes),
        "classes": {
            name: dict(zip(RESULTS, counts, strict=True)) for name, counts in rows(planted.outcomes, ["where"])
        },
        "kinds": {name: dict(zip(RESULTS, counts, strict=True)) for name, counts in rows(planted.outcomes, ["kind"])},
        "false_alarms": [f"{one.span} {one.rule}: {one.message}" for one in planted.alarms],
        "shortfalls": shortfalls(planted, sprung),
        "errors": [_error(one) for one in planted.outcomes],
        "traps": [one.data for one in sprung],
    }


def summary(planted: Planted, sprung: Sequence[Sprung]) -> dict[str, Any]:
    """What is committed and shown: the counts, and every error that was not refuted."""
    whole = data(planted, sprung)
    kept = {name: whole[name] for name in ("seed", "planted", "classes", "kinds", "false_alarms", "shortfalls")}
    traps = [{"name": name, "sentences": number, "right": right} for name, right, number in by_trap(sprung)]
    return kept | {"traps": traps, "left": [one for one in whole["errors"] if one["result"] != "refuted"]}


def _error(one: Outcome) -> dict[str, Any]:
    return {
        "kind": one.edit.kind,
        "class": one.edit.where,
        "place": one.edit.place,
        "changes": [[str(change.span), change.old, change.new] for change in one.edit.changes],
        "truth": one.edit.truth,
        "result": one.result,
        "near": one.near,
        "rule": one.rule,
        "said": one.said,
    }
