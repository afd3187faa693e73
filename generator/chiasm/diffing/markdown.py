"""Writes a report for a pull request: what differs in, GitHub's Markdown out, never longer than a comment may be.

What pages say is shown as text: nothing in it can format, link, mention or close anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chiasm.diffing.change import FactChange, Report, SystemChange
from chiasm.diffing.pairs import listed
from chiasm.diffing.tensors import numbered
from chiasm.diffing.words import (
    ORDER,
    OUTCOMES,
    SETTING,
    coverage,
    evidence,
    files,
    headline,
    origin,
    place,
    plural,
    rows,
    shape,
    sides,
    summary,
    unclear,
)
from chiasm.regex import regex
from chiasm.reporting.frame import safe
from chiasm.span import Span

LIMIT = 60_000
"""Characters; GitHub takes 65,536 in a comment."""
ROWS = 60
"""Rows of a table."""
LONG = 400
"""Characters of a cell."""
ACTIVE = regex(r"[\\`*_{}\[\]<>#!|~&@$]")
LINKED = regex(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a comment of nothing keeps GitHub from making a mention, an issue or an address of plain text."""
MARK = "<!-- chiasm diff -->"
"""The first line: by it a workflow finds the comment that it wrote last time."""


def markdown(report: Report, limit: int = LIMIT) -> str:
    """The whole report as far as it fits; what was left out is counted at its end."""
    head = "\n".join(_head(report))
    blocks = [*(_system(one) for one in report.systems), *_verdicts(report)]
    made, left = [head], 0
    room = limit - len(head) - 400
    for block in blocks:
        if len(block) + 2 > room:
            left += 1
            continue
        made.append(block)
        room -= len(block) + 2
    if left:
        made.append(f"_{plural(left, 'section')} left out for length; `chiasm diff` prints all of it._")
    return "\n\n".join(made) + "\n"


def escaped(text: str) -> str:
    """Text that is shown as it is."""
    cut = safe(text.replace("\n", " "))
    cut = cut if len(cut) <= LONG else f"{cut[:LONG]}…"
    pieces = LINKED.split(cut)
    return "<!-- -->".join(ACTIVE.sub(lambda found: f"&#{ord(found[0])};", piece) for piece in pieces)


def code(text: str) -> str:
    """Text as a code span that may stand in a table."""
    plain = safe(text.replace("\n", "⏎"))
    plain = plain if len(plain) <= LONG else f"{plain[:LONG]}…"
    if not plain.strip():
        return ""
    longest = max((len(ticks) for ticks in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if plain[0] in "` " or plain[-1] in "` " else ""
    return f"{fence}{gap}{plain}{gap}{fence}".replace("|", "\\|")


def _head(report: Report) -> Iterator[str]:
    yield MARK
    said = summary(report)
    grave = [one for one in said if "no longer" in one or "refuted" in one or "error" in one]
    sign = "❌" if grave else "✅" if report.empty else "🔎"
    yield f"### {sign} chiasm: {'; '.join(said) or 'nothing follows'}"
    yield ""
    yield f"{code(report.old)} → {code(report.new)}: {plural(len(report.pages), 'file')} of the knowledge base."
    moved = [row for row in coverage(report.before, report.after) if row[1] != row[2]]
    if moved:
        yield ""
        yield from _table(("", "before", "after"), moved)


def _system(one: SystemChange) -> str:
    grave = one.weight >= 8
    title = f"<b>{escaped(one.system)}</b>: {escaped(headline(one))}"
    lines = [f"<details{' open' if grave else ''}><summary>{title}</summary>", ""]
    for names, slots in unclear(one):
        told = f"{escaped(names)}: {escaped(slots)} cannot be understood, and what follows cannot be told"
        lines += [f"❌ {told}: see the findings.", ""]
    every = [name for change in one.facts for name in change.variants]
    facts = [change for change in one.facts if not change.only_evidence]
    only = [change for change in one.facts if change.only_evidence]
    head = ("fact", "variants", "before", "after", "evidence", "where")
    lines += _titled("Facts", head, [_fact(change, one, every) for change in facts])
    lines += _titled(
        "Other evidence for the same value",
        ("fact", "variants", "value", "evidence", "where"),
        [
            (code(c.name), _listed(c.variants, every), code(sides(c)[1]), escaped(evidence(c)), code(place(c)))
            for c in only
        ],
    )
    if one.state != "removed":
        figures = [(row.what, row.old, row.new, row.difference, _names(row.variants)) for row in rows(one.figures)]
        lines += _titled(f"Costs of {SETTING}", ("quantity", "before", "after", "difference", "variants"), figures)
    lines += _titled(
        "State dict",
        ("variants", "tensor", "before", "after", "tensors", "in releases"),
        [
            (
                *(_names(c.variants), code(numbered(c.name, c.numbers)), shape(c.old), shape(c.new)),
                *(str(c.count), code(c.released)),
            )
            for c in one.tensors
        ],
    )
    lines += _titled(
        "Released names",
        ("table", "dialect", "ours", "before", "after"),
        [(escaped(c.table), code(c.dialect), code(c.ours), code(c.old), code(c.new)) for c in one.names],
    )
    lines += _loading(one)
    lines += _titled(
        "What a pipeline sees",
        ("variants", "what", "before", "after"),
        [(escaped(", ".join(c.variants)), c.what, code(c.old), code(c.new)) for c in one.pipeline],
    )
    made = files(one)
    lines += [f"Generated: {', '.join(f'{code(path)} {how}' for path, how in made)}", ""] if made else []
    return "\n".join([*lines, "</details>"])


def _fact(change: FactChange, one: SystemChange, every: Sequence[str]) -> tuple[str, ...]:
    told = ", ".join(filter(None, (evidence(change), origin(change, one.system))))
    name = code(change.name) if change.field else f"kind of {code(change.slot)}"
    return name, _listed(change.variants, every), *map(code, sides(change)), escaped(told), code(place(change))


def _listed(names: Sequence[str], every: Sequence[str]) -> str:
    return escaped(listed(names, every) if len(set(every)) > 3 else ", ".join(names))


def _loading(one: SystemChange) -> list[str]:
    told = sorted(one.loading, key=lambda change: ORDER[change.outcome])
    agreeing = [against for against in one.contradictions if against.agrees]
    lines = ["**Released checkpoints**", ""] if told or agreeing else []
    for change in told:
        names = f"{escaped(', '.join(change.variants))}: " if change.variants else ""
        sign = {"breaks": "❌ ", "mended": "✅ "}.get(change.outcome, "")
        lines.append(f"* {sign}{names}**{OUTCOMES[change.outcome]}**: {_spans(change.why)}")
        lines += [f"  * {_spans(hint)}" for hint in change.hints]
    for against in agreeing:
        said = f"{code(against.key)} {escaped(against.released)}, {code(against.name)} of {_names(against.variants)}"
        lines.append(f"* {_where(against.place)} **agrees** now: {said}")
    return [*lines, ""] if lines else []


def _spans(text: str) -> str:
    """Words in which names stand between backticks."""
    return "".join(code(part) if number % 2 else escaped(part) for number, part in enumerate(text.split("`")))


def _verdicts(report: Report) -> Iterator[str]:
    if report.flips:
        found = [
            (_where(one.place), f"{one.old} → **{one.new}**", escaped(one.text), _spans(one.reason))
            for one in report.flips
        ]
        name = plural(len(found), "verdict flips", "verdicts flip")
        yield _folded(name, ("where", "verdict", "number", "because"), found)
    for one, many, several in (
        ("new finding", "new findings", report.found),
        ("finding is gone", "findings are gone", report.gone),
    ):
        if several:
            told = [(_where(d.span), code(d.rule), _spans(d.message), _spans(d.help)) for d in several]
            yield _folded(plural(len(told), one, many), ("where", "rule", "what", "help"), told)


def _where(span: Span) -> str:
    return code(f"{span.path}:{span.line}")


def _names(variants: Sequence[str]) -> str:
    return escaped(", ".join(variants))


def _folded(title: str, head: Sequence[str], found: Sequence[Sequence[str]]) -> str:
    return "\n".join((f"<details open><summary><b>{title}</b></summary>", "", *_table(head, found), "", "</details>"))


def _titled(title: str, head: Sequence[str], found: Sequence[Sequence[str]]) -> list[str]:
    return [f"**{title}**", "", *_table(head, found), ""] if found else []


def _table(head: Sequence[str], found: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in found[:ROWS])
    if len(found) > ROWS:
        yield f"| … {plural(len(found) - ROWS, 'more row')} |{' |' * (len(head) - 1)}"
