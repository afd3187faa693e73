"""Measures the compiler: a folder to work in and how much to do in, results out. Every command is a whole process."""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compiler import base
from benchmarks.compiler.goals import figure
from benchmarks.compiler.process import MEGA, Run, chiasm, inside
from benchmarks.result import Figure, Result

BUILD = ("build", "--no-html")
PAGE = "knowledge/surveys/topic-00007.md"
SHIPPED = "knowledge/models/llava.md"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a run does. Goals are claimed for the sizes that they speak of."""

    documents: int = 1_000
    many: int = 10_000
    architectures: int = 1_000
    rounds: int = 9
    builds: int = 3


QUICK = Size(documents=200, many=0, architectures=12, rounds=5, builds=2)


def start_up(work: Path, size: Size) -> Result:
    """What somebody waits for who types a command, or whose editor does; in the shipped base."""
    folder = work / "shipped"
    base.write(folder, 0)
    chiasm(folder, *BUILD)
    page = (SHIPPED,)
    runs: dict[str, list[Run]] = {"help": [], "cold": [], "warm": []}
    for _ in range(size.rounds):
        runs["help"].append(chiasm(folder, "--help"))
        shutil.rmtree(folder / ".chiasm", ignore_errors=True)
        runs["cold"].append(chiasm(folder, "check", *page))
        chiasm(folder, "check", *page)
        runs["warm"].append(chiasm(folder, "check", *page))
    again = json.loads(inside(folder, "recheck", SHIPPED).said)
    return _result(
        "start-up",
        "whole process, shipped base; the editor's in one process",
        size.rounds,
        [
            figure("--help, ms", _ms(runs["help"])),
            figure("check one page, cold, ms", _ms(runs["cold"])),
            figure("check one page, warm, ms", _ms(runs["warm"])),
            figure("check again in the editor, ms", [1e3 * one for one in again]),
            figure("check one page, cold, peak MB", [one.peak / MEGA for one in runs["cold"]]),
        ],
    )


def pages(work: Path, size: Size) -> Result:
    """A base of survey pages: from nothing to packages and the site's pages, again, and after an edit."""
    folder = work / "pages"
    base.write(folder, size.documents)
    claimed = size.documents == Size().documents
    cold, same, edited, html = [], [], [], []
    for number in range(size.builds):
        forget(folder)
        cold.append(chiasm(folder, *BUILD))
        same += [chiasm(folder, *BUILD) for _ in range(3)]
        for step in range(3):
            base.edit(folder, PAGE, 10 * number + step)
            edited.append(chiasm(folder, *BUILD))
    html.append(chiasm(folder, "build"))
    speed = json.loads(inside(folder, "parse").said)
    return _result(
        "pages",
        f"{size.documents:,} pages, {_bytes(folder) / 1e6:.1f} MB: parse, check, packages and site pages, without HTML",
        size.builds,
        [
            figure("cold build, s", _s(cold), claimed=claimed),
            figure("nothing changed, s", _s(same), claimed=claimed),
            figure("one page changed, s", _s(edited), claimed=claimed),
            figure("cold build, processor s", [one.cpu for one in cold]),
            figure("cold build, peak MB", [one.peak / MEGA for one in cold]),
            figure("MkDocs on top, after one change, s", _s(html)),
            figure("parser, MB/s", speed),
        ],
    )


def many(work: Path, size: Size) -> Result:
    """Ten times as many pages: is it ten times as long?"""
    small, large = work / "thousand", work / "many"
    base.write(small, size.many // 10)
    base.write(large, size.many)
    few, lots = chiasm(small, *BUILD), chiasm(large, *BUILD)
    same = [chiasm(large, *BUILD) for _ in range(3)]
    return _result(
        "many pages",
        f"{size.many:,} pages, {_bytes(large) / 1e6:.0f} MB",
        1,
        [
            figure("10,000 pages, s", [lots.seconds]),
            figure("10,000 pages, peak MB", [lots.peak / MEGA], of="largest process"),
            figure("10,000 pages over 1,000, times", [lots.seconds / few.seconds]),
            figure("10,000 pages, nothing changed, s", _s(same)),
        ],
    )


def emission(work: Path, size: Size) -> Result:
    """Packages: one after another in one process, and a base that consists of them."""
    folder = work / "architectures"
    base.architectures(folder, size.architectures)
    claimed = size.architectures == Size().architectures
    build = ("build", "--no-site")
    cold = chiasm(folder, *build)
    same = [chiasm(folder, *build) for _ in range(3)]
    page = min((folder / "knowledge/models").glob("acer-*.md")).relative_to(folder).as_posix()
    edited = []
    for number in range(3):
        base.edit(folder, page, number)
        edited.append(chiasm(folder, *build))
    few = work / "few"
    base.architectures(few, min(size.architectures, 24))
    one = json.loads(inside(few, "emit").said)
    return _result(
        "architectures",
        f"{size.architectures:,} systems that each compile to a package",
        1,
        [
            figure("one architecture, ms", [1e3 * second for second in one]),
            figure("1,000 architectures, cold, s", [cold.seconds], claimed=claimed),
            figure("1,000 architectures, nothing changed, s", _s(same), claimed=claimed),
            figure("1,000 architectures, one edited, s", _s(edited), claimed=claimed),
            figure("architectures, peak MB", [cold.peak / MEGA], of="largest process"),
        ],
    )


def determinism(work: Path, size: Size) -> Result:
    """The same base built with several hash seeds and numbers of workers."""
    found = []
    for number, (seed, workers) in enumerate((("0", "1"), ("1", "2"), ("424242", "3"))):
        folder = work / f"same-{number}"
        base.write(folder, min(size.documents, 200))
        chiasm(
            folder, *BUILD, environment={"PYTHONHASHSEED": seed, "CHIASM_WORKERS": workers, "TZ": f"Etc/GMT+{number}"}
        )
        found.append(digests(folder))
    differing = {path for one in found for path in one.keys() | found[0].keys() if one.get(path) != found[0].get(path)}
    name = "files that differ between hash seeds and workers"
    return _result(
        "determinism",
        f"{len(found[0]):,} files, built three times with seeds 0, 1, 424242 and 1, 2, 3 workers",
        3,
        [figure(name, [float(len(differing))])],
    )


TASKS: Sequence[Callable[[Path, Size], Result]] = (start_up, pages, emission, determinism, many)


def forget(folder: Path) -> None:
    """Removes everything that was made, the cache included."""
    for name in (".chiasm", "generated"):
        shutil.rmtree(folder / name, ignore_errors=True)


def digests(folder: Path) -> dict[str, str]:
    """Everything that a build makes: packages, manifest and the site's pages, by path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        for path in sorted(_made(folder))
    }


def _made(folder: Path) -> Iterator[Path]:
    for name in ("generated", ".chiasm/site-src/docs"):
        yield from (path for path in (folder / name).rglob("*") if path.is_file())


def _result(name: str, title: str, rounds: int, figures: Sequence[Figure]) -> Result:
    return Result(name, title, "", rounds, "s", figures=figures)


def _ms(runs: Sequence[Run]) -> list[float]:
    return [1e3 * one.seconds for one in runs]


def _s(runs: Sequence[Run]) -> list[float]:
    return [one.seconds for one in runs]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "knowledge").rglob("*.md"))


def median(runs: Sequence[Run]) -> float:
    """Seconds of the run in the middle."""
    return statistics.median(one.seconds for one in runs)
