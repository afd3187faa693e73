"""`chiasm diff`: what edits of the documents do to models and verdicts, since a revision of git."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, FINDINGS, USAGE, Stop

if TYPE_CHECKING:
    from chiasm.diffing.change import Report
    from chiasm.diffing.git import Revision
    from chiasm.diffing.sides import Files

BASE = "HEAD"
TREE = "working tree"


class Asked(NamedTuple):
    """What is compared: `new` is None for the files as they stand; `paths` from the root, none for all."""

    old: Revision
    new: Revision | None
    paths: tuple[str, ...]


def run(arguments: Sequence[str], *, form: str, exit_code: bool = False) -> int:
    """Print what differs; 0 whatever that is, with `exit_code` 1 where anything follows."""
    from chiasm.diffing.git import GitError

    root = project.root()
    try:
        report = _report(root, _asked(arguments, root))
    except GitError as error:
        raise Stop(str(error), USAGE, hint=error.hint) from None
    _print(report, form)
    return FINDINGS if exit_code and not report.empty else CLEAN


def _print(report: Report, form: str) -> None:
    if form == "json":
        from chiasm.diffing.record import record

        console.stream(record(report))
    elif form == "markdown":
        from chiasm.diffing.markdown import markdown

        console.stream(markdown(report))
    else:
        from chiasm.diffing.text import full

        for line, style in full(report):
            console.say(line, style)


def _report(root: Path, asked: Asked) -> Report:
    from chiasm.diffing.compare import compare
    from chiasm.diffing.sides import both, limited, standing

    old = _files(root, asked.old.commit)
    new = _files(root, asked.new.commit) if asked.new else standing(root)
    if not old.pages and not new.pages:
        raise Stop("there are no pages to compare", USAGE, hint="pages are knowledge/**/*.md")
    if asked.paths:
        among = _among(asked.paths, {*old.digests, *new.digests})
        new = limited(old, new, among)
    names = (_called(asked.old), _called(asked.new) if asked.new else TREE)
    return compare(*both(root, old, new), names)


def _files(root: Path, commit: str) -> Files:
    from chiasm.diffing.git import files
    from chiasm.diffing.sides import Files
    from chiasm.source import PAGES, SUPPORT

    return Files.of(*files(root, commit, PAGES, *SUPPORT))


def _called(one: Revision) -> str:
    return one.name if one.commit.startswith(one.name) else f"{one.name} ({one.short})"


def _among(paths: Sequence[str], known: set[str]) -> Callable[[str], bool]:
    def among(path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") or one == "." for one in paths)

    for one in paths:
        if not any(path == one or path.startswith(f"{one}/") or one == "." for path in known):
            hint = "pages are knowledge/**/*.md"
            raise Stop(f"{one} is no file of the knowledge base, then or now", USAGE, hint=hint)
    return among


def _asked(arguments: Sequence[str], root: Path) -> Asked:
    """A revision (or a range of two) first, where the first argument is one; the rest are paths."""
    from chiasm.diffing.git import inside, is_revision, revision

    inside(root)
    first, *rest = arguments or [BASE]
    as_path = _within(first, root)
    if ".." in first and not Path(first).exists():
        return Asked(*_range(first, root), tuple(_path(one, root) for one in rest))
    named = is_revision(root, first)
    if named and as_path is not None and Path(first).exists():
        hint = f"write ./{first} for the path, {first}^0 for the revision"
        raise Stop(f"{first!r} is a revision and a path", USAGE, hint=hint)
    if named:
        return Asked(revision(root, first), None, tuple(_path(one, root) for one in rest))
    if first and as_path is not None and (Path(first).exists() or first.endswith((".md", ".bib", ".json"))):
        return Asked(revision(root, BASE), None, tuple(_path(one, root) for one in arguments))
    return Asked(revision(root, first), None, ())


def _range(words: str, root: Path) -> tuple[Revision, Revision]:
    """`A..B`; of `A...B` the common ancestor and B. An end left out is HEAD."""
    from chiasm.diffing.git import common, revision

    first, dots, last = words.partition("...") if "..." in words else words.partition("..")
    old, new = (revision(root, name or BASE) for name in (first, last))
    return (common(root, old, new) if dots == "..." else old), new


def _within(name: str, root: Path) -> str | None:
    """A path from the root; None for one that leads elsewhere."""
    here = Path(name).absolute()
    try:
        resolved = here.parent.resolve() / here.name
        return resolved.relative_to(root.resolve()).as_posix()
    except (ValueError, OSError):
        return None


def _path(name: str, root: Path) -> str:
    found = _within(name, root)
    if found is None:
        raise Stop(f"{name} lies outside of the project", USAGE)
    return found
