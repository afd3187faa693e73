"""A base as mappings whose values are made when they are asked for: claims, faces, specs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from chiasm.album import Album
from chiasm.claiming.claim import Claims
from chiasm.claims import claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.face import Face
from chiasm.memory import Brief, Page
from chiasm.source import Source
from chiasm.spec.model import ModelSpec
from chiasm.suppression import comments
from chiasm.waiting import Waiting


@lru_cache(maxsize=64)
def _read(source: Source) -> tuple[Claims, tuple[Diagnostic, ...]]:
    """A page that this process has read before, while an editor or a server asks again and again, is not read twice."""
    made, found = claims(parse(source))
    return made, (*found, *comments(source))


class Pages(Mapping[str, Claims]):
    """Claims by path, each read when it is asked for."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = sources
        self.read: dict[str, tuple[Claims, tuple[Diagnostic, ...]]] = {}

    def __getitem__(self, path: str) -> Claims:
        return self.both(path)[0]

    def both(self, path: str) -> tuple[Claims, tuple[Diagnostic, ...]]:
        """A page's claims, and what reading it found."""
        if path not in self.read:
            self.read[path] = _read(self.sources[path])
        return self.read[path]

    def forget(self, path: str) -> None:
        """Keep a page's claims no longer; they are read again where they are asked for."""
        self.read.pop(path, None)
        if isinstance(source := self.sources[path], Waiting):
            source.put_away()

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)


class Faces(Mapping[str, Face]):
    """The faces of pages."""

    def __init__(self, pages: Mapping[str, Page], album: Album) -> None:
        self._pages, self._album = pages, album

    def __getitem__(self, path: str) -> Face:
        return self._album.face(path, self._pages[path].digest)

    def brief(self, path: str) -> Brief:
        """What every run looks at; the face itself may be elsewhere."""
        return self._pages[path].brief

    def __contains__(self, path: object) -> bool:
        return path in self._pages

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)


class Specs(Mapping[str, ModelSpec]):
    """Specs by system, each made when it is asked for."""

    def __init__(self, systems: Iterable[tuple[str, str]], resolve: Callable[[str, str], ModelSpec]) -> None:
        self._places = {system: path for path, system in systems}
        self._resolve = resolve

    def __getitem__(self, system: str) -> ModelSpec:
        return self._resolve(self._places[system], system)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
