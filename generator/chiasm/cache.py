"""Keeps what pure stages made: text in, the same text out for the same key; a damaged entry is as if it were not there.

A key is the digest of everything that goes in, the compiler included. Entries are text with a digest of their own,
never code: a cache that someone else filled can slow a build down and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FOLDER = "cache"
LIMIT = 2_000
"""Entries that are kept; the oldest go first."""


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
            entries = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
            for path in entries[LIMIT:] + [path for path in entries[:LIMIT] if "." in path.name]:
                path.unlink(missing_ok=True)


@cache
def compiler() -> str:
    """Digest of the compiler: its own files and the versions of what it formats and renders with."""
    root = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(root.rglob("*")):
        if path.suffix in {".py", ".j2"} and "__pycache__" not in path.parts:
            state = path.stat()
            digest.update(f"{path.relative_to(root)} {state.st_size} {state.st_mtime_ns}\n".encode())
    digest.update(sys.version.encode())
    for name in ("jinja2", "markdown-it-py", "pydantic", "ruff"):
        digest.update(f"{name} {_version(name)}\n".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
