"""Shows a report in a terminal: one table a workload, then every goal in one."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.result import Figure, Report, Result

MARKS = {"target": "[green]target[/]", "must": "[yellow]must[/]", "missed": "[red]missed[/]", "reported": "reported"}
UNITS = {"ms": 1e3, "s": 1.0}


def show(result: Result, console: Console) -> None:
    """One workload: contestants with their times, then figures."""
    console.print(
        f"[bold]{result.name}[/] · {result.dtype} · {result.title}" + f" · {result.rounds} rounds" * (result.rounds > 0)
    )
    if result.failed:
        console.print(f"  [red]failed:[/] {result.failed}")
        return
    if result.lines:
        console.print(_times(result))
    for figure in result.figures:
        console.print(f"  {figure.name} [bold]{number(figure.value)}[/]{_range(figure)}{_goal(figure)}")
    if result.note:
        console.print(f"  [dim]{result.note}[/]")


def _times(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("contestant")
    for name in (f"median {result.unit}", "p10 – p90", "cpu", "×", "error / allowed"):
        table.add_column(name, justify="right")
    scale = UNITS.get(result.unit, 1.0)
    for line in result.lines:
        error = "" if line.error is None or line.allowed is None else f"{line.error:.1e} / {line.allowed:.1e}"
        if line.refused:
            table.add_row(line.name, "[red]refused[/]", line.refused, "", "", error)
            continue
        times = [number(scale * x) for x in (line.median, line.p10, line.p90, line.cpu)]
        table.add_row(line.name, times[0], f"{times[1]} – {times[2]}", times[3], f"{line.ratio:.2f}", error)
    return table


def number(value: float) -> str:
    """Three digits that count."""
    if value and abs(value) < 1:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.{2 if abs(value) < 10 else 1}f}"


def _range(figure: Figure) -> str:
    between = "" if figure.p10 is None or figure.p90 is None else f" ({number(figure.p10)} – {number(figure.p90)})"
    return f"{between} [dim]{figure.of}[/]" if figure.of else between


def _goal(figure: Figure) -> str:
    if not figure.verdict:
        return ""
    must, target = goals(figure)
    said = ", ".join(f"{name} {goal}" for name, goal in (("must", must), ("target", target)) if goal)
    return f"  {said} → {MARKS[figure.verdict]}" + (f": {figure.why}" if figure.why else "")


def goals(figure: Figure) -> tuple[str, str]:
    """`must` and `target` as they are shown; nothing where there is none."""
    sign = "≥ " if figure.at_least else "≤ "
    must, target = ("" if goal is None else sign + number(goal) for goal in (figure.must, figure.target))
    return must, target


def summary(report: Report, console: Console) -> None:
    """Every figure that a goal is set for, in one table; what was refused, failed, or cannot be measured yet."""
    table = Table(box=box.SIMPLE_HEAD, title="goals", title_justify="left")
    for name in ("workload", "", "figure", "value", "p10 – p90", "must", "target", "holds"):
        table.add_column(name, justify="right" if name in ("value", "must", "target", "p10 – p90") else "left")
    for result in report.results:
        for f in result.figures:
            if not f.verdict:
                continue
            between = "" if f.p10 is None or f.p90 is None else f"{number(f.p10)} – {number(f.p90)}"
            table.add_row(result.name, result.dtype, f.name, number(f.value), between, *goals(f), MARKS[f.verdict])
    console.print(table)
    for result in report.results:
        for line in result.lines:
            if line.refused:
                console.print(f"[red]refused[/] {result.name} {result.dtype}: {line.name}: {line.refused}")
        if result.failed:
            console.print(f"[red]failed[/] {result.name} {result.dtype}: {result.failed}")
    for one in report.missing:
        console.print(f"[dim]no package yet: {one['name']}: {one['reason']}[/]")


def failures(report: Report) -> int:
    """Workloads that failed and contestants that were refused. A goal that is missed is a finding, not a failure."""
    refused = sum(bool(line.refused) for result in report.results for line in result.lines)
    return refused + sum(bool(result.failed) for result in report.results)
