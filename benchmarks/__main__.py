"""The command: `python -m benchmarks --quick`, `python -m benchmarks --only decode-b8 --dtype both`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import torch
from rich.console import Console

from benchmarks import machine, report, result
from benchmarks.race import judged, race, together
from benchmarks.workload import DTYPES, Missing, Setting, Workload
from benchmarks.workloads import MISSING, WORKLOADS
from benchmarks.workloads.decode import TOGETHER

ROUNDS, QUICK_ROUNDS = 9, 3
HALF = "avx512_bf16"
"""Without it half precision is emulated: slow, and nothing to claim."""


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"few workloads, {QUICK_ROUNDS} rounds, nothing compiled")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="workloads whose names contain one of these")
    parser.add_argument("--list", action="store_true", help="names and titles of all workloads")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--dtype", choices=("fp32", "bf16", "both"), help="default: bf16 too where the processor has it"
    )
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}; fewer where a workload takes minutes")
    parser.add_argument("--no-compile", action="store_true", help="leave out what torch.compile makes")
    parser.add_argument("--out", type=Path, help="the JSON file; `-`: none. Default: benchmarks/results/MACHINE.json")
    parser.add_argument("--merge", action="store_true", help="keep what an earlier run wrote of other workloads")
    parser.add_argument("--keep", type=Path, help="a folder where references stay for the next run")
    return parser.parse_args(words)


def chosen(options: argparse.Namespace, dtypes: Sequence[str]) -> Iterator[tuple[Workload, str]]:
    """Workloads and precisions to run."""
    for workload in WORKLOADS:
        named = options.only is None or any(part in workload.name for part in options.only)
        if named and (workload.quick or not options.quick or options.only):
            yield from ((workload, dtype) for dtype in workload.dtypes if dtype in dtypes)


def main(words: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 where a workload failed or a contestant was refused."""
    options, console = arguments(words), _console()
    if options.list:
        for workload in WORKLOADS:
            console.print(f"{workload.name:32} {workload.title}")
        return 0
    torch.set_num_threads(options.threads)
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(machine.ROOT / ".chiasm/benchmarks/inductor"))
    here = machine.describe(options.threads)
    flags = here["processor"]["flags"]
    dtypes = ("fp32", "bf16") if options.dtype == "both" else (options.dtype,)
    if options.dtype is None:
        dtypes = ("fp32", "bf16") if HALF in flags else ("fp32",)
    names = tuple({"fp32": "float32", "bf16": "bfloat16"}[name] for name in dtypes)
    here["ceilings"] = machine.ceilings(names)
    console.print(f"{here['processor']['model']}, {', '.join(flags)}; threads {options.threads}; {here['versions']}")
    console.print(f"{here['ceilings']}")
    settings = {"quick": options.quick, "only": options.only, "dtypes": dtypes, "compiled": _compiles(options)}
    run = result.Report(here, settings, _run(options, dtypes, flags, console), [_missing(one) for one in MISSING])
    report.summary(_in_order(run), console)
    _write(run, options, console)
    return 1 if report.failures(run) else 0


def _console() -> Console:
    """As wide as the terminal; where there is none, as wide as the tables."""
    return Console() if sys.stdout.isatty() else Console(width=140)


def _compiles(options: argparse.Namespace) -> bool:
    return not (options.quick or options.no_compile)


def _missing(one: Missing) -> dict[str, str]:
    return {"name": one.name, "reason": one.reason}


def _run(
    options: argparse.Namespace, dtypes: Sequence[str], flags: Sequence[str], console: Console
) -> list[result.Result]:
    results = []
    with tempfile.TemporaryDirectory(prefix="chiasm-bench-") as folder:
        for workload, dtype in chosen(options, dtypes):
            setting = Setting(dtype, options.threads, options.quick, _compiles(options), options.keep or Path(folder))
            most = QUICK_ROUNDS if options.quick else ROUNDS
            rounds = options.rounds or min(most, workload.rounds or most)
            start = time.perf_counter()
            raced = race(workload, setting, rounds=rounds, flags=flags)
            results.append(replace(raced, took=time.perf_counter() - start))
            report.show(results[-1], console)
            console.print(f"  [dim]{results[-1].took:.0f} s[/]\n")
    return results


def _in_order(run: result.Report) -> result.Report:
    """As the suite lists them, held against today's goals, and decoding of eight rows also together."""
    flags = run.machine["processor"]["flags"]
    found = {(one.name, one.dtype): one for one in run.results}
    pairs = [(one, found[one.name, dtype]) for one in WORKLOADS for dtype in DTYPES if (one.name, dtype) in found]
    results = [judged(workload.goals, one, flags) for workload, one in pairs]
    return replace(run, results=[*results, *together("decode-b8", results, TOGETHER, flags)])


def _write(run: result.Report, options: argparse.Namespace, console: Console) -> None:
    if str(options.out) == "-":
        return
    name = machine.slug(run.machine["processor"], options.threads) + "-quick" * options.quick
    file = options.out or machine.ROOT / "benchmarks/results" / f"{name}.json"
    if options.merge and file.is_file():
        run = result.merged(result.read(file), run)
    run = _in_order(run)
    result.write(run, file)
    console.print(f"written: {file}")


if __name__ == "__main__":
    sys.exit(main())
