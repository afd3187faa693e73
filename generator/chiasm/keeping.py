"""Keeps resolved systems between runs: specs and tables of released names in, the same out while they stand.

Each is an entry of the cache by itself, under the digest of all that it follows from: it is written once, and read
when it is asked for. What a kind is and what releases call its parts, which many systems share, stand apart.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from chiasm.cache import Cache
from chiasm.packing import packed, unpacked
from chiasm.sharing import Spool, shared
from chiasm.spec.model import KindSpec, ModelSpec, Names, Used

Key = tuple[str, str]
TOGETHER = 32
"""Specs that one process writes down: each writes the kinds that they share."""


class KeptNames(Mapping[Key, Names]):
    """Tables of released names by slot and kind, as they were kept; else all are read when the first is asked for."""

    def __init__(self, kept: Cache, digest: str, read: Callable[[], Mapping[Key, Names]]) -> None:
        self._kept, self.digest, self.read = kept, digest, read
        self._made: dict[Key, Names] = {}

    @cached_property
    def _known(self) -> frozenset[Key] | None:
        """The kinds whose tables were kept; None where none were."""
        with contextlib.suppress(ValueError, TypeError):
            return frozenset((slot, name) for slot, name in json.loads(self._kept.get(self._key()) or ""))
        return None

    @cached_property
    def all(self) -> Mapping[Key, Names]:
        """Every table, from the pages."""
        return self.read()

    def __getitem__(self, key: Key) -> Names:
        if "all" in self.__dict__ or self._known is None:
            return self.all[key]
        if key not in self._known:
            raise KeyError(key)
        if key not in self._made:
            try:
                self._made[key] = unpacked(self._kept.get(self._key(*key)) or "", Names)
            except ValueError:
                return self.all[key]
        return self._made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.all if self._known is None else sorted(self._known))

    def __len__(self) -> int:
        return len(self.all if self._known is None else self._known)

    def keep(self, kept: Cache) -> None:
        """Keep the tables where they were read."""
        if "all" in self.__dict__:
            for key, names in self.all.items():
                kept.put(self._key(*key), packed(names))
            kept.put(self._key(), json.dumps(sorted(self.all)))

    def _key(self, *parts: str) -> str:
        return self._kept.key("names", self.digest, *parts)


class KeptSpecs:
    """Specs by the digest of what they follow from."""

    def __init__(self, kept: Cache) -> None:
        self._kept = kept
        self._kinds: dict[Key, KindSpec] = {}

    def get(self, rests: str, names: Mapping[Key, Names]) -> ModelSpec | None:
        """A spec; None where it was not kept."""
        try:
            spec = unpacked(self._kept.get(self._kept.key("spec", rests)) or "", ModelSpec, {KindSpec: self._kind})
        except ValueError:
            return None
        return replace(spec, names=Used(spec.variants, names))

    def _kind(self, slot: str, name: str) -> KindSpec:
        if (slot, name) not in self._kinds:
            self._kinds[slot, name] = unpacked(self._kept.get(self._kept.key("kind", slot, name)) or "", KindSpec)
        return self._kinds[slot, name]


def keep(specs: Mapping[str, ModelSpec], kept: Cache, workers: int = 1) -> None:
    """Keep specs by what they follow from, and the kinds that they use; side by side where these are many."""

    def share(some: Sequence[str], _: Spool) -> bytes:
        _keep({rests: specs[rests] for rests in some}, kept)
        return b""

    for _ in shared(share, list(specs), workers, size=TOGETHER):
        pass


def _keep(specs: Mapping[str, ModelSpec], kept: Cache) -> None:
    kinds: dict[Key, KindSpec] = {}

    def apart(kind: KindSpec) -> Key:
        kinds[kind.slot, kind.name] = kind
        return kind.slot, kind.name

    for rests, spec in specs.items():
        kept.put(kept.key("spec", rests), packed(replace(spec, names={}), {KindSpec: apart}))
    for key, kind in kinds.items():
        kept.put(kept.key("kind", *key), packed(kind))
