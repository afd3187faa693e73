"""Writes the site's page of results: the committed JSON files in, `site/docs/performance.md` and drawings out.

`python -m benchmarks.page` writes them; a test holds that they are what the JSON says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from benchmarks.plot import groups, svg
from benchmarks.report import UNITS, goals, number
from benchmarks.result import Figure, Report, Result, read

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benchmarks/results", ROOT / "site/docs/performance.md"
TEMPLATE = Path(__file__).with_name("performance.md.j2")
BUSY = 0.5
"""A load at the start, in processes at work, from which on ratios hold, but times are longer than need be."""
BADGES = {"target": "proved", "must": "proved", "missed": "refuted", "reported": "reported"}


def page(reports: Mapping[str, Report]) -> str:
    """The page's Markdown, from reports by the name of their file."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Packages first, then the compiler.
    ordered = sorted(reports.items(), key=lambda item: ("documents" in item[1].settings, item[0]))
    shown = [_shown(name, report) for name, report in ordered]
    made: str = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(reports=shown)
    return made.rstrip() + "\n"


def _shown(name: str, report: Report) -> dict[str, Any]:
    return {
        "slug": name, "title": _title(report), "machine": _machine(report), "missing": report.missing,
        "drawing": svg(report, alone=False) if groups(report) else "", "goals": list(_goals(report.results)),
        "times": list(_times(report.results)), "counted": list(_counted(report.results)),
    }  # fmt: skip


def _title(report: Report) -> str:
    machine, threads = report.machine, report.machine.get("threads", 0)
    where: str = machine.get("device") or machine["processor"]["model"]
    if "documents" in report.settings:
        return f"The compiler on {where}"
    return where + f", {threads} thread{'s' if threads > 1 else ''}" * bool(threads)


def _machine(report: Report) -> str:
    machine = report.machine
    rates = "; ".join(f"{name} {number(rate)}" for name, rate in machine.get("ceilings", {}).items())
    versions = ", ".join(f"{name} {version}" for name, version in machine.get("versions", {}).items())
    flags = ", ".join(machine["processor"]["flags"])
    quick = "A quick run: fewer workloads and rounds, nothing compiled. " if report.settings.get("quick") else ""
    changed = " and changes" if machine["commit"]["changed"] else ""
    load = machine.get("load", 0)
    busy = f"It was at work otherwise, with a load of {load} at the start. " if load > BUSY else ""
    same_run = f"In the same run: {rates}. " if rates else ""
    return f"{quick}Flags: {flags}. {busy}{same_run}{versions}; commit {machine['commit']['id'][:10]}{changed}."


def _of(result: Result) -> dict[str, str]:
    return {"name": result.name + (f" · {result.dtype}" if result.dtype != "fp32" else ""), "title": result.title}


def _goals(results: Sequence[Result]) -> Any:
    for result in results:
        for f in result.figures:
            if not f.verdict:
                continue
            must, target = goals(f)
            shown = {"value": number(f.value), "range": _range(f), "must": must, "target": target}
            held = {"verdict": f.verdict, "badge": BADGES[f.verdict], "why": f.why}
            yield {**_of(result), "figure": f.name, "of": f.of, **shown, **held}


def _range(figure: Figure) -> str:
    return "" if figure.p10 is None or figure.p90 is None else f"{number(figure.p10)} – {number(figure.p90)}"


def _times(results: Sequence[Result]) -> Any:
    for result in results:
        scale = UNITS.get(result.unit, 1.0)
        for line in result.lines:
            row = {**_of(result), "contestant": line.name, "rounds": result.rounds}
            if line.refused:
                yield {**row, "median": "refused", "range": line.refused, "cpu": "", "ratio": ""}
                continue
            times = [number(scale * value) for value in (line.median, line.p10, line.p90, line.cpu)]
            shown = {"median": f"{times[0]} {result.unit}", "range": f"{times[1]} – {times[2]}", "cpu": times[3]}
            yield {**row, **shown, "ratio": f"{line.ratio:.2f}"}


def _counted(results: Sequence[Result]) -> Any:
    for result in results:
        for figure in result.figures:
            if figure.p10 is None:
                yield {**_of(result), "figure": figure.name, "value": number(figure.value)}


def written() -> dict[Path, str]:
    """Every file that follows from the committed results."""
    reports = {file.stem: read(file) for file in sorted(RESULTS.glob("*.json"))}
    drawings = {
        RESULTS / f"{name}.svg": svg(report, alone=True) + "\n" for name, report in reports.items() if groups(report)
    }
    return {PAGE: page(reports), **drawings}


if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
