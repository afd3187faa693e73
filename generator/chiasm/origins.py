"""The map of a package: what each line of its files comes from in, `origins.json` beside them out, and back.

A run is so many lines, where they come from (`components/vit.py:12-40`: line by line; `templates/config.py.j2:33`: all
of that line) and what of the knowledge base they say. Runs count lines instead of numbering them, so that a line more
changes one run; no line of a page is named.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from chiasm.marks import Origin
from chiasm.regex import regex

NAME = "origins.json"
WORD = regex(r"\w+|[^\w\s]")
TRIVIA = frozenset("()[]{},\"'")
"""What a formatter adds, removes or moves."""

Run = tuple[int, str, tuple[str, ...]]


def carried(origins: Sequence[Origin], before: str, after: str) -> tuple[Origin, ...]:
    """The origins of a text's lines after it was formatted.

    A line that is as it was has the origin that it had; a new one those of the lines that its words came from.
    """
    if before == after:
        return tuple(origins)
    old, new = before.split("\n"), after.split("\n")
    made: list[Origin] = []
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = {old[at]: origins[at] for tag, a, b, _, _ in changes if tag != "equal" for at in range(a, b) if old[at]}
    for tag, a, b, c, d in changes:
        if tag == "equal":
            made += origins[a:b]
        elif c < d:
            found = _moved(old[a:b], origins[a:b], new[c:d], origins[min(max(a - 1, 0), len(origins) - 1)])
            # A line that was sorted to another place is still the same.
            made += (gone.get(line, origin) for line, origin in zip(new[c:d], found, strict=True))
    return tuple(made)


def _moved(old: Sequence[str], origins: Sequence[Origin], new: Sequence[str], last: Origin) -> Iterator[Origin]:
    """Origins of lines that were written anew, word by word; `last` is that of the line before."""
    was = [(word, number) for number, line in enumerate(old) for word in WORD.findall(line) if word not in TRIVIA]
    now = [(word, number) for number, line in enumerate(new) for word in WORD.findall(line) if word not in TRIVIA]
    matcher = difflib.SequenceMatcher(None, [word for word, _ in was], [word for word, _ in now], autojunk=False)
    of: dict[int, dict[int, None]] = {}
    for a, b, size in matcher.get_matching_blocks():
        for offset in range(size):
            of.setdefault(now[b + offset][1], {})[was[a + offset][1]] = None
    for number in range(len(new)):
        found = [origins[index] for index in of.get(number, ())]
        if found:
            last = found[0]._replace(says=tuple(dict.fromkeys(claim for one in found for claim in one.says)))
        elif origins and number not in of and not of:
            last = origins[0]
        yield last


def runs(origins: Sequence[Origin]) -> Iterator[Run]:
    """Lines that follow one another in what they come from, or come from the same line, and say the same."""
    start = 0
    while start < len(origins):
        end = start + 1
        first = origins[start]
        step = 0 if end < len(origins) and origins[end] == first else 1
        while end < len(origins) and origins[end] == first._replace(line=first.line + step * (end - start)):
            end += 1
        count = end - start
        through = f"-{first.line + count - 1}" if step and count > 1 else ""
        yield count, f"{first.file}:{first.line}{through}", first.says
        start = end


def part(origins: Sequence[Origin]) -> str:
    """What the map says of one file: its runs, one a line."""
    lines = (json.dumps([count, place, *says], ensure_ascii=False) for count, place, says in runs(origins))
    return ",\n  ".join(lines)


def text(parts: Iterable[tuple[str, str]]) -> str:
    """The map of a package: what it says of each file, by name."""
    return "{\n" + ",\n".join(f" {json.dumps(name)}: [\n  {one}\n ]" for name, one in sorted(parts)) + "\n}\n"


def read(written: str) -> Mapping[str, tuple[Origin, ...]]:
    """The origin of every line by file; empty for a text that is no map."""
    try:
        return {str(name): tuple(_lines(found)) for name, found in json.loads(written).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _lines(found: Iterable[Sequence[object]]) -> Iterator[Origin]:
    for count, place, *says in found:
        file, _, lines = str(place).rpartition(":")
        first, _, last = lines.partition("-")
        for offset in range(int(str(count))):
            yield Origin(file, int(first) + (offset if last else 0), tuple(map(str, says)))
