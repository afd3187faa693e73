"""Holds citations, values and quotations against what was read of their source: a page in, what differs out.

Only what a record says is held against it: a source without one, and a claim that its record does not name, pass.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from chiasm.claiming.claim import Claims, Disagreement, Fact, Formula, Position
from chiasm.document import Cell, Cite, Paragraph, Table
from chiasm.graph import Graph
from chiasm.judging.classes import Slip
from chiasm.numbers.quantity import quantity
from chiasm.readings import Read, Reading
from chiasm.regex import regex
from chiasm.span import Span

PLACE = regex(r"(Table|Fig\.|§|App\.) ?([A-Z](?:\.\d+)*|\d+(?:\.\d+)*)(?!\d)")
"""A place of a paper in a locator."""
FILE = regex(r"[\w.-]+(?:/[\w.-]+)*\.(?:py|json|yaml|md)\b")
QUOTED = regex(r'"([^"\n]{6,160})"|“([^”\n]{6,160})”')
LINKED = regex(r"\]\([^)]*\)|`[^`]*`")
WORD = regex(r"[\w.,%×+/-]*\w[%×+]?")
FEW = 3
"""As few words must be equal but for one; of more, three in four."""


def places(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Cited places that nobody read, and those where a value of the page does not stand."""
    if not graph.readings:
        return
    told: set[Span] = set()
    for cite, claim in _claimed(page):
        reading = graph.readings.get(cite.key)
        found = PLACE.search(cite.locator) or FILE.match(cite.locator)
        read = reading.claims.get(claim, ()) if reading else ()
        if reading and found and read and not any(_is_in(_named(found[0]), one.place) for one in read):
            stands = " and ".join(dict.fromkeys(one.place for one in read))
            at = _within(graph, cite, found[0])
            told.add(at)
            yield Slip(
                at,
                f"`{claim.rpartition('/')[2]}` was read at {stands} of {cite.key}, not at {_named(found[0])}",
                stands,
                read[0].span,
                f"{read[0].text or 'it'} here",
                f"write {stands}, or correct the record",
            )
    for cite in page.cites:
        reading = graph.readings.get(cite.key)
        for found in PLACE.finditer(cite.locator) if reading else ():
            at = _within(graph, cite, found[0])
            if reading and at not in told and not any(_is_in(one, _named(found[0])) for one in reading.places):
                near = difflib.get_close_matches(_named(found[0]), reading.places, n=1, cutoff=0.5)
                yield Slip(
                    at,
                    f"the record of `{cite.key}` has no {_named(found[0])}",
                    "",
                    Span(reading.path, 1),
                    f"places read: {', '.join(reading.places)}",
                    f"did you mean {near[0]}? Else add it to the record" if near else "add it to the record",
                )


def _claimed(page: Claims) -> Iterator[tuple[Cite, str]]:
    """Citations beside a value, and the claim."""
    for fact in _facts(page):
        yield from ((cite, fact.id) for cite in (fact.evidence.cites if fact.evidence else ()))


def _facts(page: Claims) -> Iterator[Fact]:
    return (fact for table in page.tables for fact in table.facts)


def _named(found: str) -> str:
    """A place as records spell it: `Table 2`, `§3.1`, `App. B.1`."""
    head = PLACE.match(found)
    return found if head is None else f"§{head[2]}" if head[1] == "§" else f"{head[1]} {head[2]}"


def _is_in(place: str, outer: str) -> bool:
    """A place is another one, or lies in it: §3.1 is in §3."""
    return place == outer or place.startswith(f"{outer}.") or outer.startswith(f"{place}.")


def values(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Values that are not what was read where they say."""
    for fact in _facts(page) if graph.readings else ():
        cites = fact.evidence.cites if fact.evidence else ()
        reading = graph.readings.get(cites[0].key) if len(cites) == 1 else None
        read = [one for one in reading.claims.get(fact.id, ()) if one.text] if reading else []
        if read and not isinstance(fact.value, Formula) and not any(_same(fact.cell.text, one.text) for one in read):
            yield _other(fact.cell.span, fact.cell.text, cites[0].key, read[0])
    for table in page.disagreements if graph.readings else ():
        for position in table.positions:
            if position.cite and (reading := graph.readings.get(position.cite.key)):
                yield from _position(page, table, position, reading)


def agreeing(graph: Graph, fact: Fact) -> bool:
    """Whether a record of the fact's source says the same."""
    cites = fact.evidence.cites if fact.evidence and graph.readings else ()
    records = (graph.readings[cite.key] for cite in cites if cite.key in graph.readings)
    read = (one for record in records for one in record.claims.get(fact.id, ()))
    return any(one.text and _same(fact.cell.text, one.text) for one in read)


def _position(page: Claims, table: Disagreement, position: Position, reading: Reading) -> Iterator[Slip]:
    """What a row of a table of disagreement says that a source says, and of what."""
    head = f"{table.system or page.system}/{table.slot}.{table.field}, "
    places_ = [_named(one[0]) for one in PLACE.finditer(position.cite.locator if position.cite else "")]
    read = [one for one in reading.values if one.text and one.claim.startswith(head) and one.place in places_]
    said = position.cell.text
    same = [one for one in read if _same(said, one.text)]
    scope = ", ".join(position.scope)
    if read and not same:
        yield _other(position.span, said, reading.key, read[0])
    elif same and not any(one.claim.removeprefix(head) == scope for one in same):
        expected = same[0].claim.removeprefix(head)
        yield Slip(
            position.span,
            f"{reading.key} {same[0].place} says {said} of “{expected}”, not of “{scope}”",
            "",
            same[0].span,
            "as it was read",
            f"write {expected}, or correct the record",
        )


def _other(span: Span, text: str, key: str, read: Read) -> Slip:
    return Slip(
        span,
        f"{key} {read.place} says {read.text}, not {text}",
        read.text,
        read.span,
        "as it was read",
        f"write {read.text}, or correct the record of what was read",
    )


def _same(text: str, read: str) -> bool:
    one, other = quantity(text), quantity(read)
    if one and other:
        return (one.value, one.high, one.unit) == (other.value, other.high, other.unit)
    return _bare(text) == _bare(read)


def _bare(text: str) -> str:
    return " ".join(text.replace("`", "").lower().split())


def quotations(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Quotations of a source that differ by a word or a number from what was read in it."""
    for span, words, keys in _quoted(graph, page) if graph.readings else ():
        records = [graph.readings[key] for key in sorted(keys) if key in graph.readings]
        known = [(record, one) for record in records for one in (*record.words, record.title) if one]
        if known and not any(_holds(one.text, words) for _, one in known):
            for reading, one in known:
                if like := _like(one.text, words):
                    yield Slip(
                        span,
                        f"{reading.key} does not say “{words}”",
                        f"“{like}”",
                        one.span,
                        f"read {'at ' + one.place if one.place else 'there'}",
                        f"write “{like}”, or quote other words",
                    )
                    break


def _quoted(graph: Graph, page: Claims) -> Iterator[tuple[Span, str, frozenset[str]]]:
    """Words between quotation marks, where they stand, and the sources of their paragraph or row."""
    lines = graph.lines(page.document.path) or ()
    for block in page.document.blocks:
        rows: Iterable[tuple[Cell, ...] | tuple[Paragraph]]
        rows = block.rows if isinstance(block, Table) else ((block,),) if isinstance(block, Paragraph) else ()
        for row in rows:
            keys = frozenset(item.key for part in row for item in part.inlines if isinstance(item, Cite))
            begin = row[0].span.line if row else 0
            end = max((item.span.line for part in row for item in part.inlines), default=begin)
            for number in range(begin, end + 1) if keys else ():
                plain = LINKED.sub(lambda match: "\0" * len(match.group()), lines[number - 1])
                for found in QUOTED.finditer(plain):
                    at = found.start(found.lastindex or 1) + 1
                    words = found[found.lastindex or 1]
                    if "\0" not in words:
                        yield Span(page.document.path, number, at, at + len(words)), words, keys


def _tokens(text: str) -> list[str]:
    # One expert is quoted as "experts" where a sentence has several.
    return [one.lower().rstrip(".,").removesuffix("s") for one in WORD.findall(text)]


def _holds(whole: str, words: str) -> bool:
    """The words stand in what was read, one behind the other."""
    return f" {' '.join(_tokens(words))} " in f" {' '.join(_tokens(whole))} "


def _like(whole: str, words: str) -> str:
    """The part of what was read that was meant; "" where none certainly was."""
    told, held = _tokens(words), _tokens(whole)
    needed = len(told) - 1 if len(told) <= FEW else -(-len(told) * 3 // 4)
    best, most = 0, -1
    for start in range(len(held) - len(told) + 1):
        equal = sum(one == other for one, other in zip(told, held[start:], strict=False))
        best, most = (start, equal) if equal > most else (best, most)
    if len(told) == 1:
        near = difflib.get_close_matches(told[0], held, n=1, cutoff=0.8) if any(map(str.isdigit, told[0])) else []
        return near[0] if near else ""
    return " ".join(WORD.findall(whole)[best : best + len(told)]) if most >= max(needed, 1) else ""


def _within(graph: Graph, cite: Cite, words: str) -> Span:
    lines = graph.lines(cite.span.path)
    at = lines[cite.span.line - 1].find(words, cite.span.column - 1) if lines else -1
    return cite.span._replace(column=at + 1, end=at + 1 + len(words)) if at >= 0 else cite.span
