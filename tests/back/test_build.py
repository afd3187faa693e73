"""The same pages make the same bytes, a changed number changes the lines that depend on it, and no others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chiasm import pipeline
from chiasm.changes import PackageChange
from chiasm.outcome import Outcome
from chiasm.pipeline import build
from tests.back.conftest import tree

Edit = Callable[[str, str, str], None]


def lines(package: PackageChange) -> set[tuple[str, str, str]]:
    """Sign, stripped code and claim of every changed line."""
    return {(line.sign, line.text.split("#")[0].strip(), line.claim) for file in package.files for line in file.lines}


def named(outcome: Outcome, name: str) -> PackageChange:
    return next(package for package in outcome.packages if package.name == name)


def test_four_packages_are_new_and_complete(built: tuple[Path, Outcome]) -> None:
    root, outcome = built
    assert {p.name: p.state for p in outcome.packages} == dict.fromkeys(("blip_2", "clip", "llava", "qwen3_vl"), "new")
    for name in ("blip_2", "clip", "llava", "qwen3_vl"):
        written = {path.name for path in (root / "generated" / name).iterdir()}
        assert (
            written >= {"__init__.py", "config.py", "model.py", "encoder.py", "alignment.py", "README.md"}
            or name == "llava"
        )
        assert "budget.py" in written
    assert outcome.counts.specs >= 16
    assert outcome.counts.documents > outcome.counts.specs


def test_building_again_touches_nothing(project: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (project / "generated").rglob("*")}
    outcome = build(project)
    assert {path: path.stat().st_mtime_ns for path in (project / "generated").rglob("*")} == before
    assert {package.state for package in outcome.packages} == {"unchanged"}


def test_an_unchanged_clean_project_is_known_without_reading_it_again(project: Path) -> None:
    assert build(project).diagnostics == ()
    code = (
        "import sys; from pathlib import Path; from chiasm.pipeline import build\n"
        "outcome = build(Path(sys.argv[1]))\n"
        "assert outcome.cached and outcome.counts.documents\n"
        "loaded = {'pydantic', 'markdown_it', 'jinja2', 'torch'} & sys.modules.keys()\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code, str(project)], check=True)


def test_check_knows_a_clean_project_too(project: Path, edit: Edit) -> None:
    counts = build(project).counts
    known = pipeline.remembered(project)
    assert known is not None
    assert known.counts == counts
    assert not known.diagnostics
    edit("models/clip.md", "\n## Encoder", "\nA paragraph more.\n\n## Encoder")
    assert pipeline.remembered(project) is None


def test_deleting_generated_and_building_gives_the_same_bytes(project: Path) -> None:
    before = tree(project)
    shutil.rmtree(project / "generated")
    shutil.rmtree(project / ".chiasm")
    build(project)
    assert tree(project) == before


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "3", "LC_ALL": "de_DE.UTF-8", "COLUMNS": "20", "HOME": "/nonexistent"},
    ],
    ids=["c", "turkish", "german"],
)
def test_bytes_do_not_depend_on_the_environment(project: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    before = tree(project)
    shutil.rmtree(project / "generated")
    shutil.rmtree(project / ".chiasm")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "ruff.toml").write_text("line-length = 40\n")
    (project / "ruff.toml").write_text("line-length = 40\n")
    code = "import sys; from pathlib import Path; from chiasm.pipeline import build; build(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(project)], check=True, cwd=elsewhere, env=os.environ | environment)
    assert tree(project) == before


def test_a_paragraph_more_changes_no_byte(project: Path, edit: Edit) -> None:
    before = tree(project)
    edit("models/llava.md", "\n## Encoder\n", "\nA paragraph that says nothing new.\n\nAnd another.\n\n## Encoder\n")
    outcome = build(project)
    assert tree(project) == before
    assert not [package for package in outcome.packages if package.state != "unchanged"]


def test_three_numbers_change_exactly_the_lines_that_depend_on_them(project: Path, edit: Edit) -> None:
    edit("models/llava.md", "| layers | 32 | 40 | 32 | 40 |", "| layers | 32 | 40 | 33 | 40 |")
    edit("models/llava.md", "| image_token | 32000 |", "| image_token | 32001 |")
    edit("models/llava.md", "| context | 4096 tokens | 4096 tokens |", "| context | 4096 tokens | 8192 tokens |")
    outcome = build(project)
    llava = named(outcome, "llava")
    assert [file.path for file in llava.files] == ["generated/llava/config.py"]
    layers, token = "llava:1.5-7b/language_model.layers", "llava/fusion.image_token"
    context = "llava:1.5-13b/language_model.context"
    assert lines(llava) == {
        ("+", "layers=33,", layers),
        ("-", "image_token=32_000,", token),
        ("+", "image_token=32_001,", token),
        ("-", "context=4096,", context),
        ("+", "context=8192,", context),
    }
    assert len(llava.files[0].lines) == 5, "a variant says what differs from the first, and all four share the token"
    assert {package.state for package in outcome.packages if package.name != "llava"} == {"unchanged"}
    figures = {(figure.variant, figure.what): (figure.before, figure.after) for figure in llava.figures}
    assert figures == {("1.5-7b", "parameters"): (7_063_427_072, 7_063_427_072 + 202_383_360)}
    refuted = {diagnostic.rule for diagnostic in outcome.diagnostics}
    assert "statement-refuted" in refuted, "numbers in prose that rest on the depth are false now"


def test_check_says_what_differs_and_writes_nothing(project: Path, edit: Edit) -> None:
    assert build(project, check=True).drift == ()
    before = tree(project)
    edit("models/clip.md", "| layers | 12 | 24 | 24 |", "| layers | 12 | 24 | 25 |")
    outcome = build(project, check=True)
    assert outcome.drift == (
        "generated/MANIFEST.json",
        "generated/clip/config.py",
        "generated/llava/config.py",
        "generated/llava/origins.json",
    )
    assert tree(project) == before


def test_a_page_that_is_not_understood_keeps_its_package(project: Path, edit: Edit) -> None:
    before = tree(project)
    edit("models/qwen3-vl.md", "| merge_size | 2 |", "| merge_size | two |")
    outcome = build(project)
    assert named(outcome, "qwen3_vl").state == "held"
    assert "bad-value" in {diagnostic.rule for diagnostic in outcome.diagnostics}
    assert tree(project) == before


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00", b"# Qwen3-VL\n"], ids=["empty", "binary", "title only"])
def test_a_ruined_page_loses_nothing_of_others(project: Path, content: bytes) -> None:
    before = tree(project)
    (project / "knowledge/models/qwen3-vl.md").write_bytes(content)
    outcome = build(project)
    assert outcome.diagnostics
    after = tree(project)
    assert {k: v for k, v in after.items() if "qwen3" not in k and "MANIFEST" not in k} == {
        k: v for k, v in before.items() if "qwen3" not in k and "MANIFEST" not in k
    }


def test_the_package_of_a_removed_page_goes(project: Path) -> None:
    (project / "knowledge/models/qwen3-vl.md").unlink()
    outcome = build(project)
    assert named(outcome, "qwen3_vl").state == "removed"
    assert not (project / "generated/qwen3_vl").exists()
    assert "qwen3" not in (project / "generated/MANIFEST.json").read_text()


def test_the_package_of_a_removed_page_stays_where_it_was_edited(project: Path) -> None:
    (project / "knowledge/models/qwen3-vl.md").unlink()
    target = project / "generated/qwen3_vl/model.py"
    target.write_text(target.read_text() + "# mine\n")
    outcome = build(project)
    assert outcome.edited == ("generated/qwen3_vl/model.py",)
    assert len(list((project / "generated/qwen3_vl").glob("*.py"))) > 10


def test_a_damaged_cache_is_as_good_as_none(project: Path, edit: Edit) -> None:
    before = tree(project)
    for number, entry in enumerate(sorted((project / ".chiasm/cache").iterdir())):
        data = entry.read_bytes()
        entry.write_bytes([b"", data[: len(data) // 2], b"\xff" + data, data.replace(b"e", b"f", 1)][number % 4])
    shutil.rmtree(project / "generated")
    build(project)
    assert tree(project) == before


def test_a_compiler_bug_is_no_finding(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chiasm.emitting.marked", lambda plan: ((f"generated/{plan.package}/model.py", "def"),))
    before = tree(project)
    page = project / "knowledge/models/llava.md"
    page.write_text(page.read_text().replace("# LLaVA", "# Our LLaVA", 1))
    with pytest.raises(RuntimeError, match=r"ruff|compile"):
        pipeline.build(project)
    assert tree(project) == before
