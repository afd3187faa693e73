"""The command: `python -m benchmarks.compiler [--quick] [--documents 1000] [--peers]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import machine, report, result
from benchmarks.compiler.peers import race
from benchmarks.compiler.tasks import QUICK, TASKS, Size


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiler", description="Times the compiler.")
    parser.add_argument("--quick", action="store_true", help="small bases, a few minutes; nothing is claimed")
    parser.add_argument("--documents", type=int, help="pages of the base (default 1,000)")
    parser.add_argument("--peers", action="store_true", help="documentation builders on the same pages")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="start_up, pages, emission, determinism, many")
    parser.add_argument(
        "--out", type=Path, help="the JSON file; `-`: none. Default: benchmarks/results/compiler-MACHINE.json"
    )
    parser.add_argument("--merge", action="store_true", help="keep what an earlier run wrote of other tasks")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Measures, prints, writes. A figure that misses its goal is a finding; a command that fails ends the run."""
    given = arguments(words)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    size = QUICK if given.quick else Size()
    size = replace(size, documents=given.documents) if given.documents else size
    here = described()
    cpu = here["processor"]
    console.print(f"{cpu['model']}, {cpu['cores']} cores; {here['versions']}")
    done: list[result.Result] = []
    with tempfile.TemporaryDirectory(prefix="chiasm-bench-") as folder:
        chosen = [task for task in TASKS if not given.only or task.__name__ in given.only]
        for task in [*chosen, *([race] if given.peers else [])]:
            if task.__name__ == "many" and not size.many:
                continue
            start = time.perf_counter()
            done.append(task(Path(folder), size))
            report.show(done[-1], console)
            console.print(f"  [dim]{time.perf_counter() - start:.0f} s[/]\n")
    run = result.Report(here, {"quick": given.quick, "documents": size.documents, "peers": given.peers}, done)
    report.summary(run, console)
    if str(given.out) != "-":
        file = given.out or _file(here, quick=given.quick)
        if given.merge and file.is_file():
            run = result.merged(result.read(file), run)
        result.write(run, file)
        console.print(f"written: {file}")
    return 0


def described() -> dict[str, Any]:
    """The machine, what was measured and with what."""
    names = ("markdown-it-py", "pydantic", "jinja2", "ruff", "typer")
    versions = {"python": sys.version.split()[0], **{name: version(name) for name in names}}
    return {"processor": machine.processor(), "versions": versions, "commit": machine.commit()}


def _file(here: dict[str, Any], *, quick: bool) -> Path:
    name = machine.slug(here["processor"], 1).removesuffix("-1thread")
    return machine.ROOT / "benchmarks/results" / f"compiler-{name}{'-quick' * quick}.json"


if __name__ == "__main__":
    sys.exit(main())
