"""The compiler's benchmark: its bases are valid and always the same, and its verdicts follow its goals."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.compiler import base
from benchmarks.compiler.goals import GOALS, figure
from benchmarks.compiler.topics import PLANTED

from chiasm import pipeline

ROOT = Path(__file__).parents[2]
SHIPPED = sum(1 for _ in (ROOT / "knowledge").rglob("*.md"))


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def test_a_base_is_the_same_whatever_the_hash_seed(tmp_path: Path) -> None:
    made = []
    for seed in ("0", "1"):
        folder = tmp_path / seed
        command = [sys.executable, "-m", "benchmarks.compiler.base", str(folder), "--documents", "60"]
        subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        made.append(digest(folder))
    assert made[0] == made[1]


def test_a_base_has_as_many_pages_as_asked_for_and_only_the_planted_findings(tmp_path: Path) -> None:
    base.write(tmp_path, SHIPPED + 50)
    found = pipeline.check(tmp_path).diagnostics
    ours = [one for one in found if one.span.path.startswith("knowledge/surveys/topic-")]
    assert sum(1 for _ in (tmp_path / "knowledge").rglob("*.md")) == SHIPPED + 50
    assert [one.rule for one in ours] == ["broken-link"] * PLANTED
    assert [one for one in found if "/models/" in one.span.path and "Doe" in one.message] == []


def test_pages_are_as_long_as_those_that_they_stand_for(tmp_path: Path) -> None:
    base.write(tmp_path, SHIPPED + 200)
    sizes = [path.stat().st_size for path in (tmp_path / "knowledge/surveys").glob("topic-*.md")]
    assert 6_000 < sum(sizes) / len(sizes) < 7_500


def test_architectures_compile(tmp_path: Path) -> None:
    base.architectures(tmp_path, 2)
    outcome = pipeline.build(tmp_path)
    mine = [one for one in outcome.diagnostics if "-baba" in one.span.path]
    assert mine == []
    assert {"larix_baba", "acer_baba"} <= {package.name for package in outcome.packages}


def test_an_edit_is_the_same_again(tmp_path: Path) -> None:
    base.write(tmp_path, SHIPPED + 5, planted=0)
    page = tmp_path / "knowledge/surveys/topic-00001.md"
    base.edit(tmp_path, "knowledge/surveys/topic-00001.md", 1)
    first = page.read_bytes()
    base.edit(tmp_path, "knowledge/surveys/topic-00001.md", 2)
    assert page.read_bytes() != first
    base.edit(tmp_path, "knowledge/surveys/topic-00001.md", 1)
    assert page.read_bytes() == first


@pytest.mark.parametrize(
    ("values", "verdict"), [([50.0, 60.0, 70.0], "target"), ([120.0], "must"), ([400.0, 500.0], "missed")]
)
def test_a_figure_is_held_against_its_goal(values: list[float], verdict: str) -> None:
    assert GOALS["--help, ms"] == (150, 100)
    assert figure("--help, ms", values).verdict == verdict
    assert figure("--help, ms", values, claimed=False).verdict == "reported"
    assert figure("parser, MB/s", [2.0]).verdict == "target"
    assert figure("parser, MB/s", [1.0]).verdict == "missed"
