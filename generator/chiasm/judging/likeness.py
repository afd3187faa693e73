"""Tells what a name was meant to be: a name and those that exist in; the one that is certainly meant, or "", out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from chiasm.regex import regex

SURE = 0.85
"""As alike as one letter in seven."""
DIGITS = regex(r"\d+")


def meant(name: str, known: Iterable[str]) -> str:
    """The only name that is alike, and has the same numbers: `opt-2.7b` is never meant to be `opt-6.7b`."""
    numbers = DIGITS.findall(name)
    near = difflib.get_close_matches(name, (one for one in known if DIGITS.findall(one) == numbers), n=2, cutoff=SURE)
    return near[0] if len(near) == 1 else ""
