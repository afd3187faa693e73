"""Writes a report as JSON. Names and types below stay as they are while `schema` is 1; fields may be added.

{
  schema: 1, old, new: revisions as named;  compared: systems whose pages differ;
  summary: [text];  pages: [{path, state: added|removed|renamed|changed, was, added, removed}];
  systems: [{
    system, title, path, state, was;
    variants: [{state, old, new}];
    facts: [{slot, field, variants, follows, only_evidence, from, old, new}], old and new null or
           {value, claim, rank, sources, place: {path, line, column, end} | null};
    figures: [{variant, quantity, scope, unit, detail, old, new}], whole numbers, "a/b" for a fraction, null for none;
    tensors: [{variants, name, numbers, count, released, old, new}], shapes or null;
    names: [{table, dialect, ours, old, new, place}];
    contradictions: [{variants, name, key, released, ours, place, claim, agreed, agrees}];
    loading: [{variants, outcome: breaks|renamed|loads|mended, why, hints}];
    pipeline: [{variants, what, old, new}];
    package: null | {name, state, files: [{path, state, added, removed}]};
    unclear: [{variant, slots}]
  }];
  flips: [{text, subject, old, new, place, was, reason, expected}];
  found, gone: findings as `check --format json` writes them;
  before, after: {proved, reported, refuted, not_judged, anchored, bases}
}
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from chiasm import report as reports
from chiasm.diffing.words import summary

if TYPE_CHECKING:
    from chiasm.changes import PackageChange
    from chiasm.diffing.change import Coverage, FactChange, Report, Stand, SystemChange
    from chiasm.span import Span

SCHEMA = 1


def record(report: Report) -> str:
    """The report as a JSON object."""
    made = {
        "schema": SCHEMA,
        "old": report.old,
        "new": report.new,
        "compared": report.compared,
        "summary": list(summary(report)),
        "pages": [_fields(one, "path", "state", "was", "added", "removed") for one in report.pages],
        "systems": [_system(one) for one in report.systems],
        "flips": [
            _fields(one, "text", "subject", "old", "new", "reason", "expected")
            | {"place": _place(one.place), "was": _place(one.was)}
            for one in report.flips
        ],
        "found": json.loads(reports.render(report.found, "json")),
        "gone": json.loads(reports.render(report.gone, "json")),
        "before": _coverage(report.before),
        "after": _coverage(report.after),
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def _system(one: SystemChange) -> dict[str, Any]:
    return {
        **_fields(one, "system", "title", "path", "state", "was"),
        "variants": [_fields(variant, "state", "old", "new") for variant in one.variants],
        "facts": [_fact(fact) for fact in one.facts],
        "figures": [
            _fields(figure, "variant", "quantity", "scope", "unit", "detail")
            | {"old": _number(figure.old), "new": _number(figure.new)}
            for figure in one.figures
        ],
        "tensors": [
            _fields(tensor, "variants", "name", "numbers", "count", "released", "old", "new") for tensor in one.tensors
        ],
        "names": [
            _fields(name, "table", "dialect", "ours", "old", "new") | {"place": _place(name.place)}
            for name in one.names
        ],
        "contradictions": [
            _fields(each, "variants", "name", "key", "released", "ours", "agreed", "agrees")
            | {"place": _place(each.place), "claim": _place(each.claim)}
            for each in one.contradictions
        ],
        "loading": [_fields(each, "variants", "outcome", "why", "hints") for each in one.loading],
        "pipeline": [_fields(each, "variants", "what", "old", "new") for each in one.pipeline],
        "package": _package(one.package) if one.package else None,
        "unclear": [{"variant": name, "slots": slots} for name, slots in one.unclear],
    }


def _fact(one: FactChange) -> dict[str, Any]:
    sides = {"old": _stand(one.old), "new": _stand(one.new)}
    return {**_fields(one, "slot", "field", "variants", "follows", "only_evidence"), "from": one.inherited, **sides}


def _stand(one: Stand | None) -> dict[str, Any] | None:
    return _fields(one, "value", "claim", "rank", "sources") | {"place": _place(one.place)} if one else None


def _package(one: PackageChange) -> dict[str, Any]:
    files = [
        _fields(change, "path", "state")
        | {name: sum(line.sign == sign for line in change.lines) for name, sign in (("added", "+"), ("removed", "-"))}
        for change in one.files
    ]
    return {"name": one.name, "state": one.state, "files": files}


def _coverage(one: Coverage) -> dict[str, int]:
    return {**one.tally._asdict(), "anchored": one.anchored, "bases": one.bases}


def _fields(one: object, *names: str) -> dict[str, Any]:
    return {name: getattr(one, name) for name in names}


def _place(span: Span | None) -> dict[str, Any] | None:
    return {"path": span.path, "line": span.line, "column": span.column, "end": span.end} if span else None


def _number(value: Fraction | None) -> int | str | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"
