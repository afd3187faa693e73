"""Does the same for many things at once: a function and things in, its results in order out.

The results are the same for any number of processes; they are handed over as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chiasm.sharing import Spool, shared, workers

FEWEST = 48
"""Below so many, starting processes takes longer than they save."""


def mapped(function: Callable[[str], Any], things: Sequence[str], count: int = 0) -> Iterator[Any]:
    """What the function makes of each thing, by so many processes; 0: one a processor."""
    if len(things) < FEWEST:
        yield from map(function, things)
        return

    def made(some: Sequence[str], _: Spool) -> bytes:
        return json.dumps([function(one) for one in some], ensure_ascii=False).encode()

    for share in shared(made, things, count or workers()):
        yield from json.loads(share.data)
