"""Remembers what files were like when they were last read: as long as the system says the same of them, so they are.

Of every package one line is kept: the digest of its files' names, sizes, times and numbers, and that of their digests.
A time that is too near says nothing, since what is written right after it may have the same (as in git's index).
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from chiasm.cache import Cache

FINE, COARSE = 50_000_000, 2_000_000_000
"""Nanoseconds within which two changes may have the same time: where a system keeps fractions of seconds, or not."""


def fingerprint(states: Iterable[tuple[str, os.stat_result]], now: int) -> str:
    """Digest of what the system says about files; "" where one has changed only just now, or is a link."""
    whole = hashlib.blake2b(digest_size=16)
    for name, one in states:
        if not (said := look(one, now)):
            return ""
        whole.update(f"{name}\0{said}\n".encode())
    return whole.hexdigest()


def look(one: os.stat_result, now: int) -> str:
    """What the system says about one file; "" likewise."""
    near = FINE if one.st_mtime_ns % 1_000_000_000 else COARSE
    if not stat.S_ISREG(one.st_mode) or max(one.st_mtime_ns, one.st_ctime_ns) > now - near:
        return ""
    return f"{one.st_size}\0{one.st_mtime_ns}\0{one.st_ctime_ns}\0{one.st_ino}"


class Standing:
    """The packages of a project whose files need not be read again."""

    def __init__(self, root: Path, kept: Cache) -> None:
        self._root, self._kept = root, kept
        self._known: dict[str, tuple[str, str]] = {}
        self._changed = False
        try:
            raw = json.loads(kept.get(kept.key("standing")) or "{}")
            self._known = {str(name): (str(seen), str(files)) for name, (seen, files) in raw.items()}
        except (ValueError, TypeError, AttributeError):
            self._known = {}

    def holds(self, name: str, files: Mapping[str, str]) -> bool:
        """Whether a package's files are known to have these digests."""
        known = self._known.get(name)
        return known is not None and known[1] == _digest(files) and known[0] == self.look(name, files)

    def saw(self, name: str, files: Mapping[str, str], looked: str) -> None:
        """A package's files had these digests when they were read after they were looked at."""
        if looked:
            self._known[name] = (looked, _digest(files))
            self._changed = True

    def keep(self) -> None:
        """Keep what was seen, for the next run."""
        if self._changed:
            self._kept.put(self._kept.key("standing"), json.dumps(self._known))
            self._changed = False

    def look(self, name: str, files: Mapping[str, str]) -> str:
        """What the system says of a package's files before they are read; "" where that is not worth keeping."""
        now = time.time_ns()
        folder = f"{self._root}/generated/{name}"
        try:
            with os.scandir(folder) as entries:
                found = {entry.name: entry.stat(follow_symlinks=False) for entry in entries}
        except OSError:
            return ""
        names = sorted(path.rpartition("/")[2] for path in files)
        return fingerprint(((one, found[one]) for one in names), now) if found.keys() >= {*names} else ""


def _digest(files: Mapping[str, str]) -> str:
    return hashlib.blake2b("\n".join(f"{path} {known}" for path, known in sorted(files.items())).encode()).hexdigest()
