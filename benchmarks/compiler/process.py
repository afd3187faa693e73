"""Runs a command as a user does: words and a folder in; seconds, processor seconds, peak memory and exit code out."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEGA = 1 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. `peak` is the largest resident size of any one of its processes, in bytes."""

    seconds: float
    cpu: float
    peak: int
    code: int
    said: str


def run(words: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """The command, waited for; what it prints goes to a pipe, as in a hook."""
    start = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_ordinary(environment or {}),
    ) as process:
        said = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(
        seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, process.returncode, said.decode(errors="replace")
    )


def _ordinary(environment: Mapping[str, str]) -> dict[str, str]:
    """This environment, where Python may keep what it compiled: modules are not compiled anew each time."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {**environment}


def chiasm(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> Run:
    """The command line of this checkout; findings are an answer, anything else that is wrong ends the benchmark.

    Raises:
        RuntimeError: an exit code that is neither 0 nor 1, with what was said.
    """
    script = Path(sys.executable).with_name("chiasm")
    command: list[str | Path] = [script] if script.is_file() else [sys.executable, "-m", "chiasm"]
    done = run([*command, *words], folder, environment)
    if done.code not in (0, 1):
        raise RuntimeError(f"chiasm {' '.join(words)} ended with {done.code}:\n{done.said[-2000:]}")
    return done


def inside(folder: Path, what: str, *words: str) -> Run:
    """One of the measurements of `inside.py`, in a process of its own."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    done = run([sys.executable, "-m", "benchmarks.compiler.inside", what, *words], folder, {"PYTHONPATH": path})
    if done.code:
        raise RuntimeError(f"{what} ended with {done.code}:\n{done.said[-2000:]}")
    return done
