"""What a run found, as plain values: written as JSON, read back for the table and the plot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A contestant: its seconds for one unit of work, and how its output compared."""

    name: str
    side: str
    median: float = float("nan")
    p10: float = float("nan")
    p90: float = float("nan")
    least: float = float("nan")
    cpu: float = float("nan")
    ratio: float = float("nan")
    """The first contestant's seconds over this one's, the median over rounds."""
    error: float | None = None
    allowed: float | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a goal may be set for."""

    name: str
    value: float
    p10: float | None = None
    p90: float | None = None
    of: str = ""
    """Which contestants, where they were chosen by speed."""
    must: float | None = None
    target: float | None = None
    at_least: bool = True
    verdict: str = ""
    """`target`, `must`, `missed`, or `reported` where no goal is set or the processor lacks what the goal rests on."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One workload in one precision."""

    name: str
    title: str
    dtype: str
    rounds: int
    unit: str
    lines: Sequence[Line] = ()
    figures: Sequence[Figure] = ()
    note: str = ""
    failed: str = ""
    took: float = 0.0
    """Seconds of the workload as a whole, preparation and counting included."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the suite."""

    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    results: Sequence[Result] = ()
    missing: Sequence[Mapping[str, str]] = ()
    format: int = field(default=FORMAT)


def write(report: Report, file: Path) -> None:
    """As JSON: no number is NaN, every key is a field."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(asdict(report)), indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")


def read(file: Path) -> Report:
    """What `write` wrote.

    Raises:
        ValueError: another format.
    """
    raw = json.loads(file.read_text(encoding="utf-8"))
    if raw.get("format") != FORMAT:
        raise ValueError(f"{file} has the format {raw.get('format')!r}, expected {FORMAT}")
    results = [
        Result(**{**one, "lines": _lines(one["lines"]), "figures": [Figure(**f) for f in one["figures"]]})
        for one in raw["results"]
    ]
    return Report(raw["machine"], raw["settings"], results, raw["missing"])


def merged(old: Report, new: Report) -> Report:
    """The new run's results in the place of the old one's; the others stay as they were measured.

    Of the machine's own rates the higher stays: the lower was measured while something else ran.
    """
    fresh = {(one.name, one.dtype): one for one in new.results}
    kept = [fresh.pop((one.name, one.dtype), one) for one in old.results]
    before, now = (one.machine.get("ceilings", {}) for one in (old, new))
    rates = {name: max(before.get(name, 0.0), now.get(name, 0.0)) for name in {**before, **now}}
    return Report({**new.machine, "ceilings": rates}, new.settings, [*kept, *fresh.values()], new.missing)


def _lines(raw: Sequence[Mapping[str, Any]]) -> list[Line]:
    absent: Any = float("nan")
    return [
        Line(**{key: absent if key in TIMES and value is None else value for key, value in one.items()}) for one in raw
    ]


TIMES = {"median", "p10", "p90", "least", "cpu", "ratio"}


def _rounded(value: Any) -> Any:
    """Six significant digits; what was not measured is null."""
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
