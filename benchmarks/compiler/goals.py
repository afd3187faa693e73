"""The figures of the compiler's benchmark and what each is to reach: values in, figures with a verdict out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.result import Figure

GOALS: dict[str, tuple[float, float]] = {
    "cold build, s": (12, 6),
    "nothing changed, s": (0.5, 0.3),
    "one page changed, s": (0.6, 0.3),
    "10,000 pages, s": (60, 60),
    "10,000 pages, peak MB": (600, 600),
    "10,000 pages over 1,000, times": (11, 11),
    "10,000 pages, nothing changed, s": (1, 1),
    "parser, MB/s": (1.2, 1.5),
    "--help, ms": (150, 100),
    "check one page, cold, ms": (350, 250),
    "check one page, warm, ms": (150, 80),
    "check again in the editor, ms": (30, 10),
    "one architecture, ms": (250, 100),
    "1,000 architectures, cold, s": (180, 90),
    "1,000 architectures, nothing changed, s": (1.5, 0.5),
    "1,000 architectures, one edited, s": (0.5, 0.25),
    "files that differ between hash seeds and workers": (0, 0),
}
"""Figure → must, target. Larger is better for none but the parser."""
LARGER = {"parser, MB/s"}


def figure(name: str, values: Sequence[float], *, claimed: bool = True, of: str = "") -> Figure:
    """The median with its spread. A smaller run than the goal speaks of is reported, not claimed."""
    value = statistics.median(values)
    many = len(values) > 2
    ordered = sorted(values)
    p10, p90 = (
        (ordered[round(0.1 * (len(ordered) - 1))], ordered[round(0.9 * (len(ordered) - 1))]) if many else (None, None)
    )
    if name not in GOALS or not claimed:
        return Figure(name, value, p10, p90, of=of, verdict="reported")
    must, target = GOALS[name]
    better = name in LARGER

    def reached(goal: float) -> bool:
        return value >= goal if better else value <= goal

    verdict = "target" if reached(target) else "must" if reached(must) else "missed"
    return Figure(name, value, p10, p90, of=of, must=must, target=target, at_least=better, verdict=verdict)
