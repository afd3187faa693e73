"""Files that are no pages: what pages rest on, and generated code as a build makes it, read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chiasm.source import Place, Source, source
from chiasm.writing.manifest import digest


class Code(Mapping[str, Source]):
    """Sources by path. Generated files are as `files` (their digests) and `texts` have them, others as they stand."""

    def __init__(
        self,
        others: Sequence[Source],
        standing: Mapping[str, Place],
        files: Mapping[str, str],
        texts: Mapping[str, str],
    ) -> None:
        self._read = {one.path: one for one in others}
        self._standing, self._files, self._texts = standing, files, texts
        self._paths = sorted({*self._read, *standing, *files})

    def __getitem__(self, path: str) -> Source:
        if path not in self._read:
            self._read[path] = self._found(path)
        return self._read[path]

    def _found(self, path: str) -> Source:
        stands = self._standing[path].read() if path in self._standing else None
        if path in self._files and (stands is None or digest(stands.text.encode()) != self._files[path]):
            made = source(path, self._texts[path].encode())
            assert isinstance(made, Source)  # noqa: S101, what is rendered is text
            return made
        if stands is None:
            raise KeyError(path)
        return stands

    def digest(self, path: str) -> str:
        """A file's digest, without reading what a build knows."""
        return self._files.get(path) or self[path].digest

    def __contains__(self, path: object) -> bool:
        return path in self._read or path in self._standing or path in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
