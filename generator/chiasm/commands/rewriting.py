"""Mends files of anybody where that is certain: findings in; their files with single numbers replaced, or a diff, out.

Only a number is ever replaced, by the one number that it can only be, in the manner in which it was written. Files keep
their encoding, endings of lines and rights; those that are reached through a link, or are no UTF-8, are left alone.
"""

from __future__ import annotations

import difflib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.diagnostic import Fix
from chiasm.reporting.fix import fixed

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.foreign import File

CERTAIN = frozenset({"plain-number-refuted"})
"""Rules whose findings name the one true number."""
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?[kMBT%]?")
EXPECTED = re.compile(r"expected (\S+)")
MARK = b"\xef\xbb\xbf"


def mended(files: Sequence[File], found: Iterable[Diagnostic]) -> int:
    """Write what is certain into files that were named; how many numbers there were."""
    done = 0
    for file, raw, fixes in _mendable(files, found):
        target = Path(file.real)
        staged = target.with_name(f".{target.name}.chiasm")
        try:
            staged.write_bytes(_rewritten(raw, fixes))
            staged.chmod(target.stat().st_mode & 0o7777)
            staged.replace(target)
        except OSError:
            staged.unlink(missing_ok=True)
            continue
        done += len(fixes)
    return done


def preview(files: Sequence[File], found: Iterable[Diagnostic]) -> Iterator[tuple[int, str]]:
    """What mending would do to each file: how many numbers, and the difference as `git apply` takes it."""
    for file, raw, fixes in _mendable(files, found):
        before, after = (text.decode().splitlines(keepends=True) for text in (raw, _rewritten(raw, fixes)))
        lines = (
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(before, after, f"a/{file.shown}", f"b/{file.shown}")
        )
        yield len(fixes), "".join(lines)


def _mendable(files: Sequence[File], found: Iterable[Diagnostic]) -> Iterator[tuple[File, bytes, list[Fix]]]:
    """Files with something to mend, what they hold, and the fixes."""
    by_path = defaultdict[str, list["Diagnostic"]](list)
    for one in found:
        by_path[one.span.path].append(one)
    for file in files:
        here = by_path.get(file.shown, [])
        raw = _bytes(file) if any(one.rule in CERTAIN for one in here) else None
        if raw is not None and (fixes := list(_fixes(here, _lines(raw)))):
            yield file, raw, fixes


def _bytes(file: File) -> bytes | None:
    """A file's bytes, where they are plainly UTF-8 and stand where the path says."""
    if file.data is not None or Path(file.shown).is_symlink() or os.path.realpath(file.real) != file.real:
        return None
    try:
        raw = Path(file.real).read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError):
        return None
    # A lone carriage return ends a line for us and for no editor.
    return None if "\r" in text.replace("\r\n", "\n") or "\0" in text else raw


def _lines(raw: bytes) -> Sequence[str]:
    return raw.removeprefix(MARK).decode().replace("\r\n", "\n").split("\n")


def _fixes(found: Sequence[Diagnostic], lines: Sequence[str]) -> Iterator[Fix]:
    """A number each, on lines where nothing else is refuted of the same system: there the system may be the mistake."""
    several = Counter((one.span.line, path) for one in found for path in _about(one))
    doubted = {one.span.line for one in found if one.rule not in CERTAIN}
    for one in found:
        line = lines[one.span.line - 1] if one.span.line <= len(lines) else ""
        text, expected = line[one.span.column - 1 : one.span.end - 1], EXPECTED.fullmatch(one.mark)
        alone = one.span.line not in doubted and all(several[one.span.line, path] == 1 for path in _about(one))
        sure = one.rule in CERTAIN and not one.ignored and alone
        if sure and expected and NUMBER.fullmatch(text) and NUMBER.fullmatch(expected[1]):
            new = _as_written(text, expected[1])
            if new and f"write {expected[1]}," in f"{one.help},":
                yield Fix(one.span, new)


def _about(one: Diagnostic) -> frozenset[str]:
    """The pages of the base that a finding rests on."""
    return frozenset(label.span.path for label in one.labels)


def _as_written(text: str, expected: str) -> str:
    """The number in the manner of another: with or without commas, with the same letter; "" where that cannot be."""
    if text[-1].isalpha() or text[-1] == "%" or not expected[-1].isdigit():
        return expected if text[-1] == expected[-1] else ""
    grouped = "," in text or len(text) <= len("999")
    return expected if grouped else expected.replace(",", "")


def _rewritten(raw: bytes, fixes: Iterable[Fix]) -> bytes:
    """The bytes with fixes applied; a mark and endings of lines stay."""
    mark = MARK if raw.startswith(MARK) else b""
    return mark + fixed(raw.removeprefix(MARK).decode(), fixes).encode()
