"""What `check` has to say about one part of what it was asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.reporting.coverage import Coverage
    from chiasm.reporting.unjudged import Left

VERDICTS = ("proved", "reported", "refuted", "not judged")


class Part(NamedTuple):
    """Findings, the lines that they are shown in, a summary, and the numbers that were left where these are wanted."""

    found: tuple[Diagnostic, ...]
    lines: Callable[[str], Sequence[str] | None]
    summary: tuple[str, ...]
    left: tuple[Left, ...] = ()
    verdicts: Mapping[str, int] = {}
    """Numbers by verdict."""
    anchored: tuple[int, int] = (0, 0)
    """Base values that something else holds in place, and all of them, where the whole base was asked about."""
    covered: Coverage | None = None
    """How far each page is covered, where that is wanted."""
    bugs: tuple[str, ...] = ()
    """What went wrong in chiasm itself."""


def in_words(found: Sequence[Diagnostic]) -> str:
    """How many findings there are."""
    if not found:
        return "no findings"
    from chiasm import report

    return report.summary(found)
