"""Renders packages: plans in, their files as they will stand out, which wait on the disk until they are asked for.

Where packages are many, forked processes each plan and render some. What a package is does not depend on the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from chiasm import marks, origins
from chiasm.cache import Cache
from chiasm.plan import Plan
from chiasm.render import Files, marked
from chiasm.sharing import Made, Spool, shared, workers
from chiasm.writing.manifest import digest
from chiasm.writing.stage import staged

TOGETHER = 8
"""Packages that one run of ruff formats."""


class Texts(Mapping[str, str]):
    """The files of all packages as they will stand; a package is rendered when a file of it is asked for."""

    def __init__(self, plans: Mapping[str, Callable[[], Plan]], kept: Cache) -> None:
        self._plans, self._kept = plans, kept
        self._made: dict[str, dict[str, tuple[str, Made]]] = {}
        self._spool: Spool | None = None

    def render(self, names: Iterable[str]) -> None:
        """Render packages, several at once."""
        wanted = [name for name in names if name not in self._made]
        if not wanted:
            return
        self._spool = self._spool or Spool()
        self._made |= {name: {} for name in wanted}
        for made in shared(self._share, wanted, workers(), size=TOGETHER, own=self._spool):
            for path, known, start, size in json.loads(made.data):
                self._made[path.split("/")[1]][path] = known, Made(made.spool, start, size)

    def _share(self, names: Sequence[str], spool: Spool) -> bytes:
        """The digests of some packages' files, and where these wait."""
        made = files_of([self._plans[name]() for name in names], self._kept)
        files = ((path, text.encode()) for path, text in made.items())
        return json.dumps([(path, digest(data), *spool.put(data)) for path, data in files]).encode()

    def digests(self, name: str) -> dict[str, str]:
        """The files of a package by path, each with its digest."""
        self.render([name])
        return {path: known for path, (known, _) in self._made[name].items()}

    def __getitem__(self, path: str) -> str:
        name = path.split("/")[1]
        if name not in self._made and name in self._plans:
            self.render([name])
        return self._made[name][path][1].data.decode()

    def __iter__(self) -> Iterator[str]:
        self.render(self._plans)
        return iter(sorted(path for files in self._made.values() for path in files))

    def __len__(self) -> int:
        return len([*self])


def files_of(plans: Iterable[Plan], kept: Cache) -> dict[str, str]:
    """The files of packages as they will stand, with the map of each."""
    files = tuple(file for plan in plans for file in marked(plan))
    if not files:
        return {}
    made = dict(staged(tuple((path, marks.unmarked(text)) for path, text in files), kept))
    return made | dict(_maps(files, made, kept))


def _maps(files: Files, made: Mapping[str, str], kept: Cache) -> Iterator[tuple[str, str]]:
    """For every package the file that says where each line of its files comes from."""
    parts: dict[str, list[tuple[str, str]]] = {}
    known: dict[tuple[str, str], str] = {}
    for path, text in files:
        folder, _, name = path.rpartition("/")
        if (name, text) not in known:  # packages share most of their modules
            known[name, text] = _part(text, made[path], kept)
        parts.setdefault(folder, []).append((name, known[name, text]))
    yield from ((f"{folder}/{origins.NAME}", origins.text(found)) for folder, found in parts.items())


def _part(text: str, stands: str, kept: Cache) -> str:
    """What the map says of one file: its text with marks, and as it will stand."""
    key = kept.key("origins", text)
    if (part := kept.get(key)) is None:
        before, lines = marks.read(text)
        # What follows the last line's end is no line.
        part = origins.part(origins.carried(lines, before, stands)[:-1])
        kept.put(key, part)
    return part
