"""Measures what happens within one process: a task's name in, its seconds as JSON out.

python -m benchmarks.compiler.inside emit     one architecture after another, from its spec to its formatted files
python -m benchmarks.compiler.inside parse    megabytes of pages a second, parsed with spans
python -m benchmarks.compiler.inside recheck PAGE   an edit of a page after another, judged as an editor would
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROUNDS = 9


def emit() -> list[float]:
    """Seconds of each system that compiles: plan, render, format, map; the first ones have warmed what is shared."""
    from chiasm.cache import Cache
    from chiasm.emitting import files_of
    from chiasm.knowledge import knowledge
    from chiasm.planning.decide import plan

    seconds: list[float] = []
    kept = Cache(Path(tempfile.mkdtemp(prefix="chiasm-bench-")))
    for spec in tuple(knowledge(Path.cwd()).graph.specs.values()):
        start = time.perf_counter()
        planned, _ = plan(spec)
        if planned:
            files_of([planned], kept)
            seconds.append(time.perf_counter() - start)
    return seconds[4:]


def parse() -> list[float]:
    """Megabytes a second of every round."""
    from chiasm import source
    from chiasm.document import parse as parsed

    pages, _ = source.read(Path.cwd(), source.PAGES)
    size = sum(len(page.text.encode()) for page in pages) / 1e6
    found = []
    for _ in range(3):
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        for page in pages:
            parsed(page)
        found.append(size / (time.perf_counter() - start))
        gc.enable()
    return found


def recheck(page: str) -> list[float]:
    """Seconds from an edited text to its findings, the base being known."""
    from benchmarks.compiler.base import edit
    from chiasm import pipeline

    root, seconds = Path.cwd(), []
    pipeline.check(root)
    for number in range(ROUNDS):
        edit(root, page, number)
        start = time.perf_counter()
        pipeline.check(root)
        seconds.append(time.perf_counter() - start)
    return seconds


TASKS: Mapping[str, Callable[..., list[float]]] = {"emit": emit, "parse": parse, "recheck": recheck}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
