"""Files of anybody: how fast a folder of them is judged, whether time grows with size alone, and whether any breaks it.

`make fuzz` runs all three: hostile texts at two sizes, mutations of the shipped pages, a folder of thousands of files.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chiasm import pipeline
from chiasm.foreign import Judge, gathered, judged
from chiasm.graph import Graph

ROOT = Path(__file__).parents[1]
KILOBYTE = 1_000
GROWN = 3.0
"""Times as long as half of it that a text may take."""
NOISE = 0.05
"""Seconds below which nothing is compared."""
HOSTILE: dict[str, Callable[[int], str]] = {
    "words on one line": lambda n: "BLIP-2 has 32 queries and 188M parameters, " * (n // 43),
    "numbers on one line": lambda n: "576 " * (n // 4),
    "names on one line": lambda n: "LLaVA-1.5 CLIP BLIP-2 Qwen3-VL " * (n // 31),
    "ratios on one line": lambda n: "BLIP-2: 8× from 257 to 32 tokens, " * (n // 34),
    "one letter": lambda n: "a" * n,
    "one digit": lambda n: "9" * n,
    "digits and commas": lambda n: "1," * (n // 2),
    "opening brackets": lambda n: "[" * n,
    "images": lambda n: "![" * (n // 2),
    "links": lambda n: "[a](b.md#c) " * (n // 12),
    "links to nowhere": lambda n: "[a](#zebra) " * (n // 12),
    "headings": lambda n: "# BLIP-2\n\n" * (n // 10),
    "emphasis": lambda n: "*a **b " * (n // 7),
    "backticks": lambda n: "".join("`" * (i % 50) + "a" for i in range(n // 25)),
    "quotes in quotes": lambda n: "> " * (n // 2) + "a",
    "lists in lists": lambda n: "- " * (n // 2) + "a",
    "quotation marks": lambda n: '"BLIP-2 has ' * (n // 12),
    "tags": lambda n: "<a <b " * (n // 6),
    "comments": lambda n: "<!-- " * (n // 5),
    "a wide table": lambda n: (
        "| BLIP-2 " * (n // 30) + "|\n" + "|---" * (n // 30) + "|\n" + "| 64 queries " * (n // 30)
    ),
    "a long table": lambda n: "| model | tokens |\n|---|---|\n" + "| BLIP-2 | 32 |\n" * (n // 16),
    "a table of attributes": lambda n: (
        "# BLIP-2\n\n| property | value |\n|---|---|\n" + "| layers | 12 |\n" * (n // 15)
    ),
    "rows of one system": lambda n: (
        "| model | size | tokens |\n|---|---|---|\n" + "".join(f"| LLaVA-1.5 | {i}B | {i} |\n" for i in range(n // 26))
    ),
    "keys in a block": lambda n: "# BLIP-2\n\n```json\n" + '{"patch_size": 14, ' * (n // 20) + "\n```",
    "blocks of code": lambda n: "# BLIP-2\n\n" + "```yaml\npatch_size: 14\n```\n\n" * (n // 32),
    "lists below a component": lambda n: "# LLaVA\n\n## Vision encoder\n\n" + "- Hidden size: 1024\n" * (n // 20),
    "definitions": lambda n: "".join(f"[a{i}]: b{i}.md\n" for i in range(n // 14)),
    "citations": lambda n: "[@li2023blip2] 32 queries of BLIP-2. " * (n // 37),
    "mathematics": lambda n: "$$ x " * (n // 5),
    "entities": lambda n: "&amp;" * (n // 5),
    "short sentences": lambda n: "BLIP-2 is here. It has 64 queries. " * (n // 35),
    "empty lines": lambda n: "\n" * n,
}


def seconds(judge: Judge, folder: Path, text: str) -> float:
    """How long a text takes, by the processor's clock; the better of two."""
    page = folder / "x.md"
    page.write_text(text, encoding="utf-8")
    (file,) = gathered([page])
    best = float("inf")
    for _ in range(2):
        begun = time.process_time()
        if bug := judge.report(file).bug:
            sys.exit(f"{text[:40]!r}…: {bug}")
        best = min(best, time.process_time() - begun)
    return best


def hostile(graph: Graph, folder: Path, size: int) -> Iterator[tuple[str, float, float]]:
    """Each kind of text at half the size and at the size."""
    judge = Judge(graph)
    judge.warm()
    for name, make in HOSTILE.items():
        yield name, seconds(judge, folder, make(size // 2)), seconds(judge, folder, make(size))


def mutations(graph: Graph, folder: Path, count: int, seed: int) -> None:
    """Judges pages of the base with pieces of them cut out, doubled, swapped and damaged."""
    judge, chance = Judge(graph), random.Random(seed)
    pages = [path.read_bytes() for path in sorted((ROOT / "knowledge").rglob("*.md"))]
    page = folder / "mutated.md"
    for _ in range(count):
        whole = chance.choice(pages)
        at = sorted(chance.sample(range(len(whole)), 4))
        part = bytearray(whole[at[0] : at[1]] + whole[at[2] : at[3]] + whole[at[1] : at[2]])[:6000]
        for _ in range(chance.randrange(8)):
            part[chance.randrange(len(part))] = chance.randrange(256)
        page.write_bytes(part)
        if bug := judge.report(next(gathered([page]))).bug:
            kept = Path(tempfile.gettempdir()) / "chiasm-fuzz.md"
            kept.write_bytes(part)
            sys.exit(f"{kept} breaks it: {bug}")


def folder_of(folder: Path, count: int) -> int:
    """Writes so many files, each a part of a page of the base under other words; their bytes."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "knowledge").rglob("*.md"))]
    total = 0
    for number in range(count):
        text = texts[number % len(texts)][number % 7 * 500 :][:8000] + f"\n\nFile {number}.\n"
        page = folder / f"{number // 100:03}" / f"{number:05}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        total += len(text.encode())
    return total


def rate(graph: Graph, folder: Path, count: int) -> tuple[float, float]:
    """Megabytes, and the seconds that judging a folder of so many files takes one process."""
    size = folder_of(folder, count)
    begun = time.process_time()
    for report in judged(list(gathered([folder])), graph):
        if report.bug:
            sys.exit(f"{report.path}: {report.bug}")
    return size / 1e6, time.process_time() - begun


def main() -> None:
    """Prints what was measured; ends with 1 where time grows faster than size."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=100, help="kilobytes of a hostile text")
    options.add_argument("--count", type=int, default=2000, help="mutated pages")
    options.add_argument(
        "--files", type=int, default=1000, help="files of the smaller folder; the larger has ten times"
    )
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--quick", action="store_true", help="smaller texts, fewer mutations and files")
    given = options.parse_args()
    quick = 5 if given.quick else 1
    graph = pipeline.known(ROOT)
    slow = []
    with tempfile.TemporaryDirectory() as name:
        for kind, half, whole in hostile(graph, Path(name), given.size * KILOBYTE // quick):
            grown = whole / max(half, 1e-6)
            slow += [kind] if grown > GROWN and whole > NOISE else []
            print(f"{kind:<22} {half * 1e3:8.1f} ms {whole * 1e3:8.1f} ms  ×{grown:.2f}")
        mutations(graph, Path(name), given.count // quick, given.seed)
        print(f"{given.count // quick} mutated pages: nothing broke")
        for count in (given.files // quick, given.files // quick * 10):
            size, took = rate(graph, Path(name) / str(count), count)
            print(f"{count} files, {size:.1f} MB: {took:.1f} s, {size / took:.2f} MB/s a core")
    if slow:
        sys.exit(f"grows faster than its size: {', '.join(slow)}")


if __name__ == "__main__":
    main()
