"""Reads the plain form of BibTeX: a text in, its entries with their lines out, None where anything is not plain.

Most bibliographies are entries of fields in braces, and comments. These are read here, in a thirtieth of the time that
importing a parser takes; all else is for that parser, of whose answers these are a part.
"""

from __future__ import annotations

from typing import NamedTuple

from chiasm.regex import regex

_SKIPPED = regex(r"\s*(?:^%[^@\n]*(?:\n|\Z)\s*)*", 8)  # re.MULTILINE
_HEAD = regex(r"@(?P<type>[A-Za-z]+)\{(?P<key>[A-Za-z0-9][\w.:/+-]*),\s*")
# `\&` is a sign, and an `@` that opens nothing stands in addresses.
_INNER = r"[^{}\\@\"]*(?:(?:\\[&%$#_]|@(?!\w*[ \t]*\{))[^{}\\@\"]*)*"
_VALUE = rf"\{{{_INNER}(?:\{{{_INNER}(?:\{{{_INNER}\}}{_INNER})*\}}{_INNER})*\}}"
_FIELD = regex(rf"(?P<name>[A-Za-z][\w-]*)[ \t]*=[ \t]*(?P<value>{_VALUE})\s*(?P<then>,?)\s*")
_OTHERS = frozenset({"string", "preamble", "comment"})


class Field(NamedTuple):
    """A field: its name, its value as written, braces included, and the line of its name, counted from 0."""

    key: str
    value: str
    start_line: int


class Block(NamedTuple):
    """An entry: what it is, its key, its fields in order, and the line where it begins, counted from 0."""

    entry_type: str
    key: str
    fields: tuple[Field, ...]
    start_line: int


def plain(text: str) -> tuple[Block, ...] | None:
    """The entries of a text; None where it holds anything else, or something twice."""
    made: dict[str, Block] = {}
    at = _SKIPPED.match(text).end()  # type: ignore[union-attr]
    line, counted = 0, 0
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None or head["type"].lower() in _OTHERS or head["key"] in made:
            return None
        line, counted = line + text.count("\n", counted, at), at
        start, at, fields, more = line, head.end(), dict[str, Field](), True
        while text[at : at + 1] != "}":
            found = _FIELD.match(text, at) if more else None
            if found is None or found["name"].lower() in fields:
                return None
            line, counted = line + text.count("\n", counted, at), at
            fields[found["name"].lower()] = Field(found["name"], found["value"], line)
            at, more = found.end(), bool(found["then"])
        made[head["key"]] = Block(head["type"], head["key"], tuple(fields.values()), start)
        after = _SKIPPED.match(text, at + 1)
        if after is None or (text[after.end() - 1] != "\n" and after.end() < len(text)):
            # The next one does not begin on a line of its own.
            return None
        at = after.end()
    return tuple(made.values())
