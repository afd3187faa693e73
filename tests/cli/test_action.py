"""The GitHub Action and the pre-commit hooks: their YAML is read, and their commands run in a repository."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PAGE = """# Notes

Words about [the notes](#second).

## Second

More.
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project with one page and one commit, which lacks a line that the working tree has."""
    (tmp_path / "project" / "knowledge" / "surveys").mkdir(parents=True)
    root = tmp_path / "project"
    (root / "chiasm.toml").touch()
    page = root / "knowledge" / "surveys" / "notes.md"
    page.write_text(PAGE, encoding="utf-8")
    for command in ("init --quiet", "add --all", "-c user.name=a -c user.email=a@b commit --quiet --message one"):
        subprocess.run(["git", *command.split()], cwd=root, check=True)
    page.write_text(PAGE.replace("#second", "#third"), encoding="utf-8")
    return root


def run(command: str, root: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """As a runner does: bash, which ends at the first failure."""
    scripts = str(Path(sys.executable).parent)
    known = os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"} | more
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
    return subprocess.run(shell, cwd=root, env=known, capture_output=True, text=True, check=False)


def step(name: str) -> dict[str, Any]:
    return next(one for one in STEPS if one.get("id") == name or one.get("name") == name)


def test_the_action_is_whole() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert {"name", "description", "inputs", "runs"} <= ACTION.keys()
    assert all(("run" in one) != ("uses" in one) for one in STEPS)
    assert all(one["shell"] == "bash" for one in STEPS if "run" in one)
    used = {one["uses"] for one in STEPS if "uses" in one}
    workflow = yaml.safe_load((ROOT / ".github/workflows/chiasm.yml").read_text(encoding="utf-8"))
    used |= {one["uses"] for job in workflow["jobs"].values() for one in job["steps"]}
    assert used == {"actions/setup-python@v5", "actions/checkout@v4", "github/codeql-action/upload-sarif@v3", "./"}


def test_no_text_of_a_pull_request_becomes_a_command() -> None:
    """An expression in a script would be pasted into it before bash reads it: they stand in `env` alone."""
    assert [one["name"] for one in STEPS if "${{" in one.get("run", "")] == []
    read = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert read == ACTION["inputs"].keys()


def test_its_steps_run(repository: Path, tmp_path: Path) -> None:
    files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    known = files | {"RUNNER_TEMP": str(tmp_path)}
    checked = run(step("check")["run"], repository, **known)
    assert checked.returncode == 0, checked.stderr
    assert "::error file=knowledge/surveys/notes.md,line=3" in checked.stdout
    found = json.loads((tmp_path / "chiasm.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert [one["ruleId"] for one in found] == ["broken-anchor"]
    assert run(step("build")["run"], repository, **known).returncode == 0
    told = run(step("diff")["run"], repository, BASE="HEAD", **known)
    assert told.returncode == 0, told.stderr
    assert Path(files["GITHUB_OUTPUT"]).read_text(encoding="utf-8").split() == ["code=1", "code=0", "code=0"]
    summary = Path(files["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert summary.startswith("<!-- chiasm diff -->\n### ❌ chiasm: 1 new error\n")
    assert run(step("Pass or fail")["run"], repository, CHECK="1", BUILD="").returncode == 1
    assert run(step("Pass or fail")["run"], repository, CHECK="0", BUILD="").returncode == 0


def test_a_base_that_is_not_there_is_no_failure(repository: Path, tmp_path: Path) -> None:
    files = {name: str(tmp_path / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    base = "0" * 40  # what a push of a new branch has for what was there before
    told = run(step("diff")["run"], repository, BASE=base, RUNNER_TEMP=str(tmp_path), **files)
    assert told.returncode == 0
    assert f"no commit '{base}' here" in told.stdout
    assert Path(files["GITHUB_OUTPUT"]).read_text(encoding="utf-8") == "code=2\n"


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_s_command_runs(hook: dict[str, Any], repository: Path) -> None:
    words = shlex.split(hook["entry"])
    assert words[0] == "chiasm"
    assert hook["language"] == "python"
    files = [] if hook.get("pass_filenames") is False else ["README.md"]
    (repository / "README.md").write_text("# Words\n\nNothing is said here.\n", encoding="utf-8")
    done = run(shlex.join([*words, *files]), repository)
    assert done.returncode in (0, 1, 3), done.stderr
    pattern = hook.get("files", "")
    assert not pattern or re.search(pattern, "knowledge/models/llava.md")


def test_every_hook_has_a_name_of_its_own() -> None:
    assert [one["id"] for one in HOOKS] == ["chiasm-check", "chiasm-check-markdown", "chiasm-build-check"]
