"""Keeps what pure stages made: text in, the same text out for the same key; a damaged entry is as if it were not there.

A key is the digest of everything that goes in, the compiler included. Entries are text with a digest of their own,
never code: a cache that someone else filled can slow a build down and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDER = "cache"
LIMIT, SIZE = 20_000, 300_000_000
"""Entries and bytes that are kept; the oldest go first."""
FEW = 1_000
"""So few entries are not looked at one by one."""


class Cache:
    """A folder of texts by key; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @staticmethod
    def key(*parts: str) -> str:
        """The key of what these texts decide, with this compiler."""
        digest = hashlib.blake2b(compiler().encode(), digest_size=20)
        for part in parts:
            digest.update(b"%d\0" % len(part.encode()))
            digest.update(part.encode())
        return digest.hexdigest()

    def get(self, key: str) -> str | None:
        """The text kept under a key; None where there is none, or it is damaged."""
        if self._folder is None:
            return None
        try:
            head, _, text = (self._folder / key).read_bytes().decode().partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        return text if head == _digest(text) else None

    def put(self, key: str, text: str) -> None:
        """Keep a text; a full disk or a read-only folder is no reason to fail."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = self._folder / f"{key}.{os.getpid()}"
            partial.write_bytes(f"{_digest(text)}\n{text}".encode())
            partial.replace(self._folder / key)

    def trim(self) -> None:
        """Drop the oldest entries beyond the limit, and what an interrupted build left."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            if len(names := os.listdir(self._folder)) < FEW and not any("." in name for name in names):  # noqa: PTH208
                return
            entries = [(entry, entry.stat()) for entry in os.scandir(self._folder)]
            size = 0
            for number, (entry, state) in enumerate(sorted(entries, key=lambda one: -one[1].st_mtime_ns)):
                size += state.st_size
                if number >= LIMIT or size > SIZE or "." in entry.name:
                    Path(entry).unlink(missing_ok=True)


@cache
def compiler() -> str:
    """Digest of the compiler: its own files and the versions of what it formats and renders with."""
    digest = hashlib.blake2b(digest_size=16)
    for line in sorted(_files(str(Path(__file__).parent), "")):
        digest.update(line.encode())
    digest.update(sys.version.encode())
    known = _installed()
    for name in ("jinja2", "markdown_it_py", "pydantic", "ruff"):
        digest.update(f"{name} {known.get(name, '')}\n".encode())
    return digest.hexdigest()


def _files(folder: str, within: str) -> Iterator[str]:
    """Name, size and time of every file of the compiler."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files(entry.path, f"{within}{entry.name}/")
            elif entry.name.endswith((".py", ".j2")):
                state = entry.stat()
                yield f"{within}{entry.name} {state.st_size} {state.st_mtime_ns}\n"


def _installed() -> dict[str, str]:
    """Installed distributions and their versions, read off their folders: importlib.metadata takes 30 ms to import."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for name in os.listdir(folder or "."):  # noqa: PTH208, pathlib makes a path of each
                if name.endswith(".dist-info"):
                    distribution, _, version = name.removesuffix(".dist-info").partition("-")
                    found.setdefault(distribution.lower().replace(".", "_"), version)
    return found


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
