"""Looks at a page without reading it: a source in; its headings, its tables of names, what it may take from others out.

What one page rests on is found this way. Where a text's lines do not say plainly what they are, nothing is said of it,
and it has to be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from chiasm.document import Heading, parse
from chiasm.face import Face, Place
from chiasm.regex import regex
from chiasm.source import Source

UNCLEAR = regex(
    r"\n(?:[ \t]*<"  # HTML may hide what follows it
    r"|[ \t]+(?:`{3}|~~~|#{1,6}[ \t])"  # a fence or a heading in a list
    r"|[ \t]*(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])[ \t>*+-]*(?:`{3}|~~~|#{1,6}(?:[ \t]|\n)|\[[^\]\n]*\]:)"
    r"|(?<=[^\n]\n) {0,3}(?:=+|-+)[ \t]*\n)"  # a heading by its underline
)
"""Marks for which only the parser knows what the lines below them are."""
DELIMITER = regex(r"[ \t>*+\-\d.)]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:|-]*)?")
"""The row below a table's header, wherever the table stands."""
TABLE = regex(rf"^([^\n]*\[[^\n]*)\n{DELIMITER.pattern}$", re.MULTILINE)
"""A table in whose header something is linked."""
SCOPES = regex(r"^[^\n\w]*scope\b", re.MULTILINE | re.IGNORECASE)
FENCED = regex(r"^(`{3,}|~{3,})[^\n]*\n(?:(?!\1)[^\n]*\n)*\1", re.MULTILINE)
HEADING = regex(r"#{1,6}(?:[ \t]|$)")
DEFINITION = regex(r" {0,3}\[[^\]]+\]:")
NAMES = regex(r"[^|]*\|?[^|]*\b(?:tensors|configuration)\b[^|\w]*\|", re.IGNORECASE)
"""The header of a table of released names."""
NAMED = regex(r"(?:tensors|configuration)\b[^|\w]*\|", re.IGNORECASE)
FILE = regex(r"([^\s/()\[\]<>\"'|#]+\.md)\b")
ENCODED = regex(r"%[0-9A-Fa-f]{2}|\\|&\w+;|&#")
"""How an address can be written in other characters than its own."""

Kept = Callable[[str, str], bool]
"""Whether a line, and the one below it, begin something that is kept up to the next empty line."""


def headings(one: Source) -> Face | None:
    """A page's title and headings, as its face has them; None where they cannot be told at a glance."""
    seen = reduced(one, lambda line, _: HEADING.match(line) is not None, whole=False)
    if seen is None:
        return None
    document = parse(seen)
    return Face(
        one.path,
        document.title,
        tuple(
            Place(block.span.line, block.level, block.slug, block.text)
            for block in document.blocks
            if isinstance(block, Heading)
        ),
    )


def names(one: Source, anchor: str) -> Source | None:
    """A page with nothing on it but its headings and tables of names that may be about an anchor; None: unclear.

    A page without such tables is an empty one.
    """

    def about(line: str) -> bool:
        found = NAMES.match(line)
        head = found[0] if found else ""
        return "[" in head and (f"#{anchor})" in head or "](" not in head or ENCODED.search(head) is not None)

    if not any(map(about, _tables(one))):
        return Source(one.path, "", "")

    def kept(line: str, below: str) -> bool:
        return about(line) if _is_names(line, below) else HEADING.match(line) is not None

    return reduced(one, kept, whole=True)


@lru_cache(maxsize=1024)
def _unclear(one: Source) -> bool:
    return one.text.startswith("---") or UNCLEAR.search(f"\n{one.text}\n") is not None


@lru_cache(maxsize=1024)
def _tables(one: Source) -> tuple[str, ...]:
    """Headers of tables of names."""
    lines = one.text.split("\n") if NAMED.search(one.text) else []
    return tuple(line for line, below in pairwise(lines) if _is_names(line, below))


def _is_names(line: str, below: str) -> bool:
    return "-" in below and DELIMITER.fullmatch(below) is not None and NAMES.match(line) is not None


def states(one: Source) -> bool:
    """Whether a page may state facts: a table's first header cell ends in a link, or says `scope`."""
    text = one.text if _unclear(one) else FENCED.sub("", one.text)
    cells = (row[1].strip().lstrip("|>*+- \t").partition("|")[0].rstrip() for row in TABLE.finditer(text))
    return any("[" in cell and not cell[-1:].isalnum() for cell in cells) or SCOPES.search(text) is not None


def leads(one: Source) -> frozenset[str]:
    """Names of files from whose systems a page may take slots; `*` stands for any."""
    found: set[str] = set()
    for line in _structure(one.text):
        found.update(FILE.findall(line))
        if ENCODED.search(line):
            found.add("*")
    return frozenset(found)


def _structure(text: str) -> Iterator[str]:
    """Lines whose links can make a system take something from another: titles, headers, headings, definitions."""
    lines = text.split("\n")
    begun = "extends" not in text.partition("\n##")[0].lower()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        bare = line.lstrip(" \t>*+-")
        begun = begun or bare.startswith("##")
        own = not begun or bare.startswith("#")
        if ".md" in line and (own or DELIMITER.fullmatch(below) or DEFINITION.match(bare)):
            yield line


def reduced(one: Source, kept: Kept, *, whole: bool) -> Source | None:
    """A page in whose text only some lines are left, each in its place; None where lines are not what they seem.

    With `whole` a kept line takes those below it along, up to an empty one. Where a kept line links something,
    definitions are left too.
    """
    if _unclear(one):
        return None
    lines = one.text.split("\n")
    left = [""] * len(lines)
    fence, doubt, taking, linked = "", False, False, False
    for number, line in enumerate(lines):
        if fence:
            if line.startswith(fence) and not line.strip(fence[0] + " \t"):
                fence = ""
            continue
        if line.startswith(("```", "~~~")):
            fence, taking = line[: len(line) - len(line.lstrip(line[0]))], False
            continue
        if not line.strip():
            doubt = taking = False
            continue
        # Display mathematics begins so, and may hold anything but an empty line.
        doubt = doubt or line.lstrip().startswith("$$")
        begins = kept(line, lines[number + 1] if number + 1 < len(lines) else "")
        if doubt and begins:
            return None
        taking = (begins and whole) or (taking and not HEADING.match(line)) or DEFINITION.match(line) is not None
        if begins or taking:
            left[number] = line
        linked = linked or (begins and "[" in line)
    if fence:
        return None
    if not linked:
        left = ["" if DEFINITION.match(line) else line for line in left]
    return Source(one.path, "\n".join(left), "")
