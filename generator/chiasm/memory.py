"""Keeps what was found out about each page and each system: records in, one text out, and back.

A record names what it rests on; a table says which digest each of these things had. A record is true as long as they
have the same ones. The text is JSON and names nothing that could be run; what is not asked for is not even decoded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.face import Citation, Face, Place, Reference
from chiasm.span import Span

Reads = tuple[str, ...]
"""What something rests on, as numbers of the table."""
Missing = dict[tuple[Span, str, str, str], list[str]]
NEVER: Reads = ("!",)
"""What a record rests on that was not made yet."""


class Table:
    """What records rest on (`spec:llava`, `cite:li2023blip2`), numbered in order, with the digests it had by then."""

    def __init__(self, digests: Mapping[str, str]) -> None:
        self.digests = dict(digests)
        self._numbers = {name: str(number) for number, name in enumerate(digests)}

    def reads(self, names: Iterable[str], now: Callable[[str], str | None]) -> Reads:
        """The numbers of names; new ones have the digest that they have now."""
        made: dict[str, None] = {}
        for name in names:
            if name not in self._numbers:
                self._numbers[name] = str(len(self._numbers))
                self.digests[name] = now(name) or ""
            made[self._numbers[name]] = None
        return tuple(made)

    def changed(self, now: Callable[[str], str | None]) -> frozenset[str]:
        """The numbers of what has another digest now, as far as it is known; from here on it has that one."""
        found = {*NEVER}
        for name, digest in self.digests.items():
            if (current := now(name)) is not None and current != digest:
                found.add(self._numbers[name])
                self.digests[name] = current
        return frozenset(found)


class Tally(NamedTuple):
    """Numbers by verdict."""

    proved: int = 0
    reported: int = 0
    refuted: int = 0
    not_judged: int = 0


class Judged(NamedTuple):
    """What was found on a page, how its numbers were judged, the claims that they prove, and what that rests on."""

    found: tuple[Diagnostic, ...] = ()
    tally: Tally = Tally()
    proved: tuple[str, ...] = ()
    reads: Reads = NEVER


class Linked(NamedTuple):
    """What was found about a page's links, and what that rests on."""

    found: tuple[Diagnostic, ...] = ()
    reads: Reads = NEVER


class Brief(NamedTuple):
    """What every run looks at of every page; see `Face`."""

    title: str
    states: tuple[str, ...]
    names: str
    """Digest of its tables of what releases call a kind's things; "" where it has none."""
    outline: str
    assertion: str
    cites: tuple[str, ...]


@dataclass(slots=True)
class Page:
    """One page: the digest of its text, its face, what reading it found, what judging it found."""

    digest: str
    brief: Brief
    found: tuple[Diagnostic, ...]
    judged: Judged
    linked: Linked
    seen: Face | str
    """The face, or its text."""

    @property
    def face(self) -> Face:
        """What others can see of the page."""
        if isinstance(self.seen, str):
            self.seen = _face(json.loads(self.seen))
        return self.seen


class Checked(NamedTuple):
    """What rules found in a system, its base values with whether each is anchored, and what that rests on.

    A base value is named by the page, the line, the column and the variant of its cell.
    """

    found: tuple[Diagnostic, ...] = ()
    bases: dict[str, bool] = {}  # noqa: RUF012, never changed
    reads: Reads = NEVER


class System(NamedTuple):
    """One system: its page and slug, its title and variants, what resolving it found and rests on, and its check."""

    path: str
    system: str
    title: str
    variants: tuple[str, ...]
    found: tuple[Diagnostic, ...]
    missing: Missing
    reads: Mapping[str, str]
    """Pages that it was made from, or that it looked for, with the digests of what they state."""
    checked: Checked = Checked()


@dataclass(slots=True)
class Memory:
    """Everything that is remembered of a base."""

    pages: dict[str, Page] = field(default_factory=dict)
    systems: dict[tuple[str, str], System] = field(default_factory=dict)
    table: Table = field(default_factory=lambda: Table({}))
    lines: dict[str, str] = field(default_factory=dict)
    """Each page's line."""


def written(memory: Memory) -> str:
    """All records, one a line; `lines` of pages that are as they were stand as they are."""
    pages = (memory.lines.get(path) or _line(path, page) for path, page in memory.pages.items())
    systems = (_dumps(_system(one)) for one in memory.systems.values())
    return "\n\n".join((_dumps(memory.table.digests), "\n".join(systems), "\n".join(pages)))


def remembered(text: str) -> Memory:
    """The records of a text; a text that is no such thing holds none."""
    try:
        table, systems, pages = text.split("\n\n")
        found = Memory(table=Table(json.loads(table)))
        for line in systems.split("\n") if systems else ():
            one = _system_of(json.loads(line))
            found.systems[one.path, one.system] = one
        for line in pages.split("\n") if pages else ():
            head, _, seen = line.partition("\t")
            path, page = _page(json.loads(head), seen)
            found.pages[path] = page
            found.lines[path] = line
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return Memory()
    return found


def findings(text: str) -> tuple[Diagnostic, ...]:
    """Findings that `finding_text` wrote down."""
    return tuple(map(_finding, json.loads(text)))


def finding_text(found: Iterable[Diagnostic]) -> str:
    """Findings as JSON."""
    return _dumps(_findings(found))


def _line(path: str, page: Page) -> str:
    """A page's record: what every run needs, a tab, its face."""
    judged, linked = page.judged, page.linked
    own, on_page, on_links = (_findings(found) for found in (page.found, judged.found, linked.found))
    reads = [" ".join(judged.reads), " ".join(linked.reads)]
    head = [path, page.digest, page.brief, own, on_page, judged.tally, judged.proved, on_links, *reads]
    return f"{_dumps(head)}\t{page.seen if isinstance(page.seen, str) else _dumps(page.seen)}"


def _page(raw: list[Any], seen: str) -> tuple[str, Page]:
    path, digest, brief, own, on_page, tally, proved, on_links, judged, linked = raw
    title, states, names, outline, assertion, cites = brief
    return path, Page(
        digest,
        Brief(title, tuple(states), names, outline, assertion, tuple(cites)),
        tuple(map(_finding, own)),
        Judged(tuple(map(_finding, on_page)), Tally(*tally), tuple(proved), tuple(judged.split())),
        Linked(tuple(map(_finding, on_links)), tuple(linked.split())),
        seen,
    )


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _findings(found: Iterable[Diagnostic]) -> list[Any]:
    return [_diagnostic(one) for one in found]


def _diagnostic(one: Diagnostic) -> list[Any]:
    fix = [_place(one.fix.span), one.fix.replacement, one.fix.through] if one.fix else None
    labels = [[_place(label.span), label.text] for label in one.labels]
    kept = [one.ignored] if one.ignored else []
    return [one.rule, one.message, _place(one.span), one.mark, labels, one.help, one.severity, fix, *kept]


def _finding(raw: list[Any]) -> Diagnostic:
    rule, message, span, mark, labels, help_, severity, fix, *kept = raw
    return Diagnostic(
        rule,
        message,
        Span(*span),
        mark,
        tuple(Label(Span(*place), text) for place, text in labels),
        help_,
        severity,
        Fix(Span(*fix[0]), fix[1], fix[2]) if fix else None,
        *kept,
    )


def _place(span: Span) -> tuple[str, int, int, int]:
    return span.path, span.line, span.column, span.end


def _face(raw: list[Any]) -> Face:
    path, title, headings, cites, links, states, facts, about, names, code, outline, assertion = raw
    return Face(
        path,
        title,
        tuple(Place(*one) for one in headings),
        tuple(Citation(*one) for one in cites),
        tuple(Reference(*one) for one in links),
        tuple(states),
        tuple(facts),
        tuple(about),
        names,
        tuple(code),
        outline,
        assertion,
    )


def _system(one: System) -> list[Any]:
    missing = [[_place(span), *key, variants] for (span, *key), variants in one.missing.items()]
    checked = [_findings(one.checked.found), one.checked.bases, " ".join(one.checked.reads)]
    return [one.path, one.system, one.title, one.variants, _findings(one.found), missing, dict(one.reads), checked]


def _system_of(raw: list[Any]) -> System:
    path, system, title, variants, found, missing, reads, checked = raw
    return System(
        path,
        system,
        title,
        tuple(variants),
        tuple(map(_finding, found)),
        {(Span(*span), slot, kind, name): names for span, slot, kind, name, names in missing},
        reads,
        Checked(tuple(map(_finding, checked[0])), checked[1], tuple(checked[2].split())),
    )
