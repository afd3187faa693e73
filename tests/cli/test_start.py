"""What somebody waits for: which libraries a command imports before it answers, and help that says what is declared."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from chiasm.cli import SWITCHES, plain_build, plain_check
from chiasm.verbs import Format, app
from tests.cli.test_cli import ROOT, built, chiasm, edit, project

__all__ = ["built", "edit", "project"]
HEAVY = {"pydantic", "markdown_it", "rich", "typer", "jinja2", "torch", "bibtexparser"}
PAGE = "knowledge/models/llava.md"


def imported(cwd: Path, *arguments: str, kept: Path | None = None) -> set[str]:
    """Heavy libraries in the process when a command ends; `kept` is where it may keep what it makes of its own code."""
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('LOADED', *sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr))\n"
        f"sys.argv = ['chiasm', *{arguments!r}]\nfrom chiasm.cli import main\nmain()\n"
    )
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = known | {"PYTHONPYCACHEPREFIX": str(kept)} if kept else None
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False, env=env)
    assert done.returncode in (0, 1), done.stderr
    return set(done.stderr.rpartition("LOADED")[2].split())


def test_help_imports_typer_and_nothing_else(tmp_path: Path) -> None:
    """And only once: then it is known what typer says."""
    assert imported(ROOT, "--help", kept=tmp_path) == {"typer"}
    assert imported(ROOT, "--help", kept=tmp_path) == set()


@pytest.mark.parametrize(
    "arguments", [("--help",), ("-h",), ("check", "--help"), ("nothing", "-h"), ("check", "x", "-h")]
)
def test_kept_help_is_what_typer_says(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = set()
    for columns in ("60", "100"):
        env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPYCACHEPREFIX": str(tmp_path), "COLUMNS": columns}
        straight = [sys.executable, "-c", "import sys; from chiasm.verbs import app; app(sys.argv[1:], 'chiasm')"]
        ours = [sys.executable, "-c", "import sys; sys.argv[0] = 'chiasm'; from chiasm.cli import main; main()"]
        for command in (straight, ours, ours):
            done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False, env=env)
            said.add((columns, done.returncode, done.stdout, done.stderr))
    assert len(said) == 2


@pytest.mark.parametrize("arguments", [("check", PAGE), ("check",), ("check", PAGE, "--format", "json")])
def test_a_check_of_what_was_built_imports_no_library(project: Path, arguments: tuple[str, ...]) -> None:
    chiasm("build", "--no-site", cwd=project)
    assert imported(project, *arguments) == set()


def test_a_first_check_of_a_page_validates_by_no_library(project: Path, tmp_path: Path) -> None:
    """What kinds take is known after the first run of all; a bibliography of plain entries needs no parser."""
    for expected in ({"pydantic", "markdown_it"}, {"markdown_it"}):
        shutil.rmtree(project / ".chiasm", ignore_errors=True)
        assert imported(project, "check", PAGE, kept=tmp_path) == expected


def test_a_remembered_check_says_what_a_fresh_one_says(project: Path) -> None:
    edit(project, "models/llava.md", "| layers | 32 | 40 | 32 | 40 |", "| layers | 32 | 40 | 33 | 40 |")
    fresh = chiasm("check", PAGE, cwd=project)
    chiasm("build", "--no-site", cwd=project)
    again = chiasm("check", PAGE, cwd=project)
    assert fresh.returncode == again.returncode == 1
    assert (fresh.stdout, fresh.stderr) == (again.stdout, again.stderr)
    assert imported(project, "check", PAGE) == set()


def test_help_says_what_is_declared() -> None:
    command = get_command(app)
    said = " ".join(chiasm("--help").stdout.split())
    for name, verb in command.commands.items():  # type: ignore[attr-defined]
        assert f"{name} {' '.join((verb.help or '').split())}" in said
        for parameter in verb.params:
            words = " ".join(chiasm(name, "--help").stdout.split())
            assert all(option in words for option in parameter.opts if option.startswith("-"))
            assert " ".join((getattr(parameter, "help", "") or "").split()) in words


@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (["check"], ((), "full")),
        (["check", "a.md", "b"], ((Path("a.md"), Path("b")), "full")),
        (["check", "--format", "json", "a.md"], ((Path("a.md"),), "json")),
        (["check", "a.md", "--format", "nonsense"], None),
        (["check", "a.md", "--format"], None),
        (["check", "--fix"], None),
        (["check", "-h"], None),
        (["check", "--format=json"], None),
        (["build"], None),
        ([], None),
    ],
)
def test_only_a_plain_check_is_read_without_typer(arguments: list[str], read: object) -> None:
    assert plain_check(arguments) == read


def test_plain_formats_are_the_declared_ones() -> None:
    assert all(plain_check(["check", "--format", form.value]) for form in Format)


def test_plain_switches_are_the_declared_ones() -> None:
    (verb,) = (one for name, one in get_command(app).commands.items() if name == "build")  # type: ignore[attr-defined]
    declared = {option for one in verb.params for option in (*one.opts, *one.secondary_opts)}
    assert declared - {"-h", "--help"} == SWITCHES.keys()
    for one in verb.params:
        if one.name != "help":
            assert plain_build(["build"]) is not None
            assert (plain_build(["build"]) or {})[one.name] == one.default
    assert plain_build(["build", "--no-html", "--check"]) == {
        "check": True,
        "force": False,
        "site": True,
        "html": False,
    }
    assert plain_build(["build", "--help"]) is None
    assert plain_build(["build", "x"]) is None
