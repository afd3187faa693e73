"""Reads a bibliography: BibTeX in, entries with the place of every field out.

The only module that imports bibtexparser.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from chiasm import bibtex
from chiasm.diagnostic import Diagnostic, Found, Label
from chiasm.record import record
from chiasm.regex import regex
from chiasm.source import Source
from chiasm.span import Span

if TYPE_CHECKING:
    from bibtexparser import model

MAX_SIZE = 4_000_000
_MARKED = regex(r"[{}\\]|\s\s|[^\S ]")


@record(frozen=True, slots=True)
class Entry:
    """One source: its key, what it is, and the text of its fields without braces."""

    key: str
    type: str
    title: str
    authors: tuple[str, ...]
    year: str
    url: str
    urldate: str
    eprint: str
    doi: str
    keywords: tuple[str, ...]
    fields: Mapping[str, str]
    span: Span
    """The key."""
    spans: Mapping[str, Span]
    """Each field's value, as far as it stands on the line where it begins."""


@record(frozen=True, slots=True)
class Bibliography:
    """Every entry by its key, in the order of the file."""

    path: str
    entries: Mapping[str, Entry]


def bibliography(source: Source) -> Found[Bibliography]:
    """The entries of a BibTeX file, and what is wrong: bad blocks, duplicate keys, missing titles."""
    if len(source.text) > MAX_SIZE:
        span = Span(source.path, 1)
        return Bibliography(source.path, {}), (
            Diagnostic("bad-entry", "the bibliography is too large", span, help="split the file"),
        )
    lines = source.lines
    entries: dict[str, Entry] = {}
    found: list[Diagnostic] = []
    if (simple := bibtex.plain(source.text)) is not None:
        for one in simple:
            entries[one.key] = _entry(source.path, lines, one, _key_span(source.path, lines, one))
        return Bibliography(source.path, entries), tuple(wrong for one in entries.values() for wrong in _wrong(one))
    # A bibliography that is as it was is not parsed again: see `remembered`.
    from bibtexparser import model  # noqa: PLC0415

    for block in _blocks(source.text):
        place = _key_span(source.path, lines, block)
        if isinstance(block, model.Entry):
            entry = _entry(source.path, lines, block, place)
            found += _wrong(entry)
            entries[entry.key] = entry
        elif isinstance(block, model.DuplicateBlockKeyBlock):
            found.append(_duplicate(block.key, place, entries[block.key].span if block.key in entries else place))
        elif isinstance(block, model.DuplicateFieldKeyBlock):
            names = ", ".join(f"`{name}`" for name in sorted(block.duplicate_keys))
            found.append(
                Diagnostic("bad-entry", f"an entry has the field {names} twice", place, help="keep one of them")
            )
        elif isinstance(block, model.ParsingFailedBlock):
            found.append(
                Diagnostic(
                    "bad-entry",
                    "this entry cannot be read",
                    place,
                    "is a brace, quote or comma missing?",
                    help="write `@article{key, title = {…}, urldate = {2026-01-31}}`",
                )
            )
        elif isinstance(block, model.ImplicitComment) and not _is_comment(block.comment):
            found.append(
                Diagnostic(
                    "bad-entry",
                    "text between entries is ignored",
                    place,
                    severity="warning",
                    help="begin comments with `%`",
                )
            )
    return Bibliography(source.path, entries), tuple(found)


def written(entries: Iterable[Entry]) -> str:
    """Entries as JSON, for the cache."""
    return json.dumps([[_raw(getattr(entry, one.name)) for one in fields(Entry)] for entry in entries])


def remembered(path: str, text: str) -> Bibliography:
    """The bibliography that `written` wrote down. Raises ValueError where the text is something else."""
    entries = (_remembered(raw) for raw in json.loads(text))
    return Bibliography(path, {entry.key: entry for entry in entries})


def _raw(value: object) -> object:
    if isinstance(value, Span):
        return [value.path, value.line, value.column, value.end]
    return {name: _raw(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def _remembered(raw: list[Any]) -> Entry:
    key, type_, title, authors, year, url, urldate, eprint, doi, keywords, texts, span, spans = raw
    places = {name: Span(*place) for name, place in spans.items()}
    return Entry(
        key,
        type_,
        title,
        tuple(authors),
        year,
        url,
        urldate,
        eprint,
        doi,
        tuple(keywords),
        texts,
        Span(*span),
        places,
    )


def _blocks(text: str) -> Iterator[model.Block]:
    from bibtexparser.splitter import Splitter  # noqa: PLC0415

    # The splitter logs a warning a bad block: each becomes a diagnostic instead.
    logger = logging.getLogger("bibtexparser")
    quiet, logger.disabled = logger.disabled, True
    children = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("bibtexparser.")]
    before = [child.disabled for child in children]
    for child in children:
        child.disabled = True
    try:
        yield from sorted(Splitter(text).split().blocks, key=lambda block: block.start_line or 0)
    finally:
        logger.disabled = quiet
        for child, state in zip(children, before, strict=True):
            child.disabled = state


def _entry(path: str, lines: tuple[str, ...], block: model.Entry | bibtex.Block, place: Span) -> Entry:
    fields = {field.key.lower(): _plain(str(field.value)) for field in block.fields}
    spans = {field.key.lower(): _value_span(path, lines, field) for field in block.fields}
    authors = tuple(name.strip() for name in re.split(r"\s+and\s+", fields.get("author", "")) if name.strip())
    keywords = tuple(word.strip() for word in re.split(r"[,;]", fields.get("keywords", "")) if word.strip())
    eprint = fields.get("eprint", "")
    if not eprint and (found := re.search(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})", fields.get("url", ""))):
        eprint = found[1]
    return Entry(
        block.key,
        block.entry_type.lower(),
        fields.get("title", ""),
        authors,
        fields.get("year", ""),
        fields.get("url", ""),
        fields.get("urldate", ""),
        eprint,
        fields.get("doi", ""),
        keywords,
        fields,
        place,
        spans,
    )


def _wrong(entry: Entry) -> Iterator[Diagnostic]:
    # The access date is judged by a rule of its own.
    if not entry.title:
        yield Diagnostic("bad-entry", f"`{entry.key}` has no title", entry.span, help="add `title = {…}`")


def _duplicate(key: str, place: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "duplicate-entry",
        f"two entries have the key `{key}`",
        place,
        labels=(Label(first, "the first one"),),
        help="rename one of them",
    )


def _plain(value: str) -> str:
    """A field's text: outer quotes or braces, protecting braces, escapes and line breaks removed."""
    value = value.strip()
    if len(value) > 1 and (value[0], value[-1]) in (("{", "}"), ('"', '"')):
        value = value[1:-1]
    if not _MARKED.search(value):
        return value.strip()
    return re.sub(r"\s+", " ", re.sub(r"\\([&%$#_])", r"\1", re.sub(r"(?<!\\)[{}]", "", value))).strip()


def _key_span(path: str, lines: tuple[str, ...], block: model.Block | bibtex.Block) -> Span:
    number = min(block.start_line or 0, len(lines) - 1)
    line = lines[number]
    named = re.search(r"@\w+\s*[{(]\s*([^,\s{}]+)", line)
    start, end = named.span(1) if named else (len(line) - len(line.lstrip()), len(line.rstrip()))
    return Span(path, number + 1, start + 1, max(end, start + 1) + 1)


def _value_span(path: str, lines: tuple[str, ...], field: model.Field | bibtex.Field) -> Span:
    number = min(field.start_line or 0, len(lines) - 1)
    line = lines[number]
    named = re.search(rf"(?<![\w-]){re.escape(field.key)}\s*=\s*[{{\"]?", line)
    start = named.end() if named else len(line) - len(line.lstrip())
    text = _plain(str(field.value))
    whole = line.find(text, start)
    end = whole + len(text) if whole >= 0 else start + max(len(text.partition(" ")[0]), 1)
    return Span(path, number + 1, start + 1, max(min(end, len(line)), start) + 1)


def _is_comment(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("%") for line in text.splitlines())
