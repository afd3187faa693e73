"""The command: `python -m benchmarks.documents [--seed 1] [--count 700] [--kind digit …] [--json FILE] [--jobs 2]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.documents import page, report, run, traps
from benchmarks.documents.base import Base
from benchmarks.documents.edit import MUTATORS
from benchmarks.documents.outcome import false_alarms
from benchmarks.documents.planting import chosen

ROOT = Path(__file__).resolve().parents[2]


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.documents", description="Plants errors and counts them."
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed plants other errors (default 1)")
    parser.add_argument("--count", type=int, default=700, help="errors to plant (default 700)")
    parser.add_argument(
        "--kind", nargs="+", choices=sorted(MUTATORS), default=(), metavar="KIND", help="these kinds only"
    )
    parser.add_argument(
        "--class",
        dest="classes",
        nargs="+",
        choices=report.CLASSES,
        default=(),
        metavar="CLASS",
        help="these places only",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found out")
    parser.add_argument("--no-traps", action="store_true", help="leave the hand-written traps out")
    parser.add_argument("--save", action="store_true", help="keep the figures, and write the site's page")
    parser.add_argument("--page", action="store_true", help="write the site's page from the figures kept, and end")
    parser.add_argument("--kinds", action="store_true", help="list the kinds of errors, and end")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Plants, prints, writes; 1 where a goal is missed."""
    given = arguments(words)
    if given.kinds:
        for one in MUTATORS.values():
            print(f"{one.kind:22} {one.mistake}")
        return 0
    if given.page:
        _write_page()
        return 0
    base = Base(ROOT)
    alarms = false_alarms(base)
    edits = chosen(base, given.count, given.seed, given.kind, given.classes)
    planted = report.Planted(given.seed, run.outcomes(base, edits, given.jobs), alarms)
    sprung = () if given.no_traps or given.kind or given.classes else traps.sprung(base)
    print(report.text(planted, sprung))
    if given.json:
        given.json.write_text(json.dumps(report.data(planted, sprung), ensure_ascii=False, indent=1) + "\n")
    if given.save:
        page.RESULTS.parent.mkdir(parents=True, exist_ok=True)
        told = json.dumps(report.summary(planted, sprung), ensure_ascii=False, indent=1)
        page.RESULTS.write_text(told + "\n", encoding="utf-8")
        _write_page()
    return 1 if report.failed(planted, sprung) else 0


def _write_page() -> None:
    for path, text in page.written().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
