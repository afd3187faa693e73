"""Findings as a SARIF 2.1.0 log: findings, their lines and the rules in, one object out. Columns count characters."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from chiasm.diagnostic import Diagnostic, Fix
from chiasm.span import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BASE = "%SRCROOT%"
"""What paths are relative to: the root of what was checked out."""
FINGERPRINT = "chiasm/v1"


class About(NamedTuple):
    """What a viewer shows of a rule."""

    summary: str
    page: str
    severity: str


def written(
    found: Sequence[Diagnostic], lines: Callable[[str], Sequence[str] | None], rules: Mapping[str, About]
) -> str:
    """The log as text."""
    names = sorted({one.rule for one in found})
    prints = _fingerprints(found, lines)
    run = {
        "tool": {"driver": {"name": "chiasm", "rules": [_rule(name, rules.get(name)) for name in names]}},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, names.index(one.rule), mark) for one, mark in zip(found, prints, strict=True)],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _rule(name: str, about: About | None) -> dict[str, Any]:
    if about is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": about.summary},
        "help": {"text": about.page, "markdown": about.page},
        "defaultConfiguration": {"level": about.severity},
    }


def _fingerprints(found: Sequence[Diagnostic], lines: Callable[[str], Sequence[str] | None]) -> Iterator[str]:
    """What stays the same when lines move: the rule, the file, the text of the line, and which of equal ones it is."""
    seen = Counter[str]()
    for one in found:
        text = lines(one.span.path) or ()
        line = text[one.span.line - 1] if 0 < one.span.line <= len(text) else one.message
        what = "\0".join(
            (one.rule, one.span.path, " ".join(line.split()), line[one.span.column - 1 : one.span.end - 1])
        )
        seen[what] += 1
        yield hashlib.sha256(f"{what}\0{seen[what]}".encode()).hexdigest()[:32]


def _result(one: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    words = one.message + (f": {one.mark}" if one.mark else "") + (f"\nhelp: {one.help}" if one.help else "")
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.severity,
        "message": {"text": words},
        "locations": [_location(one.span)],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if one.labels:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": label.text}, **_location(label.span)}
            for number, label in enumerate(one.labels)
        ]
    if one.fix:
        result["fixes"] = [_fix(one.fix, one.help)]
    if one.ignored:
        kind = "external" if one.ignored.endswith("(chiasm.toml)") else "inSource"
        result["suppressions"] = [{"kind": kind, "status": "accepted", "justification": one.ignored}]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span.path), "region": _region(span)}}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path), **({} if path.startswith("/") else {"uriBaseId": BASE})}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.line,
        "endColumn": max(span.end, span.column),
    }


def _fix(fix: Fix, words: str) -> dict[str, Any]:
    # A region without columns is its lines whole.
    region = {"startLine": fix.span.line, "endLine": fix.through} if fix.through else _region(fix.span)
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.replacement}}
    change = {"artifactLocation": _artifact(fix.span.path), "replacements": [replacement]}
    return {"description": {"text": words or "replace"}, "artifactChanges": [change]}
