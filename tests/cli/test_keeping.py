"""What is kept, held and mended, as a user meets it: suppressed findings, the ratchet, --diff, --show-unjudged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = "knowledge/surveys/notes.md"
TEXT = "# Notes\n\nSee [the encoder](../concepts/encodrs.md) of 1997, 12 widgets.\n"
KEPT = "# Notes\n\n<!-- chiasm: ignore[broken-link] written next week -->\nSee [it](../concepts/other.md).\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("surveys", "concepts"):
        (tmp_path / "knowledge" / name).mkdir(parents=True)
    (tmp_path / PAGE).write_text(TEXT, encoding="utf-8")
    (tmp_path / "knowledge/concepts/encoders.md").write_text("# Encoders\n\nAll of them.\n", encoding="utf-8")
    (tmp_path / "chiasm.toml").touch()
    return tmp_path


def chiasm(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chiasm", *arguments]
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "120"}
    )


@pytest.mark.parametrize("path", [(), (PAGE,)], ids=["base", "page"])
def test_a_comment_hides_a_finding_and_is_counted(project: Path, path: tuple[str, ...]) -> None:
    (project / PAGE).write_text(KEPT, encoding="utf-8")
    done = chiasm(project, "check", *path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.rstrip().endswith("1 suppressed")
    # The second time from what is remembered.
    whole = json.loads(chiasm(project, "check", *path, "--format", "json").stdout)
    assert [one["reason"] for one in whole["suppressed"]] == ["written next week"]


@pytest.mark.parametrize("path", [(), (PAGE,)], ids=["base", "page"])
def test_the_settings_hide_findings_too(project: Path, path: tuple[str, ...]) -> None:
    (project / "chiasm.toml").write_text('[check.ignore]\n"knowledge/**" = { broken-link = "soon" }\n')
    done = chiasm(project, "check", *path)
    assert (done.returncode, done.stdout) == (0, "")
    (project / "chiasm.toml").write_text('[check.ignroe]\n"knowledge/**" = { broken-link = "soon" }\n')
    assert "broken-link" in chiasm(project, "check", *path).stdout
    assert "did you mean `ignore`?" in chiasm(project, "check").stdout


def test_a_difference_is_shown_and_then_made(project: Path) -> None:
    done = chiasm(project, "check", "--diff")
    assert done.returncode == 1
    assert "-See [the encoder](../concepts/encodrs.md)" in done.stdout
    assert "+See [the encoder](../concepts/encoders.md)" in done.stdout
    assert "would fix 1 finding" in done.stderr
    assert (project / PAGE).read_text(encoding="utf-8") == TEXT
    assert chiasm(project, "check", "--fix").returncode == 0
    assert (project / PAGE).read_text(encoding="utf-8") == TEXT.replace("encodrs", "encoders")
    assert chiasm(project, "check", "--diff").returncode == 0


def test_what_is_kept_is_not_mended(project: Path) -> None:
    text = TEXT.replace("See", "<!-- chiasm: ignore[broken-link] its name will change -->\nSee")
    (project / PAGE).write_text(text, encoding="utf-8")
    assert chiasm(project, "check", "--fix").returncode == 0
    assert (project / PAGE).read_text(encoding="utf-8") == text


def test_numbers_that_were_left_are_listed(project: Path) -> None:
    done = chiasm(project, "check", "--show-unjudged")
    listed = [line for line in done.stdout.splitlines() if line.startswith(f"  {PAGE}:3:")]
    assert any("12" in line for line in listed)
    whole = json.loads(chiasm(project, "check", "--show-unjudged", "--format", "json").stdout)
    assert sum(one["count"] for one in whole["not_judged"]) == whole["verdicts"]["not judged"] > 0


def test_the_ratchet_holds(project: Path) -> None:
    (project / PAGE).write_text("# Notes\n\n12 widgets.\n", encoding="utf-8")
    (project / "chiasm.toml").write_text("[check]\nproved = 0.5\n", encoding="utf-8")
    done = chiasm(project, "check", "--ratchet")
    assert done.returncode == 1
    assert "error[ratchet]: 0.0% of all numbers are proved, 50.0% must be" in done.stdout
    assert (project / "chiasm.toml").read_text(encoding="utf-8") == "[check]\nproved = 0.5\n"
