"""What a stage says about a page: a rule, one message, a primary span, the arithmetic beside it, and what to do."""

from __future__ import annotations

from typing import Literal, TypeVar

from chiasm.record import record
from chiasm.span import Span

T = TypeVar("T")
Severity = Literal["error", "warning", "note"]


@record(frozen=True, slots=True)
class Label:
    """A secondary span with what it contributes ("384 / 16 = 24 patches a side")."""

    span: Span
    text: str


@record(frozen=True, slots=True)
class Fix:
    """A safe replacement of exactly one span, or of whole lines from the span's on."""

    span: Span
    replacement: str
    through: int = 0
    """The last of the lines that are replaced whole; 0: only the span is."""


@record(frozen=True, slots=True)
class Diagnostic:
    """One finding. `rule` is a kebab-case id that `chiasm explain` knows; `mark` is printed under the carets."""

    rule: str
    message: str
    span: Span
    mark: str = ""
    labels: tuple[Label, ...] = ()
    help: str = ""
    severity: Severity = "error"
    fix: Fix | None = None
    ignored: str = ""
    """Why somebody keeps it; "" for a finding that is to be acted on."""


Found = tuple[T, tuple[Diagnostic, ...]]
"""What a stage could make, and what it found wrong."""
