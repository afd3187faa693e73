"""Prints to the terminal: styled text in, nothing out. The only module that imports rich; colour only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

from rich.console import Console
from rich.text import Text

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan", "help": "bold green"}


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
