"""Prints to the terminal: styled text in, nothing out. The only module that imports rich; colour only on a terminal."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from functools import cache

from rich.console import Console
from rich.text import Text

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan", "help": "bold green"}
NARROWEST, WIDEST = 40, 100
"""A last column with less room than the first goes below its row; prose is never wider than the second."""


@cache
def _console(*, error: bool) -> Console:
    """Lines are never wrapped or reflowed: a caret must stay under its word."""
    return Console(stderr=error, highlight=False, soft_wrap=True, markup=False, emoji=False)


def say(text: str = "", style: str = "", *, error: bool = False) -> None:
    """One line, or several."""
    _console(error=error).print(Text(text, style=style))


def stream(text: str) -> None:
    """A piece of an answer, at once and without a line break."""
    sys.stdout.write(text)
    sys.stdout.flush()


def aligned(rows: Sequence[tuple[str, str]], style: str = "bold") -> None:
    """Names on the left, what belongs to them on the right; a name may be empty."""
    width = max((len(name) for name, _ in rows), default=0)
    for name, words in rows:
        line = Text(f"  {name:<{width}}  ", style=style)
        for number, part in enumerate(words.split("\n")):
            if number:
                line.append("\n" + " " * (width + 4))
            line.append(part, style="not bold")
        _console(error=False).print(line)


def table(rows: Sequence[Sequence[str]], *, indent: int = 2) -> None:
    """Columns under one another; on a terminal the last is wrapped, elsewhere lines stay whole."""
    console = _console(error=False)
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for row in rows:
        line = " " * indent + "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        room = console.width - len(line)
        if not console.is_terminal or len(row[-1]) <= room:
            console.print(Text((line + row[-1]).rstrip()))
            continue
        below = room < NARROWEST
        hang = indent * 3 if below else len(line)
        words = textwrap.wrap(row[-1], max(console.width - hang, NARROWEST), break_on_hyphens=False)
        first = [line.rstrip()] if below else [line + words.pop(0)]
        console.print(Text("\n".join([*first, *(" " * hang + part for part in words)])))


def paragraph(text: str) -> None:
    """Prose: wrapped on a terminal, one line elsewhere."""
    console = _console(error=False)
    width = min(console.width, WIDEST)
    console.print(Text("\n".join(textwrap.wrap(text, width)) if console.is_terminal else text))


def report(text: str) -> None:
    """Findings in the full format, coloured where a reader looks first; the text itself is not changed."""
    if not _console(error=False).is_terminal:
        sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")
        return
    for line in text.splitlines():
        _console(error=False).print(_coloured(line))


def _coloured(line: str) -> Text:
    shown = Text(line)
    head = line.partition("[")[0]
    if head in STYLES and line[len(head) :].startswith("["):
        shown.stylize(STYLES[head], 0, line.find("]") + 1)
        shown.stylize("bold", line.find("]") + 1)
    elif line.lstrip().startswith(("-->", "= help")):
        shown.stylize("cyan", 0, len(line) - len(line.lstrip()) + 3)
    elif line.lstrip(" |").startswith("^"):
        shown.stylize("bold red", line.index("^"))
    elif "|" in line and line.partition("|")[0].strip().isdigit():
        shown.stylize("cyan", 0, line.index("|") + 1)
    return shown
