"""Draws a report: how many times as fast as transformers each way is, one group of bars a workload, as SVG.

No library draws it, and it carries no colour of its own: text takes the page's, bars take names that the page (or the
file's own style) gives a colour in light and in dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.result import Figure, Line, Report, Result

LABEL, WIDTH, BAR, GAP, GROUP, TOP = 210, 760, 11, 2, 12, 34
"""Room for names, width of all, height of a bar, between bars, between groups, above the first; in pixels."""
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#24292f}.soft{fill:#57606a}.grid{stroke:#d0d7de}.one{stroke:#57606a}"
    ".theirs{fill:#8c959f}.plain{fill:#2a7fb8}.best{fill:#c8650f}.goal{stroke:#24292f}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.soft{fill:#9da7b1}.grid{stroke:#3d444d}.one{stroke:#9da7b1}"
    ".theirs{fill:#6e7681}.plain{fill:#58a6e0}.best{fill:#f0a35e}.goal{stroke:#e6edf3}}"
)
"""For a file of its own."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One way of doing a workload: how many times as fast as transformers eager."""

    kind: str
    """`theirs`, `plain` or `best`: its colour."""
    name: str
    ratio: float
    p10: float
    p90: float


@dataclass(frozen=True, slots=True)
class Group:
    """A workload: its bars, and the speed it was meant to have."""

    name: str
    bars: Sequence[Bar]
    must: float | None
    target: float | None


def groups(report: Report) -> list[Group]:
    """The workloads in which both libraries race."""
    found = [(result, _bars(result)) for result in report.results]
    return [_group(result, bars) for result, bars in found if any(bar.kind != "theirs" for bar in bars)]


def _group(result: Result, bars: Sequence[Bar]) -> Group:
    goal = next((f for f in result.figures if f.name == "× eager" and f.verdict), None)
    name = result.name if result.dtype == "fp32" else f"{result.name} · {result.dtype}"
    return Group(name, bars, goal.must if goal else None, goal.target if goal else None)


def _bars(result: Result) -> list[Bar]:
    """transformers' best where it is not the plain one, ours eager, ours at its best where that is another."""
    figure = next((f for f in result.figures if f.name == "× eager"), None)
    timed = [line for line in result.lines if not line.refused and line.ratio == line.ratio]
    if figure is None or not timed:
        return []
    theirs = [line for line in timed if line.side == "transformers"]
    ours = [line for line in timed if line.side == "chiasm"]
    bars = [_bar("theirs", min(theirs, key=lambda line: line.median))] if len(theirs) > 1 else []
    bars += [_bar("plain", line) for line in ours if line.name == "chiasm"]
    best = min(ours, key=lambda line: line.median, default=None)
    if best is not None and best.name != "chiasm":
        bars.append(Bar("best", best.name, figure.value, *_ends(figure)))
    return bars


def _bar(kind: str, line: Line) -> Bar:
    return Bar(kind, line.name, line.ratio, line.ratio, line.ratio)


def _ends(figure: Figure) -> tuple[float, float]:
    return (figure.p10 or figure.value, figure.p90 or figure.value)


def svg(report: Report, *, alone: bool) -> str:
    """The drawing; `alone` with its colours, for a file, else without, for a page that has them."""
    drawn = groups(report)
    most = max((max(bar.p90, group.target or 0) for group in drawn for bar in group.bars), default=1.0) * 1.06
    scale = (WIDTH - LABEL - 60) / most
    parts: list[str] = []
    y = TOP
    for group in drawn:
        height = len(group.bars) * (BAR + GAP)
        parts.append(
            f'<text x="{LABEL - 8}" y="{y + height / 2 + 3:.0f}" text-anchor="end">{escape(group.name)}</text>'
        )
        parts += [_goal(x, y, y + height, scale) for x in (group.must, group.target) if x is not None]
        for bar in group.bars:
            parts.append(_drawn(bar, y, scale))
            y += BAR + GAP
        y += GROUP
    grid = "".join(_tick(x, y, scale) for x in range(int(most) + 1))
    title = "times as fast as transformers with sdpa attention, eager"
    style = f"<style>{STYLE}</style>" if alone else ""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 42}" role="img" aria-label="{title}">'
    return f"{head}{style}{_legend()}{grid}{''.join(parts)}{_caption(title, y)}</svg>"


def _drawn(bar: Bar, y: int, scale: float) -> str:
    said = f"{bar.name}: {bar.ratio:.2f}×"
    spread = f", p10–p90 {bar.p10:.2f}–{bar.p90:.2f}" if bar.p10 != bar.p90 else ""
    return (
        f'<g><title>{escape(said + spread)}</title><rect class="{bar.kind}" x="{LABEL}" y="{y}" '
        f'width="{bar.ratio * scale:.1f}" height="{BAR}" rx="1.5"/><text class="soft" style="font-size:10px" '
        f'x="{LABEL + bar.ratio * scale + 5:.1f}" y="{y + BAR - 2}">{bar.ratio:.2f}</text></g>'
    )


def _goal(value: float, top: int, bottom: int, scale: float) -> str:
    x = LABEL + value * scale
    return f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{top - 3}" y2="{bottom + 1}" stroke-dasharray="2 2"/>'


def _tick(value: int, bottom: int, scale: float) -> str:
    x, kind = LABEL + value * scale, "one" if value == 1 else "grid"
    line = f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>'
    return f'{line}<text class="soft" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{value}×</text>'


def _caption(title: str, bottom: int) -> str:
    return f'<text class="soft" x="{LABEL}" y="{bottom + 34}">{title}</text>'


def _legend() -> str:
    parts, x = [], LABEL
    for kind, name in (("theirs", "transformers at its best"), ("plain", "chiasm"), ("best", "chiasm at its best")):
        parts.append(f'<rect class="{kind}" x="{x}" y="6" width="11" height="11" rx="2"/>')
        parts.append(f'<text x="{x + 16}" y="16">{name}</text>')
        x += 32 + int(6.4 * len(name))
    parts.append(f'<line class="goal" x1="{x + 6}" x2="{x + 6}" y1="4" y2="19" stroke-dasharray="2 2"/>')
    parts.append(f'<text x="{x + 16}" y="16">must, target</text>')
    return "".join(parts)
