"""Citations: the wrong key or locator, and entries of the bibliography that are not the work that they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base, lines
from benchmarks.documents.edit import Change, Edit, mutator
from chiasm.source import BIBLIOGRAPHY
from chiasm.span import Span

Spell = Callable[[re.Match[str], Random], str | None]
CITE = re.compile(r"\[@([\w-]+)\](?!:)")
LOCATOR = re.compile(r"(?<=\] )(Table|Tables|Fig\.|§|App\. [A-Z]\.|App\. [A-Z])( ?)(\d+)((?:\.\d+)*)")
KEY = re.compile(r"(?<=config\] )[a-z_]+(?:\.[a-z_]+)*")


def _found(
    base: Base, kind: str, pattern: re.Pattern[str], spell: Spell, random: Random, group: int = 0
) -> Iterator[Edit]:
    """One error a match in the lines of the base's pages."""
    for at, line in lines(base):
        if not line.startswith("[@"):
            yield from _in_line(kind, at, line, pattern, spell, random, group)


def _in_line(
    kind: str, at: Span, line: str, pattern: re.Pattern[str], spell: Spell, random: Random, group: int = 0
) -> Iterator[Edit]:
    for match in pattern.finditer(line):
        old, new = match.group(group), spell(match, random)
        if new is not None and new != old:
            span = Span(at.path, at.line, match.start(group) + 1, match.end(group) + 1)
            yield Edit(kind, "citation", (Change(span, old, new),), old)


@mutator("locator", "the table, figure or section is another one")
def locator(base: Base, random: Random) -> Iterator[Edit]:
    """`Table 2` → `Table 1`, `§3.4` → `§3.3`."""

    def spell(match: re.Match[str], _: Random) -> str:
        if match[4]:
            last = int(match[4].rpartition(".")[2])
            return f"{match[1]}{match[2]}{match[3]}{match[4].rpartition('.')[0]}.{last - 1 if last > 1 else last + 1}"
        return f"{match[1]}{match[2]}{int(match[3]) - 1 if match[3] != '1' else 2}"

    return _found(base, "locator", LOCATOR, spell, random)


@mutator("locator-key", "the key of the released configuration is another one")
def locator_key(base: Base, random: Random) -> Iterator[Edit]:
    """`text_config.ffn_dim` → `text_config.hidden_size`."""
    keys = sorted({key for excerpt in base.graph.excerpts for key in excerpt.config})

    def spell(match: re.Match[str], random: Random) -> str | None:
        head = match.group().rpartition(".")[0]
        others = [key for key in keys if key.rpartition(".")[0] == head and key != match.group()]
        return random.choice(others) if others and match.group() in keys else None

    return _found(base, "locator-key", KEY, spell, random)


@mutator("citation-key", "another source is cited")
def key(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `[@alayrac2022flamingo]`."""
    cited = sorted(base.graph.cited)
    return _found(base, "citation-key", CITE, lambda _, random: random.choice(cited), random, 1)


@mutator("citation-typo", "the key is misspelt")
def key_typo(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `[@li2032blip2]`."""

    def spell(match: re.Match[str], random: Random) -> str | None:
        word = match[1]
        at = random.randrange(len(word) - 1)
        new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return new if new not in base.graph.bibliography.entries else None

    return _found(base, "citation-typo", CITE, spell, random, 1)


@mutator("definition-date", "a page's reference definition has another access date")
def definition(base: Base, random: Random) -> Iterator[Edit]:
    """`"accessed 2025-11-16"` → `"accessed 2025-11-06"`."""
    for at, line in lines(base):
        if line.startswith("[@") and (found := re.search(r'(?<=accessed )\d{4}-\d\d-(\d\d)(?=")', line)):
            span = Span(at.path, at.line, found.start(1) + 1, found.end(1) + 1)
            other = f"{(int(found[1]) + random.randrange(1, 27)) % 28 + 1:02}"
            if other != found[1]:
                yield Edit("definition-date", "citation", (Change(span, found[1], other),), found.group())


@mutator("definition-url", "a page's reference definition leads to another work")
def definition_url(base: Base, random: Random) -> Iterator[Edit]:
    """`arxiv.org/abs/2301.12597` → `arxiv.org/abs/2301.12579`."""
    for at, line in lines(base):
        if line.startswith("[@") and (found := re.search(r"(?<=abs/)\d{4}\.(\d{5})", line)):
            span = Span(at.path, at.line, found.start(1) + 1, found.end(1) + 1)
            if new := next(values.transposed(found[1], random), ""):
                yield Edit("definition-url", "citation", (Change(span, found[1], new),), found.group())


def _fields(base: Base, kind: str, pattern: str, spell: Spell, random: Random) -> Iterator[Edit]:
    """One error an entry of the bibliography."""
    for number, line in enumerate(base.others[BIBLIOGRAPHY].lines, 1):
        if not line.startswith("%"):
            yield from _in_line(kind, Span(BIBLIOGRAPHY, number), line, re.compile(pattern), spell, random)


@mutator("bib-year", "an entry's year is another one")
def year(base: Base, random: Random) -> Iterator[Edit]:
    """`year = {2023}` → `year = {2022}`."""
    pattern = r"(?<=year = \{)\d{4}(?=\}, eprint)"
    return _fields(
        base, "bib-year", pattern, lambda found, random: str(int(found.group()) + random.choice((-1, 1))), random
    )


@mutator("bib-arxiv", "an entry's arXiv id is another one")
def arxiv(base: Base, random: Random) -> Iterator[Edit]:
    """`eprint = {2301.12597}` → `eprint = {2301.12579}`."""
    pattern = r"(?<=eprint = \{)\d{4}\.\d{5}"

    def spell(found: re.Match[str], random: Random) -> str | None:
        head, _, tail = found.group().partition(".")
        return next((f"{head}.{new}" for new in values.transposed(tail, random)), None)

    return _fields(base, "bib-arxiv", pattern, spell, random)


@mutator("bib-author", "an entry's first author is another one, or one is left out")
def author(base: Base, random: Random) -> Iterator[Edit]:
    """`author = {Li, Junnan and …}` → `author = {Liu, Haotian and …}`."""
    entries = base.graph.bibliography.entries.values()
    people = sorted({entry.authors[0] for entry in entries if "," in "".join(entry.authors)})

    def spell(found: re.Match[str], random: Random) -> str | None:
        return random.choice([one for one in people if one.partition(",")[0] != found.group().partition(",")[0]])

    return _fields(base, "bib-author", r"(?<=author = \{)[^{},]+, [^{},]+?(?= and )", spell, random)


@mutator("bib-title", "a word of an entry's title is another one")
def title(base: Base, random: Random) -> Iterator[Edit]:
    """`Visual Instruction Tuning` → `Visual Instruction Training`."""
    words = {"Tuning": "Training", "Visual": "Vision", "Language": "Speech", "Image": "Video", "Models": "Systems"}
    pattern = rf"(?<=[ {{-])(?:{'|'.join(words)})\b(?=[^=]*\}},$)"
    return _fields(base, "bib-title", pattern, lambda found, _: words[found.group()], random)


@mutator("access-date", "the access date is missing, or is no day")
def access_date(base: Base, random: Random) -> Iterator[Edit]:
    """`urldate = {2025-11-16}` → `` or `urldate = {2025-11-61}`."""
    pattern = r", urldate = \{\d{4}-\d\d-\d\d\}"

    def spell(found: re.Match[str], random: Random) -> str:
        return random.choice(("", found.group()[:-3] + "61}", ", urldate = {November 2025}"))

    return _fields(base, "access-date", pattern, spell, random)
