"""Pairs the marks of emphasis: what pairs vanishes from the text, what pairs with nothing is text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Marks:
    """A run of `*`, `_` or `~`: what is left of it and whether it can open or close emphasis."""

    character: str
    position: int
    length: int
    opens: bool
    closes: bool
    used: int = 0


def marks(text: str, at: int) -> Marks:
    """The run of `*`, `_` or `~` that begins at `at`, by the rules of CommonMark."""
    mark, end = text[at], at
    while text[end : end + 1] == mark:
        end += 1
    before, after = text[at - 1 : at] if at else " ", text[end : end + 1] or " "
    left = not after.isspace() and (_wordy(after) or not _wordy(before))
    right = not before.isspace() and (_wordy(before) or not _wordy(after))
    opens = left and (mark != "_" or not right or not _wordy(before))
    closes = right and (mark != "_" or not left or not _wordy(after))
    if mark == "~" and end - at > 2:
        opens = closes = False
    return Marks(mark, at, end - at, opens, closes)


def pair(nodes: Iterable[object]) -> None:
    """Notes for every run among the nodes how many of its marks belong to a pair."""
    open_: dict[str, list[Marks]] = {"*": [], "_": [], "~": []}
    for node in nodes:
        if isinstance(node, Marks):
            _pair(node, open_[node.character])


def _pair(node: Marks, stack: list[Marks]) -> None:
    if node.closes:
        while stack and node.used < node.length:
            opener = stack[-1]
            taken = min(opener.length - opener.used, node.length - node.used)
            opener.used += taken
            node.used += taken
            if opener.used == opener.length:
                stack.pop()
    if node.opens and node.used < node.length:
        stack.append(node)


def _wordy(character: str) -> bool:
    return character.isalnum() or not (character.isspace() or character in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~–—“”‘’…")
