"""Pages of the site that were made where pages were judged: whoever has read a page need not read it again for that.

What a draft is, its maker knows; here it is bytes. It stands as long as the page's verdicts do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from chiasm.graph import Graph
from chiasm.sharing import Made, Spool


class Draft(NamedTuple):
    """One page: what other pages ask of it, and where it waits itself."""

    head: str
    body: Made


Maker = Callable[[str], tuple[str, bytes] | None]
"""A page's head and body by its path; None where it follows from what is not known yet."""
Drafting = Callable[[Graph, Sequence[str]], Maker]
"""What makes drafts by a graph, in which pages may be missing, and the paths of all pages."""


Faces = Sequence[tuple[str, Made]]
"""Faces by path, as they wait in a file."""


def packed(records: str, faces: Faces, drafts: Sequence[tuple[str, tuple[str, bytes]]], spool: Spool) -> bytes:
    """Records, faces and drafts as one process hands them to another: faces and bodies wait in the spool."""
    seen = [(path, made.start, made.size) for path, made in faces]
    heads = [(path, head, *spool.put(body)) for path, (head, body) in drafts]
    return json.dumps([records, seen, heads], ensure_ascii=False).encode()


def unpacked(made: Made) -> tuple[str, Faces, Iterator[tuple[str, Draft]]]:
    """What `packed` packed: the records; faces and drafts by path."""
    records, seen, heads = json.loads(made.data)
    faces = [(path, Made(made.spool, start, size)) for path, start, size in seen]
    return records, faces, ((path, Draft(head, Made(made.spool, start, size))) for path, head, start, size in heads)
