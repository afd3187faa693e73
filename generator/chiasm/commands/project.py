"""Finds what a command works on: the project above the working directory, or the knowledge base that chiasm ships."""

from __future__ import annotations

from collections.abc import Sequence
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
    return _shipped() if found is None else found


def _shipped() -> Path:
    """The knowledge base that was installed with chiasm."""
    for folder in (PACKAGE, PACKAGE.parent.parent):  # the wheel's copy, or the clone of an editable install
        if (folder / "knowledge").is_dir():
            return folder
    raise Stop("this installation carries no knowledge base", USAGE, hint="run this inside a project")


def base(paths: Sequence[Path] = ()) -> tuple[Path, bool]:
    """The folder whose `knowledge/` files are held against, and whether that is the reader's own project.

    A project is looked for above the working directory, then above the first of `paths`; a folder that is only called
    `knowledge` makes none.
    """
    starts = (Path.cwd(), *(path.resolve() for path in paths[:1]))
    found = next((one for start in starts if (one := find_root(start)) and _has_pages(one)), None)
    return (found, True) if found else (_shipped(), False)


def _has_pages(root: Path) -> bool:
    parts = ("models", "concepts", "surveys", "drops", "sources.bib")
    return any((root / "knowledge" / part).exists() for part in parts)


def theme(base: Path) -> Path:
    """The hand-written half of the site: the project's own, else the one that was installed with chiasm."""
    folders = (base / "site", PACKAGE / "theme", PACKAGE.parent.parent / "site")
    return next(folder for folder in folders if (folder / "mkdocs.yml").is_file())
