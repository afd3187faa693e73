"""Reads what was read where: `evidence/sources/*.json` in; a source's places, values and words as they were read out.

A second record of a source beside the pages that cite it: a slip in one of the two is seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from chiasm.diagnostic import Diagnostic, Found
from chiasm.evidence import is_reading
from chiasm.record import record
from chiasm.source import Source
from chiasm.span import Span

KEPT = 256
"""Records that a process which asks again need not read again."""


@record(frozen=True, slots=True)
class Read:
    """One value that a place of a source states, by the claim that it supports."""

    place: str
    claim: str
    text: str
    """"" where only the place was written down."""
    source: Source
    """The record itself."""

    @property
    def span(self) -> Span:
        """The line that states it, behind the line that opens its place."""
        lines = self.source.lines
        wanted = f'"{self.claim}": ' if self.claim else json.dumps(self.text, ensure_ascii=False)
        begin = next((number for number, line in enumerate(lines) if f'"{self.place}": ' in line), 0)
        found = next((number for number in range(begin, len(lines)) if wanted in lines[number]), begin)
        return Span(self.source.path, found + 1)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read of one source."""

    path: str
    key: str
    places: tuple[str, ...]
    """Tables, figures and sections that were read: `Table 2`, `§3.1`, `App. B.1.1`."""
    values: tuple[Read, ...]
    words: tuple[Read, ...] = field(default=())
    """Sentences, word for word; their claim is ""."""
    title: Read | None = None
    """What stands above it; also words that may be quoted."""

    @cached_property
    def claims(self) -> Mapping[str, tuple[Read, ...]]:
        """What was read for each claim."""
        found: dict[str, list[Read]] = {}
        for one in self.values:
            found.setdefault(one.claim, []).append(one)
        return {claim: tuple(several) for claim, several in found.items()}


def readings(files: Mapping[str, Source]) -> Found[Mapping[str, Reading]]:
    """What was read of each source, by its key, and what is wrong with files that cannot be read."""
    made = [_reading(files[path]) for path in sorted(files) if is_reading(path)]
    read = {one.key: one for one in made if isinstance(one, Reading)}
    return read, tuple(one for one in made if isinstance(one, Diagnostic))


@lru_cache(maxsize=KEPT)
def _reading(source: Source) -> Reading | Diagnostic:
    try:
        data = json.loads(source.text)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("source"), str):
        span = Span(source.path, 1)
        message = "this record of a source is not JSON, or does not say its `source`"
        return Diagnostic("bad-evidence", message, span, help='write {"source", "places", "values", "words"}')
    places, values, words, title = (data.get(name) for name in ("places", "values", "words", "title"))
    above = Read("its title", "", title, source) if isinstance(title, str) else None
    return Reading(
        source.path,
        data["source"],
        tuple(one for one in places if isinstance(one, str)) if isinstance(places, list) else (),
        tuple(
            Read(str(place), str(claim), "" if text is None else str(text), source)
            for place, held in (values.items() if isinstance(values, dict) else ())
            for claim, text in (held.items() if isinstance(held, dict) else ())
        ),
        tuple(
            Read(str(place), "", text, source)
            for place, held in (words.items() if isinstance(words, dict) else ())
            for text in (held if isinstance(held, list) else ())
            if isinstance(text, str)
        ),
        above,
    )
