"""Says what paths ask about: pages of a base, pages in our grammar from elsewhere, files of anybody."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.commands import project
from chiasm.exits import FINDINGS, USAGE, Stop
from chiasm.regex import regex

if TYPE_CHECKING:
    from chiasm.foreign import File
    from chiasm.source import Source

TYPED = Path("-")
"""Asks about what comes in by standard input, which is called SHOWN."""
SHOWN = "<stdin>"
FOLDERS = ("models", "concepts", "surveys", "drops")
OURS = regex(r"^[ \t]*\|?[ \t]*\[[^\]\n]+\]\([^)\s]*\bconcepts/([\w-]+)\.md#([\w-]+)[^)\n]*\)", re.MULTILINE)
"""A table whose first header cell links the definition of a kind: nobody else writes that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be judged."""

    root: Path
    """The folder that holds the `knowledge/` that it is judged against."""
    own: bool
    """That is the reader's own project, not what was installed with chiasm."""
    base: bool
    """The base itself is asked about: the pages `names` name, all where there are none."""
    names: tuple[str, ...] = ()
    """Pages and folders of the base from its root, those from elsewhere under the path that they would have there."""
    extra: dict[str, Source] = field(default_factory=dict)
    """Pages in our grammar from elsewhere, by the path given."""
    foreign: tuple[File, ...] = ()

    @property
    def moved(self) -> dict[str, str]:
        """Paths in the base of pages from elsewhere, and the paths given."""
        return {read.path: given for given, read in self.extra.items()}


def asked(paths: Sequence[Path]) -> Asked:
    """What the paths name; none ask about the project, or about the working directory where there is no project."""
    typed = TYPED in paths
    paths = [path for path in paths if path != TYPED]
    for path in paths:
        if not path.exists():
            raise Stop(f"no such file or folder: {path}", USAGE)
    root, own = project.base(paths)
    if typed and not paths:
        return Asked(root, own, base=False, foreign=_typed())
    if not paths:
        if own:
            return Asked(root, own=True, base=True)
        paths = [Path()]
    base = root.resolve() / "knowledge"
    names: list[str] = []
    others: list[Path] = []
    for path in paths:
        here = path.resolve()
        if here.is_relative_to(base):
            names.append(here.relative_to(base.parent).as_posix())
            continue
        if own and base.is_relative_to(here):
            names.append("knowledge")
        others.append(path)
    extra, foreign = _sorted_out(others, root if own else None)
    foreign += _typed() if typed else ()
    names += [read.path for read in extra.values()]
    if not (names or foreign):
        hint = "pages are knowledge/**/*.md" if own else "give a Markdown file, or a folder that holds some"
        raise Stop("there are no pages to check", USAGE, hint=hint)
    return Asked(root, own, bool(names), tuple(dict.fromkeys(names)), extra, foreign)


def _typed() -> tuple[File, ...]:
    """What comes in by standard input: a file that lies nowhere."""
    from chiasm.foreign import File

    return (File(SHOWN, "", str(Path.cwd()), named=True, data=sys.stdin.buffer.read()),)


def _sorted_out(paths: Sequence[Path], root: Path | None) -> tuple[dict[str, Source], tuple[File, ...]]:
    """Files that are no pages of the base: those in our grammar, and the others."""
    if not paths:
        return {}, ()
    from chiasm.foreign import gathered
    from chiasm.source import Source, source

    extra: dict[str, Source] = {}
    foreign: list[File] = []
    kept = [f"{root.resolve()}/{folder}/" for folder in ("knowledge", "generated", ".chiasm")] if root else []
    for file in gathered(paths):
        if not file.named and any(file.real.startswith(folder) for folder in kept):
            continue
        read = file.read()
        if not isinstance(read, Source) or not _ours(read.text):
            foreign.append(file)
            continue
        real = Path(file.real)
        folder = real.parent.name if real.parent.name in FOLDERS else "models"
        page = source(f"knowledge/{folder}/{real.name}", read.text.encode())
        if not isinstance(page, Source):
            raise Stop(f"{file.shown}: {page.message}", FINDINGS, hint=page.help)
        extra[file.shown] = page
    return extra, tuple(foreign)


def _ours(text: str) -> bool:
    """Whether a page is written in our grammar: one of its tables is about a kind that we know."""
    found = OURS.findall(text) if "concepts/" in text else []
    if not found:
        return False
    from chiasm.spec import registry

    known = {kind.anchor for kind in registry.known()}
    return any(f"{page}#{anchor}" in known for page, anchor in found)
