"""Writes findings down: findings and the lines they are about in; text, JSON, SARIF or GitHub's form out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from chiasm.diagnostic import Diagnostic
from chiasm.reporting.frame import WIDTH, frame, safe

if TYPE_CHECKING:
    from chiasm.reporting.coverage import Coverage
    from chiasm.reporting.sarif import About
    from chiasm.reporting.unjudged import Group

Lines = Callable[[str], Sequence[str] | None]
"""The lines of a file by its path; None where it is not known."""

FORMATS = ("full", "concise", "json", "sarif", "github")
SEVERITIES = ("error", "warning", "note")


def render(
    diagnostics: Iterable[Diagnostic],
    form: str,
    lines: Lines = lambda _: None,
    *,
    rules: Mapping[str, About] | None = None,
    verdicts: Mapping[str, int] | None = None,
    anchored: tuple[int, int] = (0, 0),
    left: Iterable[Group] | None = None,
    covered: Coverage | None = None,
    width: int = WIDTH,
) -> str:
    """All findings, sorted by place, in one of FORMATS; those that somebody keeps are written for machines alone.

    `rules` describes the rules (for SARIF), `verdicts`, `anchored`, `left` and `covered` what was counted (for JSON).
    """
    found = ordered(diagnostics)
    loud = [one for one in found if not one.ignored]
    match form:
        case "full":
            return "\n".join(full(one, lines, width) for one in loud)
        case "concise":
            return "".join(f"{concise(one)}\n" for one in loud)
        case "github":
            return "".join(f"{_github(one)}\n" for one in loud)
        case "json":
            from chiasm.reporting import machine  # noqa: PLC0415, only this form needs it

            return machine.written(found, verdicts or {}, anchored, left, covered)
        case "sarif":
            from chiasm.reporting import sarif  # noqa: PLC0415, likewise

            return sarif.written(found, lines, rules or {})
        case _:
            msg = f"no format {form!r}; the formats are {', '.join(FORMATS)}"
            raise ValueError(msg)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, each finding once."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda one: (one.span, one.rule, one.message)))


def full(diagnostic: Diagnostic, lines: Lines, width: int = WIDTH) -> str:
    """One finding with the lines it is about, the arithmetic beside them and what to do."""
    head = f"{diagnostic.severity}[{diagnostic.rule}]: {safe(diagnostic.message)}"
    text = [head, *frame(diagnostic, lines, width)]
    if diagnostic.help:
        text.append(f"   = help: {safe(diagnostic.help)}")
    return "\n".join(text) + "\n"


def concise(diagnostic: Diagnostic) -> str:
    """One finding on one line."""
    mark = f" ({diagnostic.mark})" if diagnostic.mark else ""
    return safe(f"{diagnostic.span}: {diagnostic.severity}[{diagnostic.rule}] {diagnostic.message}{mark}")


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning, 1 suppressed`; empty where nothing was found."""
    found = ordered(diagnostics)
    counts: Counter[str] = Counter(one.severity for one in found if not one.ignored)
    parts = [f"{counts[name]} {name}{'s' if counts[name] > 1 else ''}" for name in SEVERITIES if counts[name]]
    parts += [f"{kept} suppressed"] if (kept := sum(bool(one.ignored) for one in found)) else []
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
