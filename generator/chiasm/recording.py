"""Writes down what is remembered of a base, and reads it again: records in, one text out, and back.

The text is JSON and names nothing that could be run. A page that is as it was is not written anew: its line stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chiasm.album import Album
from chiasm.cache import Cache
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.memory import Brief, Checked, Judged, Linked, Memory, Page, System, Table, Tally
from chiasm.span import Span

RECORDS = "records"
"""What the cache keeps the records of a base under."""
BETWEEN = ",\n"
"""Stands between the records of pages, and nowhere within one."""


def load(kept: Cache | None) -> Memory:
    """What the last run kept."""
    memory = remembered((kept.get(kept.key(RECORDS)) if kept else None) or "")
    memory.album = Album(kept)
    return memory


def store(memory: Memory, kept: Cache) -> None:
    """Keep it for the next run."""
    memory.album.keep({path: page.digest for path, page in memory.pages.items()}, kept)
    kept.put(kept.key(RECORDS), written(memory))


def written(memory: Memory) -> str:
    """All records but faces."""
    pages = (memory.lines.get(path) or _dumps(_raw(path, page)) for path, page in memory.pages.items())
    systems = (_dumps(_system(one)) for one in memory.systems.values())
    return "\n\n".join((_dumps(memory.table.digests), f"[{BETWEEN.join(systems)}]", f"[{BETWEEN.join(pages)}]"))


def remembered(text: str) -> Memory:
    """The records of a text; a text that is no such thing holds none."""
    try:
        table, systems, pages = text.split("\n\n")
        found = Memory(table=Table(json.loads(table)))
        for one in map(_system_of, json.loads(systems)):
            found.systems[one.path, one.system] = one
        found.pages = dict(map(_page, json.loads(pages)))
        found.lines = dict(zip(found.pages, pages[1:-1].split(BETWEEN), strict=bool(found.pages)))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return Memory()
    return found


def findings(text: str) -> tuple[Diagnostic, ...]:
    """Findings that `finding_text` wrote down."""
    return tuple(map(_finding, json.loads(text)))


def finding_text(found: Iterable[Diagnostic]) -> str:
    """Findings as JSON."""
    return _dumps(_findings(found))


def _raw(path: str, page: Page) -> list[Any]:
    judged, linked = page.judged, page.linked
    own, on_page, on_links = (_findings(found) for found in (page.found, judged.found, linked.found))
    reads = [" ".join(judged.reads), " ".join(linked.reads)]
    return [path, page.digest, page.brief, own, on_page, judged.tally, judged.proved, on_links, *reads]


def _page(raw: list[Any]) -> tuple[str, Page]:
    path, digest, brief, own, on_page, tally, proved, on_links, judged, linked = raw
    title, states, names, outline, assertion, cites, also, facts = brief
    return path, Page(
        digest,
        Brief(title, tuple(states), names, outline, assertion, tuple(cites), tuple(also), facts),
        tuple(map(_finding, own)),
        Judged(tuple(map(_finding, on_page)), Tally(*tally), tuple(proved), tuple(judged.split())),
        Linked(tuple(map(_finding, on_links)), tuple(linked.split())),
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
