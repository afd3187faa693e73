"""Findings as JSON: findings and what was counted in, one object out. Its form is stable: keys are only added.

version      1
findings     what is to be acted on, sorted by place: rule, severity (error, warning, note), message, mark (said
             under the place), help, path, line, column, end (all count from 1, `end` is the column after the
             last character, in characters), labels (text and place each), fix (replacement and place; with
             `through` whole lines to that one are replaced) or null
suppressed   the same of findings that somebody keeps, each with its reason
verdicts     numbers by verdict: proved, reported, refuted, not judged
anchored     base values that something else holds in place, and all of them; null where only a part was asked about
coverage     with `--coverage`: pages, worst first (path, numbers by verdict, values, anchored, assumed), and the keys
             of sources that no page cites (uncited) or that have no access date (undated)
not_judged   with `--show-unjudged`: reason, count, and the numbers (text and place each)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from chiasm.diagnostic import Diagnostic
from chiasm.reporting.coverage import Coverage, objects
from chiasm.reporting.unjudged import Group
from chiasm.span import Span


def written(
    found: Iterable[Diagnostic],
    verdicts: Mapping[str, int],
    anchored: tuple[int, int],
    left: Iterable[Group] | None,
    covered: Coverage | None = None,
) -> str:
    """The object as text."""
    items = tuple(found)
    whole: dict[str, Any] = {
        "version": 1,
        "findings": [_finding(one) for one in items if not one.ignored],
        "suppressed": [{**_finding(one), "reason": one.ignored} for one in items if one.ignored],
        "verdicts": dict(verdicts),
        "anchored": {"held": anchored[0], "of": anchored[1]} if anchored[1] else None,
    }
    if left is not None:
        whole["not_judged"] = [
            {
                "reason": group.reason,
                "count": len(group.numbers),
                "numbers": [{"text": one.text, **place(one.span)} for one in group.numbers],
            }
            for group in left
        ]
    if covered is not None:
        whole["coverage"] = objects(covered)
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def place(span: Span) -> dict[str, Any]:
    """Where something stands."""
    return {"path": span.path, "line": span.line, "column": span.column, "end": max(span.end, span.column)}


def _finding(one: Diagnostic) -> dict[str, Any]:
    through = {"through": one.fix.through} if one.fix and one.fix.through else {}
    return {
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "mark": one.mark,
        "help": one.help,
        **place(one.span),
        "labels": [{"text": label.text, **place(label.span)} for label in one.labels],
        "fix": {"replacement": one.fix.replacement, **place(one.fix.span), **through} if one.fix else None,
    }
