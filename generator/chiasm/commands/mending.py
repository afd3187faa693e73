"""Mends what is safe to mend, or shows how: a base's findings in, its files changed, or a difference of texts, out."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.reporting.fix import fixed

if TYPE_CHECKING:
    from chiasm.diagnostic import Fix
    from chiasm.knowledge import Knowledge

Among = Callable[[str], bool]
"""Whether a file was asked about."""


def mend(base: Knowledge, among: Among, root: Path) -> int:
    """Apply the fixes of findings that nobody keeps; how many there were."""
    done = 0
    for path, fixes in _fixes(base, among).items():
        target = root / path
        if target.is_file():
            staged = target.with_name(f".{target.name}.chiasm")
            staged.write_text(fixed(_text(base, path), fixes), encoding="utf-8", newline="\n")
            staged.replace(target)
            done += len(fixes)
    return done


def preview(base: Knowledge, among: Among) -> Iterator[tuple[int, str]]:
    """What mending would do to each file: how many fixes, and the difference as `git apply` takes it."""
    for path, fixes in sorted(_fixes(base, among).items()):
        old = _text(base, path)
        before, after = (text.splitlines(keepends=True) for text in (old, fixed(old, fixes)))
        lines = (
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
        )
        yield len(fixes), "".join(lines)


def _fixes(base: Knowledge, among: Among) -> dict[str, list[Fix]]:
    found = defaultdict[str, list["Fix"]](list)
    for one in base.diagnostics:
        if one.fix and not one.ignored and among(one.fix.span.path):
            found[one.fix.span.path].append(one.fix)
    return {path: list(dict.fromkeys(fixes)) for path, fixes in found.items()}


def _text(base: Knowledge, path: str) -> str:
    return next((source.text for source in base.sources if source.path == path), "")
