"""Writes many names as one pattern: spellings in, the first that fits first, a pattern and whose each is out.

What names begin with alike is written once, so that a text is held against a thousand names in about as many steps as
against ten. The pattern matches what `(one)|(two)|…` matches, and the same of several.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chiasm.regex import regex

BETWEEN = "[ -]?"
"""What may stand between the parts of a name."""
ELEMENT = regex(r"\[ -\]\?|\\.|.", re.DOTALL)

Spelling = tuple[tuple[str, ...], str]
"""The elements of a pattern, and its name."""


def together(spellings: Sequence[tuple[str, str]]) -> tuple[str, tuple[str, ...]]:
    """One pattern, and for the number of each of its groups the second word of the spelling that it stands for."""
    owners: list[str] = []
    split = [(tuple(ELEMENT.findall(text)), owner) for text, owner in spellings]
    return _below(split, 0, owners), tuple(owners)


def _below(some: Sequence[Spelling], at: int, owners: list[str]) -> str:
    """What is left of some patterns that are alike up to an element."""
    ended = next((number for number, (elements, _) in enumerate(some) if len(elements) == at), None)
    if ended is not None:
        # It fits whatever follows: of those behind it none is ever taken.
        before = _below(some[:ended], at, owners) if ended else ""
        owners.append(some[ended][1])
        return f"(?:{before}|())" if before else "()"
    by_first: dict[str, list[Spelling]] = {}
    for one in some:
        by_first.setdefault(one[0][at].lower(), []).append(one)
    if not _apart(by_first, at):
        ways = []
        for elements, owner in some:
            owners.append(owner)
            ways.append("".join(elements[at:]) + "()")
        return f"(?:{'|'.join(ways)})"
    ways = [first + _below(group, at + 1, owners) for first, group in by_first.items()]
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _apart(by_first: dict[str, list[Spelling]], at: int) -> bool:
    """Whether no text fits patterns of two groups, so that these may be tried in any order."""
    if len(by_first) == 1 or BETWEEN not in by_first:
        return True
    further = {elements[at + 1].lower() for elements, _ in by_first[BETWEEN]}
    return further.isdisjoint(by_first)
