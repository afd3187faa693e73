"""Citations: the wrong key or locator, words that are not the source's, entries that are not the work they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base, lines
from benchmarks.documents.edit import Edit, mutator
from benchmarks.documents.matches import Line, Spell, cited, replaced, sentences
from chiasm.bibliography import Entry
from chiasm.source import BIBLIOGRAPHY
from chiasm.span import Span

CITE = re.compile(r"\[@([\w-]+)\](?!:)")
LOCATOR = re.compile(r"(?<=\] )(Table|Tables|Fig\.|§|App\. [A-Z]\.|App\. [A-Z])( ?)(\d+)((?:\.\d+)*)")
KEY = re.compile(r"(?<=config\] )[a-z_]+(?:\.[a-z_]+)*")
CLASS_KEY = re.compile(r"(?<=configuration_)(\w+\.py) ([a-z]\w+)")


@mutator("locator", "the table, figure or section is another one")
def locator(base: Base, _: Random) -> Iterator[Edit]:
    """`Table 2` → `Table 1`, `§3.4` → `§3.3`."""

    def spell(match: re.Match[str]) -> str:
        if match[4]:
            last = int(match[4].rpartition(".")[2])
            return f"{match[1]}{match[2]}{match[3]}{match[4].rpartition('.')[0]}.{last - 1 if last > 1 else last + 1}"
        return f"{match[1]}{match[2]}{int(match[3]) - 1 if match[3] != '1' else 2}"

    return replaced("locator", "citation", cited(base), LOCATOR, spell)


@mutator("locator-key", "the key of the released configuration is another one")
def locator_key(base: Base, random: Random) -> Iterator[Edit]:
    """`text_config.ffn_dim` → `text_config.hidden_size`."""
    keys = sorted({key for excerpt in base.graph.excerpts for key in excerpt.config})

    def spell(match: re.Match[str]) -> str | None:
        head = match.group().rpartition(".")[0]
        others = [key for key in keys if key.rpartition(".")[0] == head and key != match.group()]
        return random.choice(others) if others and match.group() in keys else None

    return replaced("locator-key", "citation", cited(base), KEY, spell)


@mutator("locator-argument", "the argument of a configuration class is another one")
def locator_argument(base: Base, random: Random) -> Iterator[Edit]:
    """`configuration_opt.py max_position_embeddings` → `configuration_opt.py hidden_size`."""
    known = sorted({found[2] for _, line in cited(base) for found in CLASS_KEY.finditer(line)})

    def other(found: re.Match[str]) -> str:
        return random.choice([one for one in known if one != found[2]])

    tables = ((at, line) for at, line in cited(base) if line.startswith("|"))
    return replaced("locator-argument", "citation", tables, CLASS_KEY, other, 2)


@mutator("citation-key", "another source is cited")
def key(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `[@alayrac2022flamingo]`."""
    known = sorted(base.graph.cited)
    return replaced("citation-key", "citation", cited(base), CITE, lambda _: random.choice(known), 1)


@mutator("citation-typo", "the key is misspelt")
def key_typo(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `[@li2032blip2]`."""

    def spell(match: re.Match[str]) -> str | None:
        word = match[1]
        at = random.randrange(len(word) - 1)
        new = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return new if new not in base.graph.bibliography.entries else None

    return replaced("citation-typo", "citation", cited(base), CITE, spell, 1)


def _papers(base: Base) -> dict[str, Entry]:
    """Entries whose first author is written "Surname, Given"."""
    entries = base.graph.bibliography.entries.values()
    return {one.key: one for one in entries if one.authors and "," in one.authors[0] and one.eprint}


def _named(base: Base, kind: str, spell: Spell) -> Iterator[Edit]:
    """Words put before a citation in a sentence, as people write them."""
    return replaced(kind, "citation", sentences(base), re.compile(r"()(?<= )\[@([\w-]+)\](?!:)"), spell, 1, once=True)


@mutator("citation-author", "the text names other authors than those of the source it cites")
def cited_author(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `Alayrac et al. (2023) [@li2023blip2]`."""
    papers = _papers(base)

    def spell(found: re.Match[str]) -> str | None:
        own = papers.get(found[2])
        others = [one for one in papers.values() if own and one.authors[0] != own.authors[0]]
        names = [one.authors[0].partition(",")[0] for one in others]
        names = [name for name in names if own and name != own.authors[0].partition(",")[0]]
        return f"{random.choice(names)} et al. ({own.year}) " if own and names else None

    return _named(base, "citation-author", spell)


@mutator("citation-year", "the text gives another year than that of the source it cites")
def cited_year(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `Li et al., 2022 [@li2023blip2]`."""
    papers = _papers(base)

    def spell(found: re.Match[str]) -> str | None:
        own = papers.get(found[2])
        year = int(own.year) + random.choice((-2, -1, 1)) if own else 0
        form = random.choice(("{} et al. ({}) ", "{} et al., {} ", "{} and colleagues ({}) "))
        return form.format(own.authors[0].partition(",")[0], year) if own else None

    return _named(base, "citation-year", spell)


@mutator("citation-arxiv", "the text gives another arXiv id than that of the source it cites")
def cited_arxiv(base: Base, random: Random) -> Iterator[Edit]:
    """`[@li2023blip2]` → `arXiv:2301.12579 [@li2023blip2]`."""
    papers = _papers(base)

    def spell(found: re.Match[str]) -> str | None:
        own = papers.get(found[2])
        head, _, tail = own.eprint.partition(".") if own else ("", "", "")
        new = next(values.transposed(tail, random), "") if own and found.string.count("[@") == 1 else ""
        return f"arXiv:{head}.{new} " if new else None

    return _named(base, "citation-arxiv", spell)


@mutator("definition-date", "a page's reference definition has another access date")
def definition(base: Base, random: Random) -> Iterator[Edit]:
    """`"accessed 2025-11-16"` → `"accessed 2025-11-06"`."""
    pattern = re.compile(r'(?<=accessed )\d{4}-\d\d-(\d\d)(?=")')

    def other(found: re.Match[str]) -> str:
        return f"{(int(found[1]) + random.randrange(1, 27)) % 28 + 1:02}"

    return replaced("definition-date", "citation", _definitions(base), pattern, other, 1)


@mutator("definition-url", "a page's reference definition leads to another work")
def definition_url(base: Base, random: Random) -> Iterator[Edit]:
    """`arxiv.org/abs/2301.12597` → `arxiv.org/abs/2301.12579`."""
    pattern = re.compile(r"(?<=abs/)\d{4}\.(\d{5})")

    def other(found: re.Match[str]) -> str | None:
        return next(values.transposed(found[1], random), None)

    return replaced("definition-url", "citation", _definitions(base), pattern, other, 1)


def _definitions(base: Base) -> Iterator[Line]:
    return ((at, line) for at, line in lines(base) if line.startswith("[@"))


def _entries(base: Base) -> Iterator[Line]:
    """Lines of the bibliography that are no comments."""
    for number, line in enumerate(base.others[BIBLIOGRAPHY].lines, 1):
        if not line.startswith("%"):
            yield Span(BIBLIOGRAPHY, number), line


@mutator("bib-year", "an entry's year is another one")
def year(base: Base, random: Random) -> Iterator[Edit]:
    """`year = {2023}` → `year = {2022}`."""
    pattern = re.compile(r"(?<=year = \{)\d{4}(?=\}, eprint)")

    def other(found: re.Match[str]) -> str:
        return str(int(found.group()) + random.choice((-1, 1)))

    return replaced("bib-year", "citation", _entries(base), pattern, other)


@mutator("bib-arxiv", "an entry's arXiv id is another one")
def arxiv(base: Base, random: Random) -> Iterator[Edit]:
    """`eprint = {2301.12597}` → `eprint = {2301.12579}`."""
    pattern = re.compile(r"(?<=eprint = \{)(\d{4}\.)(\d{5})")

    def spell(found: re.Match[str]) -> str | None:
        return next((found[1] + new for new in values.transposed(found[2], random)), None)

    return replaced("bib-arxiv", "citation", _entries(base), pattern, spell)


@mutator("bib-author", "an entry's first author is another one, or one is left out")
def author(base: Base, random: Random) -> Iterator[Edit]:
    """`author = {Li, Junnan and …}` → `author = {Liu, Haotian and …}`."""
    people = sorted({entry.authors[0] for entry in _papers(base).values()})

    def spell(found: re.Match[str]) -> str | None:
        return random.choice([one for one in people if one.partition(",")[0] != found.group().partition(",")[0]])

    pattern = re.compile(r"(?<=author = \{)[^{},]+, [^{},]+?(?= and )")
    return replaced("bib-author", "citation", _entries(base), pattern, spell)


@mutator("bib-title", "a word of an entry's title is another one")
def title(base: Base, _: Random) -> Iterator[Edit]:
    """`Visual Instruction Tuning` → `Visual Instruction Training`."""
    slips = {"Tuning": "Training", "Visual": "Vision", "Language": "Speech", "Image": "Video", "Models": "Systems"}
    pattern = re.compile(rf"(?<=[ {{-])(?:{'|'.join(slips)})\b(?=[^=]*\}},$)")
    return replaced("bib-title", "citation", _entries(base), pattern, lambda found: slips[found.group()])


@mutator("bib-twice", "an entry has another entry's arXiv id and address")
def twice(base: Base, random: Random) -> Iterator[Edit]:
    """The address of BLIP-2 under Flamingo's key."""
    addresses = sorted({one.url for one in _papers(base).values()})
    pattern = re.compile(r"(?<=url = \{)https://arxiv\.org/abs/[\d.]+(?=\})")

    def other(found: re.Match[str]) -> str:
        return random.choice([one for one in addresses if one != found.group()])

    return replaced("bib-twice", "citation", _entries(base), pattern, other)


@mutator("access-date", "the access date is missing, or is no day")
def access_date(base: Base, random: Random) -> Iterator[Edit]:
    """`urldate = {2025-11-16}` → `` or `urldate = {2025-11-61}`."""
    pattern = re.compile(r", urldate = \{\d{4}-\d\d-\d\d\}")

    def slips(found: re.Match[str]) -> str:
        return random.choice(("", found.group()[:-3] + "61}", ", urldate = {November 2025}"))

    return replaced("access-date", "citation", _entries(base), pattern, slips)
