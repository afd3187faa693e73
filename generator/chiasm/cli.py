"""The `chiasm` command: a terminal in, an exit code out. What editors and hooks call does not wait for typer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from chiasm import exits, helping

SWITCHES = {
    "--check": ("check", True),
    "--force": ("force", True),
    "--site": ("site", True),
    "--no-site": ("site", False),
    "--html": ("html", True),
    "--no-html": ("html", False),
}
FORMATS = frozenset({"full", "concise", "json", "sarif", "github"})


def main() -> None:
    """Entry point of the `chiasm` command."""
    arguments = sys.argv[1:]
    if (checked := plain_check(arguments)) is not None:
        _check(*checked)
    elif (built := plain_build(arguments)) is not None:
        _build(built)
    elif helping.is_asked(arguments):
        helping.help_(arguments, _verb)
    else:
        _verb()


def _verb() -> None:
    from chiasm.verbs import app

    app()


def plain_check(arguments: Sequence[str]) -> tuple[tuple[Path, ...], str] | None:
    """Paths and format of `check PATH… [--format NAME]`, read as the verb reads them; None for all else."""
    if arguments[:1] != ["check"]:
        return None
    rest, form = list(arguments[1:]), "full"
    while "--format" in rest[:-1]:
        at = rest.index("--format")
        form = rest[at + 1]
        del rest[at : at + 2]
    if form not in FORMATS or any(one.startswith("-") for one in rest):
        return None
    return tuple(map(Path, rest)), form


def plain_build(arguments: Sequence[str]) -> dict[str, bool] | None:
    """The switches of `build`, read as the verb reads them; None for all else."""
    if arguments[:1] != ["build"] or not SWITCHES.keys() >= set(arguments[1:]):
        return None
    return {"check": False, "force": False, "site": True, "html": True} | dict(SWITCHES[one] for one in arguments[1:])


@exits.guarded
def _build(switches: dict[str, bool]) -> int:
    from chiasm.commands import build

    return build.run(**switches)


@exits.guarded
def _check(paths: tuple[Path, ...], form: str) -> int:
    from chiasm.commands import check

    return check.run(paths, format=form, fix=False, show_unjudged=False)


if __name__ == "__main__":
    main()
