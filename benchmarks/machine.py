"""Where a figure was measured: processor, flags that matter, versions, commit, and the machine's own rates."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16", "sve")
"""What decides which kernels run."""
ROOT = Path(__file__).parents[1]


def processor() -> dict[str, Any]:
    """Model, cores and flags."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").is_file() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    present = flags[1].split() if flags else []
    return {
        "model": model[1].strip() if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "flags": [flag for flag in FLAGS if flag in present],
    }


def _capability() -> str:
    """What torch makes of the flags."""
    import torch  # noqa: PLC0415, what measures the compiler must stay small: its children's peaks begin at its own

    return torch.backends.cpu.get_cpu_capability()


def versions() -> dict[str, str]:
    """Of what was measured, and of what measured it."""
    names = ("torch", "transformers", "safetensors", "numpy", "pillow")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def commit() -> dict[str, Any]:
    """The commit, and whether the working tree differs from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "generated", "benchmarks", ":!benchmarks/results")
    return {"id": git("rev-parse", "HEAD"), "changed": bool(changed)}


def _rate(call: Callable[[], Any], work: float, rounds: int = 5) -> float:
    """Work a second of the quickest of a few calls."""
    call()
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return work / min(seconds)


def ceilings(dtypes: tuple[str, ...] = ("float32", "bfloat16")) -> dict[str, float]:
    """What the machine can do: GFLOP/s of a matrix product, GB/s of a copy and of a product with one row."""
    import torch  # noqa: PLC0415, likewise

    found: dict[str, float] = {}
    with torch.no_grad():
        for name in dtypes:
            dtype = getattr(torch, name)
            weight, x = torch.randn(2048, 2048).to(dtype), torch.randn(512, 2048).to(dtype)
            product = _rate(lambda w=weight, x=x: torch.nn.functional.linear(x, w), 2 * 512 * 2048**2 / 1e9)  # type: ignore[misc]
            tall = torch.randn(16_384, 2048).to(dtype)
            row = _rate(lambda w=tall, x=x[:1]: torch.nn.functional.linear(x, w), tall.nbytes / 1e9)  # type: ignore[misc]
            found |= {f"{name} matrix product, GFLOP/s": product, f"{name} one row, GB/s": row}
        source, target = torch.zeros(2**26), torch.zeros(2**26)
        found["copy, GB/s"] = _rate(lambda: target.copy_(source), 2 * source.nbytes / 1e9)
    return {name: round(rate, 1) for name, rate in found.items()}


def slug(cpu: dict[str, Any], threads: int) -> str:
    """A file's name that says where it was measured: `cpu-amd-epyc-avx2-1thread`."""
    words = re.sub(r"\(.*?\)|@.*|\b(cpu|processor|\d+-core)\b", " ", cpu["model"].lower())
    name = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    best = next((flag for flag in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if flag in cpu["flags"]), "")
    parts = ["cpu", name, best.replace("_", ""), f"{threads}thread{'s' if threads > 1 else ''}"]
    return "-".join(part for part in parts if part)


def describe(threads: int) -> dict[str, Any]:
    """Everything about here and now that a figure depends on; `load` is what ran already."""
    here = {**processor(), "capability": _capability()}
    load = round(os.getloadavg()[0], 1)
    return {"processor": here, "threads": threads, "load": load, "versions": versions(), "commit": commit()}


if __name__ == "__main__":
    import torch

    print(json.dumps({**describe(torch.get_num_threads()), "ceilings": ceilings()}, indent=2))
