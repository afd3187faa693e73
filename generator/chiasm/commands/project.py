"""Finds what a command works on: the project above the working directory, or the knowledge base that chiasm ships."""

from __future__ import annotations

from pathlib import Path

from chiasm.exits import USAGE, Stop
from chiasm.source import find_root

PACKAGE = Path(__file__).parents[1]


def root() -> Path:
    """The project's root; ends the command where there is none."""
    found = find_root(Path.cwd())
    if found is None:
        hint = "run this inside a project: a folder with knowledge/ in it, as a clone of chiasm is"
        raise Stop("there is no knowledge/ here or above", USAGE, hint=hint)
    return found


def knowledge() -> Path:
    """The folder that holds `knowledge/`: the project's, else the one that was installed with chiasm."""
    found = find_root(Path.cwd())
    if found is not None:
        return found
    for folder in (PACKAGE, PACKAGE.parent.parent):  # the wheel's copy, or the clone of an editable install
        if (folder / "knowledge").is_dir():
            return folder
    raise Stop("this installation carries no knowledge base", USAGE, hint="run this inside a project")


def theme(base: Path) -> Path:
    """The hand-written half of the site: the project's own, else the one that was installed with chiasm."""
    folders = (base / "site", PACKAGE / "theme", PACKAGE.parent.parent / "site")
    return next(folder for folder in folders if (folder / "mkdocs.yml").is_file())
