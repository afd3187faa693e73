"""`chiasm diff` as a reader meets it: revisions, ranges and paths, what it refuses, and how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from chiasm.diffing.git import GitError, files, matches, revision
from chiasm.verbs import app

PAGE = """# Notes

Words about [the notes](#second).

## Second

More.
"""
NOTES = "knowledge/surveys/notes.md"


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Chiasm(Protocol):
    """`chiasm diff` with these arguments."""

    def __call__(self, *arguments: str) -> Done: ...


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def write(root: Path, text: str, path: str = NOTES) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two commits: a link that leads somewhere, then one that does not."""
    git(tmp_path, "init", "--quiet")
    write(tmp_path, PAGE)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "one")
    write(tmp_path, PAGE.replace("#second", "#third"))
    git(tmp_path, "commit", "--quiet", "--all", "--message", "two")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def chiasm(capsys: pytest.CaptureFixture[str]) -> Chiasm:
    """The command in this process."""

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            app(["diff", *arguments])
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.mark.usefixtures("project")
def test_nothing_differs(chiasm: Chiasm) -> None:
    done = chiasm("--exit-code")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "no file of the knowledge base differs"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("words", ["HEAD^", "HEAD~1..HEAD", "HEAD~1..", "HEAD~1...main"])
def test_a_revision_and_ranges(chiasm: Chiasm, words: str) -> None:
    done = chiasm(words)
    assert done.returncode == 0
    assert f"{NOTES} | +1 −1" in done.stdout
    assert f"{NOTES}:3:25: error[broken-anchor]" in done.stdout
    assert "1 new error" in done.stdout.splitlines()
    assert chiasm(words, "--exit-code").returncode == 1
    assert not Path(".chiasm").exists()


def test_a_range_backwards_and_from_a_common_ancestor(chiasm: Chiasm, project: Path) -> None:
    assert "findings that are gone" in chiasm("HEAD..HEAD^").stdout
    git(project, "branch", "side", "HEAD^")
    git(project, "checkout", "--quiet", "side")
    write(project, PAGE + "\nOn the side.\n")
    git(project, "commit", "--quiet", "--all", "--message", "side")
    # Since their ancestor the side did nothing to the link; beside main it mends it.
    assert "nothing follows" in chiasm("main...side").stdout
    assert "findings that are gone" in chiasm("main..side").stdout


def test_the_working_tree_and_some_paths(chiasm: Chiasm, project: Path) -> None:
    write(project, PAGE)
    write(project, "# More\n\nA [link](nowhere.md).\n", "knowledge/surveys/more.md")
    both = chiasm()
    assert "1 new error" in both.stdout
    assert "1 finding gone" in both.stdout
    for argument in (NOTES, f"./{NOTES}"):
        only = chiasm("HEAD", argument)
        assert "1 finding gone" in only.stdout
        assert "more.md" not in only.stdout
    assert "1 new error" in chiasm("knowledge/surveys/more.md").stdout
    assert chiasm("HEAD", "knowledge").stdout == both.stdout
    wrong = chiasm("HEAD", "knowledge/surveys/lost.md")
    assert wrong.returncode == 2
    assert "knowledge/surveys/lost.md is no file of the knowledge base, then or now" in wrong.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", ["lost", "--output=x", "-c", "HEAD\n--x", "HEAD:knowledge", "", "..lost"])
def test_what_is_no_revision(chiasm: Chiasm, name: str) -> None:
    done = chiasm("--", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no commit" in done.stderr or "no revision" in done.stderr
    assert "= help: " in done.stderr
    assert not Path("x").exists()


def test_a_name_of_a_revision_and_of_a_file(chiasm: Chiasm, project: Path) -> None:
    git(project, "tag", "knowledge")
    done = chiasm("knowledge")
    assert done.returncode == 2
    assert "write ./knowledge for the path, knowledge^0 for the revision" in done.stderr
    assert chiasm("./knowledge").returncode == chiasm("knowledge^0").returncode == 0


def test_outside_of_a_repository(chiasm: Chiasm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, PAGE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = chiasm()
    assert done.returncode == 2
    assert "the project is in no git repository" in done.stderr


def test_a_shallow_clone_says_what_to_fetch(chiasm: Chiasm, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(project, "clone", "--quiet", "--depth=1", f"file://{project}", "copy")
    monkeypatch.chdir(project / "copy")
    done = chiasm("HEAD^")
    assert done.returncode == 2
    assert "fetch-depth: 0" in done.stderr


def test_without_git(chiasm: Chiasm, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project))
    done = chiasm()
    assert done.returncode == 2
    assert "git is not installed" in done.stderr


@pytest.mark.usefixtures("project")
def test_its_formats(chiasm: Chiasm) -> None:
    made = json.loads(chiasm("HEAD^", "--format", "json").stdout)
    assert made["summary"] == ["1 new error"]
    assert made["pages"] == [{"path": NOTES, "state": "changed", "was": "", "added": 1, "removed": 1}]
    text = chiasm("HEAD^", "--format", "markdown").stdout
    assert text.startswith("<!-- chiasm diff -->\n### ❌ chiasm: 1 new error\n")
    assert chiasm("--format", "sarif").returncode == 2


def test_a_project_within_a_repository(chiasm: Chiasm, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, PAGE, f"deep/{NOTES}")
    write(project, "", "deep/chiasm.toml")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "three")
    write(project, PAGE + "\nMore.\n", f"deep/{NOTES}")
    monkeypatch.chdir(project / "deep" / "knowledge")
    assert f"  {NOTES} | +2 −0" in chiasm().stdout.splitlines()


def test_no_program_of_a_repository_is_run(chiasm: Chiasm, project: Path) -> None:
    script = project / "run.sh"
    script.write_text(f"#!/bin/sh\ntouch {project}/was-run\n", encoding="utf-8")
    script.chmod(0o755)
    (project / ".gitattributes").write_text("*.md diff=x filter=x\n", encoding="utf-8")
    for name in ("core.fsmonitor", "diff.x.textconv", "diff.external", "filter.x.smudge", "core.pager"):
        git(project, "config", name, str(script))
    assert chiasm("HEAD^").returncode == 0
    assert not (project / "was-run").exists()


def test_files_of_a_commit(project: Path) -> None:
    """As they stand on a disk: links within are read, others left out; what is no text is told."""
    write(project, "# One\n", "knowledge/models/one.md")
    (project / "knowledge/models/two.md").symlink_to("one.md")
    (project / "knowledge/models/out.md").symlink_to("/etc/hostname")
    (project / "knowledge/models/three.md").symlink_to("three.md")
    (project / "knowledge/models/raw.md").write_bytes(b"a\0b")
    write(project, "# ü\r\n", "knowledge/models/a b ü.md")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "more")
    found, wrong = files(project, revision(project, "HEAD").commit, "knowledge/**/*.md")
    texts = {one.path.removeprefix("knowledge/models/"): one.text for one in found}
    assert texts == {
        NOTES: PAGE.replace("#second", "#third"),
        "a b ü.md": "# ü\n",
        "one.md": "# One\n",
        "two.md": "# One\n",
    }
    assert [one.span.path for one in wrong] == ["knowledge/models/raw.md"]


def test_a_lost_object_is_told(project: Path) -> None:
    commit = revision(project, "HEAD^").commit
    blob = git(project, "rev-parse", f"HEAD^:{NOTES}").strip()
    (project / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match="lacks the object"):
        files(project, commit, "knowledge/**/*.md")


def test_patterns_are_those_of_the_reader() -> None:
    assert matches("knowledge/a.md", ["knowledge/**/*.md"])
    assert matches("knowledge/a/b/c.md", ["knowledge/**/*.md"])
    assert not matches("knowledge/a.bib", ["knowledge/**/*.md"])
    assert not matches("other/knowledge/a.md", ["knowledge/**/*.md"])
    assert matches("knowledge/sources.bib", ["knowledge/**/*.md", "knowledge/sources.bib"])
