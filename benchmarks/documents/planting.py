"""Chooses errors: a base, a seed and a number in, as many of each kind and class as there are out, always the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from random import Random

from benchmarks.documents import mutators
from benchmarks.documents.base import Base
from benchmarks.documents.edit import MUTATORS, Edit

__all__ = ["candidates", "chosen", "mutators"]


def candidates(base: Base, kind: str, seed: int) -> list[Edit]:
    """Every error of a kind, in an order that the seed gives."""
    random = Random(f"{seed}/{kind}")
    found = list(dict.fromkeys(MUTATORS[kind].find(base, random)))
    random.shuffle(found)
    return found


def chosen(
    base: Base, count: int, seed: int, kinds: Collection[str] = (), classes: Collection[str] = ()
) -> tuple[Edit, ...]:
    """`count` errors, fewer where a base has not as many; kinds and classes of places take turns."""
    queues: dict[tuple[str, str], list[Edit]] = {}
    for kind in MUTATORS:
        for edit in candidates(base, kind, seed) if not kinds or kind in kinds else ():
            if not classes or edit.where in classes:
                queues.setdefault((kind, edit.where), []).append(edit)
    # So that a few errors, too, are of kinds from all over.
    order = Random(f"{seed}").sample(sorted(queues), len(queues))
    turns = _turns([queues[key] for key in order])
    return tuple(edit for edit, _ in zip(turns, range(count), strict=False))


def _turns(queues: Collection[list[Edit]]) -> Iterator[Edit]:
    """The first of each queue, the second of each, and so on; an error that stands in two queues once."""
    seen: set[tuple[object, ...]] = set()
    for turn in range(max(map(len, queues), default=0)):
        for queue in queues:
            if turn < len(queue) and queue[turn].changes not in seen:
                seen.add(queue[turn].changes)
                yield queue[turn]
