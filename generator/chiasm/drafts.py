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


def packed(records: str, drafts: Sequence[tuple[str, tuple[str, bytes]]], spool: Spool) -> bytes:
    """Records and drafts as one process hands them to another: bodies wait in the spool."""
    heads = [(path, head, *spool.put(body)) for path, (head, body) in drafts]
    return json.dumps([records, heads], ensure_ascii=False).encode()


def unpacked(made: Made) -> tuple[str, Iterator[tuple[str, Draft]]]:
    """What `packed` packed: the records, and drafts by path."""
    records, heads = json.loads(made.data)
    return records, ((path, Draft(head, Made(made.spool, start, size))) for path, head, start, size in heads)
