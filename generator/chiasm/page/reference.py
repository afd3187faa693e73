"""Reads what makes a bracketed label a link or a citation: an address with its title, a reference, keys, a locator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple
from urllib.parse import unquote

from chiasm.page.inline import Target, label
from chiasm.regex import regex
from chiasm.span import Span

MAX_LABEL = 999
"""Characters of a label that may name a reference, as in CommonMark."""

ESCAPE = regex(r"\\([!-/:-@\[-`{-~])")
SIMPLE_LINK = regex(
    rf"\[([^\\`$\[\]<*_~\n&@:!][^\\`$\[\]<*_~\n&:!]{{0,{MAX_LABEL - 1}}})\]"
    r"\(([^\s\\()<>&\x00-\x1f]{0,2000})(?: \"([^\\\"\n&]{0,2000})\")?\)"
)
"""A link as most are: words without a mark of their own, an address and a title without escapes, on one line."""
SIMPLE_CITE = regex(r"\[@([\w:.+/-]{1,120})\](?![\[(])")
"""A citation that only names its source, and nothing that would make a link of it."""


class Address(NamedTuple):
    """Where a link leads and where it ends; the characters of its address and title, or the definition's place."""

    href: str
    title: str
    end: int
    href_at: tuple[int, int] = (0, 0)
    title_at: tuple[int, int] | None = None
    place: Span | None = None


def address(text: str, at: int, inner: str, references: Mapping[str, Target]) -> Address | None:
    """What follows the label `inner` whose bracket closes at `at`: `(href "title")`, `[reference]`, or nothing."""
    return _inline(text, at + 1) or (_referred(text, at, inner, references) if references else None)


def is_citation(inner: str) -> bool:
    """Whether a label is `@key`, `@key §3.4` or `@a; @b`."""
    return inner.startswith("@") and _CITE.fullmatch(inner) is not None


def keys(inner: str) -> Iterator[tuple[str, str, int]]:
    """The keys of a citation's label, each with its locator and where it ends."""
    position = 0
    for part in re.split(r"(?<=;)(?= ?@)", inner):
        key, _, locator = part.strip(" ;").removeprefix("@").partition(" ")
        position += len(part)
        yield key.rstrip(",;:."), locator.strip(" ,"), position - part.endswith(";")


def locator_after(text: str, end: int) -> tuple[str, int]:
    """The locator that follows a citation directly, and where it ends."""
    found = _LOCATOR.match(text, end)
    return (found[1].strip("`"), found.end()) if found else ("", end)


def unescaped(text: str) -> str:
    """Backslash escapes and entities resolved."""
    return unescape(ESCAPE.sub(r"\1", text))


_CITE = regex(r"@[\w:.+/-]{1,120}(?:[,;]? [^\[\]@;]{1,80})?(?:; ?@[\w:.+/-]{1,120}(?:[,;]? [^\[\]@;]{1,80})?){0,15}")
_PART = (
    r"(?:§§? ?[\w.]*\w|(?:[Tt]ables?|[Tt]ab\.|[Ff]igures?|[Ff]igs?\.|[Ss]ections?|[Ss]ecs?\.|[Aa]ppendix|[Aa]pp\.|"
    r"[Ee]qs?\.|[Ee]quations?|pp?\.|[Pp]ages?|[Cc]hapter|[Cc]h\.|[Aa]lgorithm|[Aa]lg\.|[Ll]isting|[Ll]ines?|"
    r"[Ff]ootnote|[Nn]ote) ?[A-Z]?[\d.]*[A-Za-z\d]\b"
    r"|(?:the )?[Aa]bstract\b|README\b)(?:[–-]§?\d[\w.]*\b)?"
)
_LOCATOR = regex(
    rf" ?,? ?({_PART}(?:(?:, ?| and |/ ?| ){_PART}){{0,5}}"
    r"|`[^`\n]{1,120}`|(?=[\w./-]{0,80}_)[\w./-]{1,120}\b|(?=[\w.-]{1,80}/)[\w./-]{1,120}\.[a-z]{1,4}\b(?:#L\d+)?)"
)
_DESTINATION = regex(
    r"\(\s{0,20}(?:<([^<>\n]{0,2000})>|((?:\\[!-/:-@\[-`{-~]|[^\s\\()\x00-\x1f]|\\|\((?:[^\s()]|\([^\s()]{0,500}\)){0,500}\)){0,2000}))"
)
_TITLE = regex(
    r"""\s{1,20}(?:"((?:\\.|[^"\\]){0,2000})"|'((?:\\.|[^'\\]){0,2000})'|\(((?:\\.|[^()\\]){0,2000})\))""", re.DOTALL
)
_CLOSE = regex(r"\s{0,20}\)")


def _inline(text: str, start: int) -> Address | None:
    to = _DESTINATION.match(text, start) if text.startswith("(", start) else None
    if to is None:
        return None
    title = _TITLE.match(text, to.end())
    end = _CLOSE.match(text, title.end() if title else to.end())
    if end is None:
        return None
    group = 1 if to[1] is not None else 2
    href = unquote(unescaped(to[group]))
    if title is None:
        return Address(href, "", end.end(), to.span(group))
    written = next(number for number in (1, 2, 3) if title[number] is not None)
    return Address(href, unescaped(title[written]).replace("\n", " "), end.end(), to.span(group), title.span(written))


def _referred(text: str, at: int, inner: str, references: Mapping[str, Target]) -> Address | None:
    """`[label][name]`, `[name][]`, `[name]`."""
    if text.startswith("[", at + 1):
        stop = text.find("]", at + 2, at + 3 + MAX_LABEL)
        name = text[at + 2 : stop] or inner
        if stop >= 0 and "[" not in name and (found := references.get(label(name))):
            return Address(found[0], found[1], stop + 1, place=found[2])
    found = references.get(label(inner)) if inner.strip() else None
    return Address(found[0], found[1], at + 1, place=found[2]) if found else None
