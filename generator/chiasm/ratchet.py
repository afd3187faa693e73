"""Holds what was reached: shares and what chiasm.toml asks for in; findings, and files that say what is reached, out.

`chiasm.toml` says the least shares, which people read and may change; `chiasm.ratchet.json` says what each page had
when they were last raised, so that a loss can be told by page.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence

from chiasm.configuration import Configuration, place
from chiasm.diagnostic import Diagnostic, Label
from chiasm.memory import Tally
from chiasm.source import CONFIGURATION
from chiasm.span import Span

ID = "ratchet"
PAGES = "chiasm.ratchet.json"
PRECISION = 1_000
"""Shares are kept in thousandths, rounded down."""
FEW = 8
"""So many pages are named."""
Reached = Mapping[str, tuple[int, int]]
"""Numbers of a page that are proved, and all of them."""


def lost(
    asked: Configuration, tallies: Mapping[str, Tally], anchored: tuple[int, int], before: Reached, lines: Sequence[str]
) -> Iterator[Diagnostic]:
    """A finding for each share that is too small, with the pages that lost most."""
    proved, numbers = sum(one.proved for one in tallies.values()), sum(map(sum, tallies.values()))
    if missing := _missing(asked.proved, proved, numbers):
        yield Diagnostic(
            ID,
            f"{_percent(proved, numbers)} of all numbers are proved, {asked.proved:.1%} must be",
            place(lines, CONFIGURATION, "proved"),
            mark=f"{proved:,} of {numbers:,}: {missing:,} too few",
            labels=tuple(_pages(tallies, before)),
            help="`chiasm check --show-unjudged` says why a number has no verdict: link it to its fact",
        )
    if missing := _missing(asked.anchored, *anchored):
        yield Diagnostic(
            ID,
            f"{_percent(*anchored)} of the base values are anchored, {asked.anchored:.1%} must be",
            place(lines, CONFIGURATION, "anchored"),
            mark=f"{anchored[0]:,} of {anchored[1]:,}: {missing:,} too few",
            help="hold new values by a released excerpt, a published total or an independent statement",
        )


def raised(text: str, asked: Configuration, proved: tuple[int, int], anchored: tuple[int, int]) -> str:
    """chiasm.toml with the shares that are reached; none becomes smaller."""
    for key, least, (part, whole) in (("proved", asked.proved, proved), ("anchored", asked.anchored, anchored)):
        share = math.floor(part / whole * PRECISION) / PRECISION if whole else 0.0
        if share > least:
            text = _set(text, key, f"{share:g}")
    return text


def reached(tallies: Mapping[str, Tally]) -> str:
    """What each page has, one a line."""
    pages = (f"  {json.dumps(path)}: [{one.proved}, {sum(one)}]" for path, one in sorted(tallies.items()) if sum(one))
    return '{\n "pages": {\n' + ",\n".join(pages) + "\n }\n}\n"


def read(text: str) -> Reached:
    """What pages had; empty for a text that does not say it."""
    try:
        return {str(path): (int(part), int(whole)) for path, (part, whole) in json.loads(text)["pages"].items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _missing(share: float, part: int, whole: int) -> int:
    """How many are missing to a share."""
    return max(math.ceil(share * whole - 1e-9) - part, 0)


def _percent(part: int, whole: int) -> str:
    # Rounded down: what is too little must not look as if it were enough.
    return f"{math.floor(part / whole * 1_000) / 10 if whole else 0:.1f}%"


def _pages(tallies: Mapping[str, Tally], before: Reached) -> Iterator[Label]:
    """Pages whose share fell, those that lost most first; without a record, those with most that is not proved."""
    fell: list[tuple[float, str, str]] = []
    for path, one in tallies.items():
        part, whole = before.get(path, (0, 0))
        count = int(sum(one))
        if before and count:
            loss = part / whole * count - one.proved if whole else count - one.proved
            was = f", were {part} of {whole}" if whole else ", a new page"
            fell.append((-loss, path, f"{one.proved} of {count} proved{was}"))
        elif count:
            fell.append((one.proved - count, path, f"{one.proved} of {count} proved"))
    for loss, path, words in sorted(fell)[:FEW]:
        if loss < 0:
            yield Label(Span(path, 1), words)


def _set(text: str, key: str, value: str) -> str:
    """A key of `[check]` with another value; what else stands there stays."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if re.fullmatch(r"\s*\[\s*check\s*\]\s*(#.*)?", line)), None)
    if start is None:
        return f"{text.rstrip()}\n\n[check]\n{key} = {value}\n".lstrip("\n")
    for at in range(start + 1, len(lines)):
        if lines[at].lstrip().startswith("["):
            break
        if found := re.match(rf"(\s*[\"']?{key}[\"']?\s*=\s*)[^\s#]+", lines[at]):
            lines[at] = f"{found[1]}{value}{lines[at][found.end() :]}"
            return "\n".join(lines)
    lines.insert(start + 1, f"{key} = {value}")
    return "\n".join(lines)
