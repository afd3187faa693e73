"""An entry of the bibliography contradicts itself: its title, arXiv id, address, year, key and authors.

An arXiv id begins with the year and month in which the paper appeared, and the address repeats it. A paper without a
journal is of that year. Where a bibliography's keys are made of surname and year, they are the first author's. A title
is held against the record in `knowledge/evidence/sources/`, and a repository in it against the address.

Bad:

```bibtex
@article{li2023blip2,
  title = {BLIP-2}, author = {Li, Junnan}, year = {2023}, eprint = {2301.12579},
  url = {https://arxiv.org/abs/2301.12597}, urldate = {2025-11-16}
}
```

Good:

```bibtex
@article{li2023blip2,
  title = {BLIP-2}, author = {Li, Junnan}, year = {2023}, eprint = {2301.12597},
  url = {https://arxiv.org/abs/2301.12597}, urldate = {2025-11-16}
}
```
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from chiasm.bibliography import Entry
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.regex import regex

ID = "inconsistent-entry"
ARXIV = regex(r"(\d\d)(0[1-9]|1[0-2])\.\d{4,5}(?:v\d+)?")
ADDRESS = regex(r"arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5})")
KEY = regex(r"([a-z]+)((?:19|20)\d\d)[a-z0-9]*")
WORDS = regex(r"\w+")
REPOSITORY = regex(r"(?:(?:config\.json|Model card)[^/]*? of )?([\w.-]+/[\w\\.-]+)(?=[,\s]|$)")
ADDRESS_OF = regex(r"https://(?:github\.com|huggingface\.co)/([\w.-]+/[\w.-]+)")
FEWEST, MOST_OFTEN = 5, 0.8
"""Keys of so many entries, and that share of them, make a custom."""
LONG = 6
"""Letters of a key that stand in a title by no chance."""


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a field that another field of its entry contradicts."""
    entries = graph.bibliography.entries.values()
    named = {
        entry.key: _is_named_for_its_author(entry) for entry in entries if _surname(entry) and KEY.fullmatch(entry.key)
    }
    custom = sum(named.values())
    follows = custom >= FEWEST and custom >= MOST_OFTEN * len(named)
    for entry in entries:
        yield from _title(graph, entry)
        yield from _address(entry)
        yield from _dates(entry)
        if follows and not named.get(entry.key, True):
            yield from _author(entry)


def _title(graph: Graph, entry: Entry) -> Iterator[Diagnostic]:
    """The title as it was read, and the repository that title and address both name."""
    reading = graph.readings.get(entry.key)
    span = entry.spans.get("title", entry.span)
    if reading and reading.title and WORDS.findall(entry.title.lower()) != WORDS.findall(reading.title.text.lower()):
        yield Diagnostic(
            ID,
            f"the title of `{entry.key}` is not the one that was read",
            span,
            mark=f"expected “{reading.title.text}”",
            labels=(Label(reading.title.span, "as it was read"),),
            help="open the address, and correct the one that is wrong",
        )
    named, address = REPOSITORY.match(entry.title), ADDRESS_OF.match(entry.url)
    copied = "note" in entry.fields or not (named and address)
    if (
        named
        and address
        and not copied
        and named[1].replace("\\", "").lower() != address[1].removesuffix(".git").lower()
    ):
        yield Diagnostic(
            ID,
            f"`{entry.key}` is {named[1]} by its title and {address[1]} by its address",
            span,
            labels=(Label(entry.spans["url"], address[1]),) if "url" in entry.spans else (),
            help="correct one of them, or say in `note` which copy was read",
        )


def _address(entry: Entry) -> Iterator[Diagnostic]:
    stated, found = entry.fields.get("eprint", ""), ADDRESS.search(entry.url)
    if found and ARXIV.fullmatch(stated) and stated.partition("v")[0] != found[1]:
        yield _finding(
            entry, "eprint", f"`{entry.key}` is {stated} by its eprint and {found[1]} by its address", "url",
            "open the address, and correct the one that is another paper",
        )  # fmt: skip


def _dates(entry: Entry) -> Iterator[Diagnostic]:
    found = ARXIV.fullmatch(entry.eprint)
    if not found:
        return
    year, key = f"20{found[1]}", KEY.fullmatch(entry.key)
    venue = " ".join(entry.fields.get(name, "") for name in ("journal", "booktitle", "journaltitle"))
    published = bool(venue.strip()) and "arxiv" not in venue.lower()
    beside = "eprint" if "eprint" in entry.spans else "url"
    if entry.year.isdigit() and entry.year != year and not published:
        help_ = f"write {year}, or name the journal or conference of {entry.year}"
        text = f"`{entry.key}` is of {entry.year}, its arXiv id {entry.eprint} of {year}"
        yield _finding(entry, "year", text, beside, help_, mark=f"expected {year}")
    elif key and entry.year == year != key[2] and not published:
        text = f"`{entry.key}` has {key[2]} in its key and is of {year}"
        yield _finding(entry, "year", text, beside, "correct the year, or rename the key")
    if entry.urldate[:7] and entry.urldate[:7] < f"{year}-{found[2]}":
        text = f"`{entry.key}` was read on {entry.urldate}, before its arXiv id was given ({year}-{found[2]})"
        yield _finding(entry, "urldate", text, beside, "correct the access date or the arXiv id")


def _author(entry: Entry) -> Iterator[Diagnostic]:
    key = KEY.fullmatch(entry.key)
    word = key[1] if key else ""
    named = {_plain(one) for one in re.split(r"[\s:,-]+", f"{entry.title} {' '.join(entry.keywords)}")}
    if word in named or (len(word) >= LONG and word in _plain(entry.title)):
        # The key is made of the title.
        return
    others = [name for name in entry.authors[1:] if _plain(name.partition(",")[0]) == word]
    yield Diagnostic(
        ID,
        f"the key `{entry.key}` is not its first author's, {entry.authors[0].partition(',')[0]}",
        entry.spans.get("author", entry.span),
        labels=(Label(entry.span, f"{word} here"),) if entry.spans.get("author") else (),
        help="put the first author first" if others else "correct the author, or rename the key",
    )


def _is_named_for_its_author(entry: Entry) -> bool:
    key = KEY.fullmatch(entry.key)
    return bool(key) and key is not None and (key[1] == _surname(entry) or _surname(entry).endswith(key[1]))


def _surname(entry: Entry) -> str:
    """The first author's surname, where it is written as "Surname, Given"."""
    first = entry.authors[0] if entry.authors else ""
    return _plain(first.partition(",")[0]) if "," in first else ""


def _plain(text: str) -> str:
    """Letters alone, in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalpha())


def _finding(entry: Entry, field: str, text: str, beside: str, help_: str, *, mark: str = "") -> Diagnostic:
    other = entry.spans.get(beside)
    labels = (Label(other, entry.fields.get(beside, "")),) if other else ()
    return Diagnostic(ID, text, entry.spans.get(field, entry.span), mark=mark, labels=labels, help=help_)
