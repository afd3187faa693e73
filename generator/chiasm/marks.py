"""Marks in a rendered text say where each line comes from: marked text in, the text and an origin a line out.

Templates put marks in as they render (`render.Marks`), and nothing of a page can: what reaches a template has lost
every private character (`planning.literals`). No mark is ever written to a file.
"""

from __future__ import annotations

from typing import NamedTuple

from chiasm.regex import regex

BEGIN, SAID, END = "\ue000", "\ue001", "\ue002"
MARK = regex(f"([{BEGIN}{SAID}])([^{END}]*){END}")


class Origin(NamedTuple):
    """What made a line: a component or template, its line there, and what of the knowledge base it says."""

    file: str
    """`components/vit.py` or `templates/config.py.j2`, in the compiler's package."""
    line: int
    says: tuple[str, ...] = ()
    """Claims by id, pages and their sections by path: `llava:1.5-7b/encoder.dim`, `knowledge/models/llava.md`."""


def placed(file: str, line: int) -> str:
    """The mark of what begins on a line of a template."""
    return f"{BEGIN}{file}:{line}{END}"


def said(text: str, what: str) -> str:
    """A text, marked as saying what a claim or a page says."""
    return f"{SAID}{what}{END}{text}{SAID}{END}" if what else text


def unmarked(text: str) -> str:
    """The text alone."""
    return MARK.sub("", text)


def read(text: str) -> tuple[str, tuple[Origin, ...]]:
    """The text alone, and the origin of each of its lines.

    A line comes from the template line that its first mark names; one without a mark goes on with the last one's. It
    says what is said in any part of it.
    """
    lines, origins, says = [], [], list[str]()
    place = ("", 0)
    for line in text.split("\n"):
        # What splits at marks is text, kind, what, text, kind, what … text.
        words, *parts = MARK.split(line)
        first, own, plain = None, list(says) if words else [], words
        for kind, what, words in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            if kind == BEGIN:
                file, _, number = what.rpartition(":")
                place = (file, int(number))
                first = first or place
            elif what:
                says.append(what)
            else:
                says.pop()
            own += says if words else ()
            plain += words
        lines.append(plain)
        origins.append(Origin(*(first or place), tuple(dict.fromkeys(own if plain else says))))
    return "\n".join(lines), tuple(origins)
