"""Keeps the faces of pages: faces by path and digest of their texts in, the same out, in this run and the next ones.

A face follows from its page's text alone, so it stands while that does; one that was lost is made again. Faces are
kept in a number of entries of the cache, of which a run reads and writes those that it has to do with.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from chiasm.cache import Cache
from chiasm.face import Citation, Face, Place, Reference
from chiasm.sharing import Made

SHELVES = 64
"""Entries among which faces are shared out."""
OPEN = 256
"""Faces that stay as values once they were read."""


class Album:
    """The faces of a base. `make` makes one by its path, where it is neither held nor kept."""

    def __init__(self, kept: Cache | None = None) -> None:
        self._kept = kept or Cache(None)
        self._held: dict[str, tuple[str, Face | Made]] = {}
        self._open: dict[str, tuple[str, Face]] = {}
        self._shelves: dict[int, dict[str, tuple[str, Face | Made | str]]] = {}
        self._fresh = set[str]()
        self.make: Callable[[str], Face] | None = None

    def hold(self, path: str, digest: str, seen: Face | Made) -> None:
        """A page's face is new; it may wait as JSON in a file."""
        self._held[path] = digest, seen
        self._fresh.add(path)

    def face(self, path: str, digest: str) -> Face:
        """The face of a page whose text has this digest."""
        if (known := self._open.get(path)) and known[0] == digest:
            return known[1]
        found = self._found(path, digest)
        if len(self._open) >= OPEN:
            self._open.clear()
        self._open[path] = digest, found
        return found

    def _found(self, path: str, digest: str) -> Face:
        none: tuple[str, Face | Made | str] = ("", "")
        was, seen = self._held.get(path, none)
        if was != digest:
            was, seen = self._shelf(_number(path)).get(path, none)
        if was == digest:
            with contextlib.suppress(ValueError, TypeError):
                return seen if isinstance(seen, Face) else _read(_text(seen))
        assert self.make is not None  # noqa: S101, whoever looks at pages has said how
        self.hold(path, digest, made := self.make(path))
        return made

    def _shelf(self, number: int) -> Mapping[str, tuple[str, Face | Made | str]]:
        """What is kept in an entry: path → digest and face."""
        if number not in self._shelves:
            lines = (self._kept.get(self._key(number)) or "").split("\n")
            try:
                parts = [
                    (*json.loads(head), text) for head, _, text in (line.partition("\t") for line in lines if line)
                ]
                self._shelves[number] = {str(path): (str(digest), text) for path, digest, text in parts}
            except (ValueError, TypeError):
                self._shelves[number] = {}
        return self._shelves[number]

    def keep(self, pages: Mapping[str, str], kept: Cache) -> None:
        """Keep what is new, for the next run; `pages` are all there are, with the digests of their texts."""
        fresh: dict[int, dict[str, tuple[str, Face | Made | str]]] = {}
        for path in sorted(self._fresh):
            fresh.setdefault(_number(path), {})[path] = self._held[path]
        for number, some in sorted(fresh.items()):
            whole = {**self._shelf(number), **some}
            lines = (
                f"{json.dumps([path, was], ensure_ascii=False)}\t{_text(seen)}"
                for path, (was, seen) in sorted(whole.items())
                if pages.get(path) == was
            )
            kept.put(self._key(number), "\n".join(lines))
        self._fresh.clear()

    def _key(self, number: int) -> str:
        return self._kept.key("faces", str(number))


def written(seen: Face) -> str:
    """A face as JSON."""
    return json.dumps(seen, ensure_ascii=False, separators=(",", ":"))


def _text(seen: Face | Made | str) -> str:
    return written(seen) if isinstance(seen, Face) else seen.data.decode() if isinstance(seen, Made) else seen


def _read(text: str) -> Face:
    raw: list[Any] = json.loads(text)
    path, title, headings, cites, links, states, facts, about, names, code, outline, assertion = raw
    return Face(
        path,
        title,
        tuple(Place(*one) for one in headings),
        tuple(Citation(*one) for one in cites),
        tuple(Reference(*one) for one in links),
        tuple(states),
        tuple(facts),
        tuple(about),
        names,
        tuple(code),
        outline,
        assertion,
    )


def _number(path: str) -> int:
    return zlib.crc32(path.encode()) % SHELVES
