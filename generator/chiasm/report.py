"""Writes diagnostics down: findings and the lines they are about in; text, JSON, SARIF or GitHub's form out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chiasm.diagnostic import Diagnostic, Fix
from chiasm.reporting.frame import frame, safe
from chiasm.span import Span

Lines = Callable[[str], Sequence[str] | None]
"""The lines of a file by its path; None where it is not known."""

FORMATS = ("full", "concise", "json", "sarif", "github")
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(
    diagnostics: Iterable[Diagnostic], form: str, lines: Lines = lambda _: None, pages: Mapping[str, str] | None = None
) -> str:
    """All findings, sorted by place, in one of FORMATS. `pages` gives each rule's one-line summary (for SARIF)."""
    found = ordered(diagnostics)
    match form:
        case "full":
            return "\n".join(full(one, lines) for one in found)
        case "concise":
            return "".join(f"{concise(one)}\n" for one in found)
        case "github":
            return "".join(f"{_github(one)}\n" for one in found)
        case "json":
            return json.dumps([_json(one) for one in found], ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        case "sarif":
            return json.dumps(_sarif(found, pages or {}), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        case _:
            msg = f"no format {form!r}; the formats are {', '.join(FORMATS)}"
            raise ValueError(msg)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, each finding once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda one: (one.span, one.rule, one.message)))


def full(diagnostic: Diagnostic, lines: Lines) -> str:
    """One finding with the lines it is about, the arithmetic beside them and what to do."""
    head = f"{diagnostic.severity}[{diagnostic.rule}]: {safe(diagnostic.message)}"
    text = [head, *frame(diagnostic, lines)]
    if diagnostic.help:
        text.append(f"   = help: {safe(diagnostic.help)}")
    return "\n".join(text) + "\n"


def concise(diagnostic: Diagnostic) -> str:
    """One finding on one line."""
    mark = f" ({diagnostic.mark})" if diagnostic.mark else ""
    return safe(f"{diagnostic.span}: {diagnostic.severity}[{diagnostic.rule}] {diagnostic.message}{mark}")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`; empty where nothing was found."""
    counts: Counter[str] = Counter(one.severity for one in ordered(diagnostics))
    parts = [f"{counts[name]} {name}{'s' if counts[name] > 1 else ''}" for name in _LEVELS if counts[name]]
    return ", ".join(parts)


def _github(one: Diagnostic) -> str:
    """A workflow command: GitHub shows it at the line of a pull request."""
    level = "notice" if one.severity == "note" else one.severity
    span = one.span
    place = {
        "file": span.path,
        "line": span.line,
        "endLine": span.line,
        "col": span.column,
        "endColumn": max(span.end, span.column + 1),
        "title": one.rule,
    }
    written = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in place.items())
    words = [one.message, one.mark, *(f"{label.span}: {label.text}" for label in one.labels)]
    words.append(f"help: {one.help}" if one.help else "")
    return f"::{level} {written}::{_escaped(chr(10).join(filter(None, words)))}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _json(one: Diagnostic) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity,
        "message": one.message,
        "mark": one.mark,
        "help": one.help,
        **_place(one.span),
        "labels": [{"text": label.text, **_place(label.span)} for label in one.labels],
        "fix": {"replacement": one.fix.replacement, **_place(one.fix.span)} if one.fix else None,
    }


def _place(span: Span) -> dict[str, Any]:
    return {"path": span.path, "line": span.line, "column": span.column, "end": max(span.end, span.column)}


def _sarif(found: Sequence[Diagnostic], pages: Mapping[str, str]) -> dict[str, Any]:
    names = sorted({one.rule for one in found})
    rules = [{"id": name, **({"shortDescription": {"text": pages[name]}} if pages.get(name) else {})} for name in names]
    driver = {"name": "chiasm", "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, names) for one in found],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(one: Diagnostic, names: Sequence[str]) -> dict[str, Any]:
    words = one.message + (f": {one.mark}" if one.mark else "") + (f"\nhelp: {one.help}" if one.help else "")
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": names.index(one.rule),
        "level": _LEVELS[one.severity],
        "message": {"text": words},
        "locations": [_location(one.span)],
    }
    if one.labels:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": label.text}, **_location(label.span)}
            for number, label in enumerate(one.labels)
        ]
    if one.fix:
        result["fixes"] = [_fix(one.fix, one.help)]
    return result


def _location(span: Span) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(span.path), "region": _region(span)}}


def _artifact(path: str) -> dict[str, str]:
    from urllib.parse import quote  # noqa: PLC0415, only this format needs it

    return {"uri": quote(path), "uriBaseId": "SRCROOT"}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.line,
        "endColumn": max(span.end, span.column),
    }


def _fix(fix: Fix, words: str) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.replacement}}
    change = {"artifactLocation": _artifact(fix.span.path), "replacements": [replacement]}
    return {"description": {"text": words or "replace"}, "artifactChanges": [change]}
