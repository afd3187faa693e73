"""Keeps the folder that MkDocs reads: pages in as they are made, exactly these files on the disk out.

What is staged can be made again, so nothing waits for the disk. A list of the files with their sizes is written last,
and removed before the first of them changes: a stage without one, or that differs from it, is not trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

STAGED, INPUTS = ".staged.json", ".inputs"
"""What stands in the stage: path → size and digest of what was written there. And what all of it follows from."""


class Pieces:
    """An open file, of which parts are read: from a byte on, so many bytes."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __call__(self, start: int, size: int) -> bytes:
        """These bytes."""
        return os.pread(self._file, size, start)


class Stage:
    """Files by path below a folder; those that nobody puts or keeps are gone when it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._have = staged(folder)
        self._want: dict[str, list[Any]] = {}
        self._folders = set[str]()
        self._changing = False

    @property
    def whole(self) -> bool:
        """Whether the stage is as it was left."""
        return bool(self._have)

    def read(self, path: str) -> Pieces:
        """What reads parts of a file as it was left, whatever is put in its place meanwhile."""
        return Pieces(f"{self._folder}/{path}")

    def keep(self, path: str) -> None:
        """Let a file stand."""
        self._want[path] = self._have[path]

    def put(self, path: str, parts: Iterable[bytes]) -> None:
        """Make a file hold these bytes; what is a tuple is held against what stands."""
        if isinstance(parts, tuple):
            self._want[path] = [sum(map(len, parts)), _digest(parts)]
            if self._have.get(path) != self._want[path]:
                self._write(path, parts)
        else:
            self._want[path] = self._write(path, parts)

    def _write(self, path: str, parts: Iterable[bytes]) -> list[Any]:
        self._change()
        target = f"{self._folder}/{path}"
        folder = os.path.dirname(target)  # noqa: PTH120, pathlib takes as long as writing does
        if folder not in self._folders:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._folders.add(folder)
        size, digest = 0, hashlib.blake2b(digest_size=16)
        with open(f"{target}~", "wb", buffering=0) as file:  # noqa: PTH123, likewise
            for part in parts:
                file.write(part)
                digest.update(part)
                size += len(part)
        os.replace(f"{target}~", target)  # noqa: PTH105, likewise
        return [size, digest.hexdigest()]

    def _change(self) -> None:
        """While the stage changes nobody may trust it."""
        if not self._changing:
            self._changing = True
            for name in (INPUTS, STAGED):
                (self._folder / name).unlink(missing_ok=True)
            if not self._have:
                shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> bool:
        """Remove what nobody wants, and say what stands; whether anything has changed."""
        for path in self._have.keys() - self._want.keys():
            self._change()
            (self._folder / path).unlink(missing_ok=True)
        if self._changing:
            (self._folder / STAGED).write_text(json.dumps(dict(sorted(self._want.items()))), encoding="utf-8")
        return self._changing


def staged(folder: Path) -> Mapping[str, list[Any]]:
    """What a stage holds; empty where it is not as it was left."""
    try:
        have = json.loads((folder / STAGED).read_text(encoding="utf-8"))
        whole = all(os.stat(f"{folder}/{path}").st_size == size for path, (size, _) in have.items())  # noqa: PTH116
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return have if whole else {}


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
