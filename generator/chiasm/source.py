"""Reads files into sources: a project's root in, frozen texts with spans out. The only reader of the disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from chiasm.diagnostic import Diagnostic, Found
from chiasm.record import record
from chiasm.span import Span

__all__ = [
    "BIBLIOGRAPHY",
    "CONFIGURATION",
    "GENERATED",
    "LIMIT",
    "MARKERS",
    "PAGES",
    "SUPPORT",
    "Source",
    "Span",
    "find_root",
    "read",
    "source",
]

PAGES = "knowledge/**/*.md"
"""What is parsed."""
BIBLIOGRAPHY = "knowledge/sources.bib"
CONFIGURATION = "chiasm.toml"
SUPPORT = (BIBLIOGRAPHY, "knowledge/evidence/*.json", "knowledge/evidence/*/*.json", CONFIGURATION)
"""What pages rest on."""
GENERATED = ("generated/*/*.py", "generated/*/README.md", "generated/*/origins.json")
"""What was made of them: pages quote it, links lead to it."""

LIMIT = 20_000_000
"""Bytes of the largest file that is read."""

MARKERS = (CONFIGURATION, "pyproject.toml", ".git")
"""Beside `knowledge/`, any of these makes a folder a project's root."""


@record(frozen=True, slots=True)
class Source:
    """One text file: its path from the project's root (posix), its text with `\\n` endings, its content digest."""

    path: str
    text: str
    digest: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The text's lines without their endings; `Span.line` counts them from 1."""
        return tuple(self.text.split("\n"))


def find_root(start: Path) -> Path | None:
    """The project that `start` lies in: the nearest folder upwards that holds `knowledge/` and one of `MARKERS`.

    A folder with `knowledge/` and no marker is taken where nothing better lies above it.
    """
    here = start.resolve()
    folders = [folder for folder in (here, *here.parents) if (folder / "knowledge").is_dir()]
    marked = (folder for folder in folders if any((folder / marker).exists() for marker in MARKERS))
    return next(marked, folders[0] if folders else None)


def read(root: Path, *patterns: str) -> Found[tuple[Source, ...]]:
    """Reads the files under `root` that match the glob patterns, each once, sorted by path.

    A file that is not text, cannot be read, is too big, or lies outside the root gives a diagnostic instead.
    """
    base = root.resolve()
    sources: list[Source] = []
    wrong: list[Diagnostic] = []
    for name in _matching(base, patterns):
        found = _read(base, base / name, name)
        if isinstance(found, Source):
            sources.append(found)
        else:
            wrong.append(found)
    return tuple(sources), tuple(wrong)


def one(root: Path, name: str) -> Source | Diagnostic:
    """One file by its path from the root."""
    base = root.resolve()
    return _read(base, base / name, name)


def source(path: str, data: bytes) -> Source | Diagnostic:
    """Decodes one file's bytes: strict UTF-8, no byte order mark, `\\n` endings; else says where it is not text."""
    if len(data) > LIMIT:
        return _too_big(path, len(data))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(path, data, error.start)
    if (nul := text.find("\0")) >= 0:
        return _refusal(
            path,
            "file is binary",
            f"NUL at byte {len(text[:nul].encode())}",
            "keep only text here",
            _place(path, text[:nul]),
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Source(path, text, hashlib.blake2b(text.encode(), digest_size=16).hexdigest())


def anything(path: str, shown: str) -> Source | Diagnostic:
    """A file that nobody wrote for us, in whatever encoding it certainly is; `shown` is what the reader calls it."""
    try:
        # A pipe would make whoever opens it wait.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                return _refusal(_spelt(shown), "not a file", "", "give a file or a folder")
            if state.st_size > LIMIT:
                return _too_big(_spelt(shown), state.st_size)
            return source(_spelt(shown), _utf8(file.read(LIMIT + 1)))
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        return _refusal(_spelt(shown), f"file cannot be read: {reason}", "", "check the file and its permissions")


def given(data: bytes, shown: str) -> Source | Diagnostic:
    """A text that nobody wrote for us and that lies in no file; `shown` is what the reader calls it."""
    return source(_spelt(shown), _utf8(data))


def _spelt(path: str) -> str:
    """A path that can be printed."""
    return path.encode(errors="replace").decode()


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8, where it is UTF-16 by its mark, or can only be Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode("utf-16").encode()
    try:
        data.decode()
    except UnicodeDecodeError:
        if b"\0" not in data and CONTROLS.isdisjoint(data):
            with contextlib.suppress(UnicodeDecodeError):
                return data.decode("cp1252").encode()
    return data


CONTROLS = frozenset({*range(32), 127} - {9, 10, 11, 12, 13})
"""Bytes that no text in one of the world's eight-bit encodings holds."""


class Place(NamedTuple):
    """A file that is read when it is asked for."""

    base: Path
    path: str

    def read(self) -> Source | None:
        """The file; None where it is no text that may be read."""
        found = _read(self.base, self.base / self.path, self.path)
        return found if isinstance(found, Source) else None


def listing(root: Path, *patterns: str) -> dict[str, Place]:
    """The files under `root` that match the glob patterns, sorted by path; none is read."""
    base = root.resolve()
    return {name: Place(base, name) for name in _matching(base, patterns)}


def states(root: Path, *patterns: str) -> Iterator[tuple[str, os.stat_result]]:
    """What the system says about the files that match; none is read, and one that is gone is left out."""
    base = root.resolve()
    for name in _matching(base, patterns):
        with contextlib.suppress(OSError):
            yield name, os.stat(f"{base}/{name}", follow_symlinks=False)  # noqa: PTH116, thousands of them


def _matching(base: Path, patterns: tuple[str, ...]) -> list[str]:
    """Paths from the root of files and links that match, sorted."""
    found: set[str] = set()
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            msg = f"pattern {pattern!r} leaves the root"
            raise ValueError(msg)
        found.update(_matches(base, "", pattern.split("/")))
    return sorted(found)


def _matches(base: Path, below: str, parts: list[str]) -> Iterator[str]:
    """Files below a folder; `**` is any folders, links to folders are not entered."""
    head, *rest = parts
    try:
        entries = list(os.scandir(base / below))
    except OSError:
        return
    if head == "**":
        yield from _matches(base, below, rest)
    for entry in entries:
        path = f"{below}{entry.name}"
        if head == "**":
            if entry.is_dir(follow_symlinks=False):
                yield from _matches(base, f"{path}/", parts)
        elif fnmatchcase(entry.name, head):
            if rest:
                if entry.is_dir() and (not entry.is_symlink() or Path(entry).resolve().is_relative_to(base)):
                    yield from _matches(base, f"{path}/", rest)
            elif entry.is_symlink() or entry.is_file():
                yield path


def _read(base: Path, path: Path, name: str) -> Source | Diagnostic:
    try:
        name.encode()
    except UnicodeEncodeError:
        return _refusal(name.encode(errors="replace").decode(), "file name is not UTF-8", "", "rename the file")
    try:
        if path.is_symlink():
            target = path.resolve(strict=True)
            if not target.is_relative_to(base):
                return _refusal(name, "link leaves the project", "", "copy the file into the project")
            if not target.is_file():
                return _refusal(name, "not a file", "", "keep only files here")
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                return _refusal(name, "not a file", "", "keep only files here")
            return _too_big(name, state.st_size) if state.st_size > LIMIT else source(name, file.read())
    except IsADirectoryError:
        return _refusal(name, "not a file", "", "keep only files here")
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "links in a circle"
        return _refusal(name, f"file cannot be read: {reason.lower()}", "", "check the file and its permissions")


def _too_big(path: str, size: int) -> Diagnostic:
    return _refusal(path, f"file is larger than {LIMIT // 10**6} MB", f"{size:,} bytes", "split the page")


def _undecodable(path: str, data: bytes, start: int) -> Diagnostic:
    before = data[:start].decode("utf-8", errors="replace")
    message = (
        "file is binary" if b"\0" in data[:4096] and data[:2] not in (b"\xff\xfe", b"\xfe\xff") else "file is not UTF-8"
    )
    return _refusal(
        path, message, f"byte {start} is 0x{data[start]:02x}", "save the file as UTF-8", _place(path, before)
    )


def _place(path: str, before: str) -> Span:
    line = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    column = len(line[-1].removeprefix("\ufeff")) + 1
    return Span(path, len(line), column, column + 1)


def _refusal(path: str, message: str, mark: str, help_: str, span: Span | None = None) -> Diagnostic:
    return Diagnostic("unreadable-file", message, span or Span(path, 1), mark, help=help_)
