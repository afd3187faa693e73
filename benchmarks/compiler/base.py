"""Writes a synthetic knowledge base: a folder, a number of pages and a seed in, the same bytes every time out.

The shipped base is its core (concept pages define the kinds, their sources stand in the bibliography); around it stand
survey pages of about 6.7 KB with headings, tables, lists, code, links, citations and numbers, and model pages, some of
which compile to packages. It passes `chiasm check` except for a few planted findings.

    python -m benchmarks.compiler.base FOLDER --documents 1000
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

from benchmarks.compiler.systems import System, page, system
from benchmarks.compiler.topics import PLANTED, source, topic

ROOT = Path(__file__).parents[2]
MODELS = 20
"""One page in so many describes a system,"""
PACKAGES = 100
"""and one in so many compiles to a package."""


def write(folder: Path, documents: int = 1_000, *, seed: int = 0, planted: int = PLANTED, shipped: Path = ROOT) -> None:
    """A project of so many pages in `folder`, `planted` of them with a finding."""
    core = _core(folder, shipped)
    fresh = max(documents - core, 0)
    made = [system(n, _family(n), seed) for n in range(fresh // MODELS)]
    topics = fresh - len(made)
    _bibliography(folder, made, topics)
    for one in made:
        _put(folder / one.path, page(one, seed))
    for number in range(topics):
        text = topic(number, topics, made, seed, planted=number < planted)
        _put(folder / f"knowledge/surveys/topic-{number:05}.md", text)


def architectures(folder: Path, count: int, *, seed: int = 0, shipped: Path = ROOT) -> None:
    """A project of the shipped base and `count` systems that each compile to a package."""
    _core(folder, shipped)
    made = [system(n, ("splice", "native")[n % 2], seed) for n in range(count)]
    _bibliography(folder, made, 0)
    for one in made:
        _put(folder / one.path, page(one, seed))


def edit(folder: Path, path: str, number: int) -> None:
    """Changes one page by a sentence; the same number makes the same page again."""
    target = folder / path
    text = target.read_text(encoding="utf-8").split("\n\nEdit ")[0].rstrip("\n")
    target.write_text(f"{text}\n\nEdit {number} of the benchmark adds this sentence.\n", encoding="utf-8")


def _family(number: int) -> str:
    """One system in `PACKAGES / MODELS` compiles, its two families in turn."""
    share = PACKAGES // MODELS
    return ("splice", "native")[number // share % 2] if number % share == 0 else "described"


def _core(folder: Path, shipped: Path) -> int:
    """Copies the shipped base; how many pages that is."""
    shutil.copytree(shipped / "knowledge", folder / "knowledge", dirs_exist_ok=True)
    (folder / "chiasm.toml").touch()
    return sum(1 for _ in (folder / "knowledge").rglob("*.md"))


def _bibliography(folder: Path, made: Sequence[System], topics: int) -> None:
    path = folder / "knowledge/sources.bib"
    random = Random(0)
    entries = [source(key, random) for one in made for key in one.keys]
    entries += [source(f"note-{number:05}", random) for number in range(topics // 5 + 1)] if topics else []
    path.write_text(path.read_text(encoding="utf-8") + "\n" + "\n".join(entries), encoding="utf-8")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Writes the base that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--architectures", type=int, default=0, help="instead: so many systems that compile")
    parser.add_argument("--planted", type=int, default=PLANTED, help="pages with a finding")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.architectures:
        architectures(given.folder, given.architectures, seed=given.seed)
    else:
        write(given.folder, given.documents, seed=given.seed, planted=given.planted)


if __name__ == "__main__":
    main()
