"""The command: `python -m benchmarks.gpu`, `--quick`, `--only decode`; `--dry` runs everything tiny on the host."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
from rich.console import Console

from benchmarks import machine, report, result
from benchmarks.gpu import language, pairs, training, vision
from benchmarks.gpu.device import CUDA, HOST, Site, clock, rates
from benchmarks.race import race
from benchmarks.workload import Workload

# Those of one model follow each other, so that it is made once.
WORKLOADS: tuple[Workload, ...] = (*language.WORKLOADS, *vision.WORKLOADS, *training.WORKLOADS)
ROUNDS, QUICK_ROUNDS, DRY_ROUNDS = 9, 5, 1
MINUTES = 8.0
"""What is begun by then ends within ten."""
NO_DEVICE = """no CUDA device: torch.cuda.is_available() is false.
Run this on a machine with an NVIDIA GPU and a build of torch for it (torch.version.cuda is not None there),
or run every workload at tiny sizes on this machine, measuring nothing: python -m benchmarks.gpu --dry"""


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"few workloads, {QUICK_ROUNDS} rounds, nothing compiled")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="workloads whose names contain one of these")
    parser.add_argument("--list", action="store_true", help="names and titles of all workloads")
    parser.add_argument("--dry", action="store_true", help="tiny sizes on the host: shows that everything runs")
    parser.add_argument("--no-compile", action="store_true", help="leave out what torch.compile makes")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help="begin no workload after these; default %(default)s"
    )
    parser.add_argument("--out", type=Path, help="the JSON file; `-`: none. Default: benchmarks/results/GPU.json")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 where a workload failed or a contestant was refused, 2 without a device."""
    options = arguments(words)
    console = Console() if sys.stdout.isatty() else Console(width=140)
    if options.list:
        for workload in WORKLOADS:
            console.print(f"{workload.name:20} {workload.title}")
        return 0
    if not options.dry and not torch.cuda.is_available():
        sys.stderr.write(NO_DEVICE + "\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="chiasm-bench-") as folder:
        site = _site(options, Path(folder))
        console.print(f"{site.device}, {_title(site)}; product {site.rates['product'] / 1e12:.4g} TFLOP/s, "
                      f"copy {site.rates['copy'] / 1e12:.4g} TB/s")  # fmt: skip
        run = _run(options, site, console)
    report.summary(run, console)
    if str(options.out) != "-" and not (options.dry and options.out is None):
        slug = re.sub(r"[^a-z0-9]+", "-", _title(site).lower()).strip("-")
        file = options.out or machine.ROOT / "benchmarks/results" / f"gpu-{slug}{'-quick' * options.quick}.json"
        result.write(run, file)
        console.print(f"written: {file}")
    return 1 if report.failures(run) else 0


def _site(options: argparse.Namespace, folder: Path) -> Site:
    compiled = not (options.quick or options.no_compile or options.dry)
    dtype, device = ("fp32", HOST) if options.dry else ("bf16", CUDA)
    settings: dict[str, Any] = {"device": device, "dry": options.dry}
    torch.manual_seed(0)
    found = rates(Site(dtype, torch.get_num_threads(), options.quick, compiled, folder, **settings))
    return Site(dtype, torch.get_num_threads(), options.quick, compiled, folder, **settings, rates=found)


def _title(site: Site) -> str:
    return "the host, dry" if site.dry else torch.cuda.get_device_name(site.device)


def _run(options: argparse.Namespace, site: Site, console: Console) -> result.Report:
    begun, results, missing = time.perf_counter(), [], []
    rounds = DRY_ROUNDS if site.dry else QUICK_ROUNDS if options.quick else ROUNDS
    for workload in WORKLOADS:
        if options.only and not any(part in workload.name for part in options.only):
            continue
        if options.quick and not (workload.quick or options.only):
            continue
        if (spent := time.perf_counter() - begun) > options.minutes * 60:
            missing.append({"name": workload.name, "reason": f"not begun after {spent / 60:.1f} minutes"})
            continue
        if site.dry:
            workload = replace(workload, goals=())
        start = time.perf_counter()
        most = min(rounds, workload.rounds or rounds)
        results.append(race(workload, site, rounds=most, flags=(), timer=clock(site.device)))
        report.show(results[-1], console)
        console.print(f"  [dim]{time.perf_counter() - start:.0f} s[/]\n")
    pairs.forget()
    return result.Report(_machine(site), {"quick": options.quick, "only": options.only}, results, missing)


def _machine(site: Site) -> dict[str, Any]:
    here = machine.describe(site.threads)
    cuda = {"name": _title(site), "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    return {**here, "device": cuda, "ceilings": dict(site.rates)}


if __name__ == "__main__":
    sys.exit(main())
