"""Prints to the terminal: styled text in, nothing out. Colour only on a terminal; no library is imported for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

CODES = {
    "bold": "1",
    "cyan": "36",
    "bold red": "1;31",
    "bold green": "1;32",
    "bold yellow": "1;33",
    "bold cyan": "1;36",
}
"""Style → what a terminal calls it (ECMA-48, select graphic rendition)."""
STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan", "help": "bold green"}
NARROWEST, WIDEST = 40, 100
"""A last column with less room than the first goes below its row; prose is never wider than the second."""


def say(text: str = "", style: str = "", *, error: bool = False) -> None:
    """One line, or several. Lines are never wrapped or reflowed: a caret must stay under its word."""
    stream = sys.stderr if error else sys.stdout
    stream.write((styled(text, style, stream) if style else text) + "\n")


def styled(text: str, style: str, stream: TextIO | None = None) -> str:
    """The text in a style of CODES, where the stream (else standard output) is a terminal that shows it."""
    if not text or not is_coloured(sys.stdout if stream is None else stream):
        return text
    return f"\x1b[{CODES[style]}m{text}\x1b[0m"


def is_coloured(stream: TextIO) -> bool:
    """Whether a stream shows colour: a terminal does, unless the environment says otherwise."""
    known = os.environ
    if known.get("NO_COLOR"):
        return False
    if known.get("FORCE_COLOR"):
        return True
    if not stream.isatty() or known.get("TERM") in ("dumb", "unknown"):
        return False
    return os.name != "nt" or bool({"WT_SESSION", "ANSICON", "TERM"} & known.keys())


def stream(text: str) -> None:
    """A piece of an answer, at once and without a line break."""
    sys.stdout.write(text)
    sys.stdout.flush()


def aligned(rows: Sequence[tuple[str, str]], style: str = "bold") -> None:
    """Names on the left, what belongs to them on the right; a name may be empty."""
    width = max((len(name) for name, _ in rows), default=0)
    for name, words in rows:
        first, *more = words.split("\n")
        below = "".join(f"\n{' ' * (width + 4)}{part}" for part in more)
        sys.stdout.write(f"  {styled(name, style)}{' ' * (width - len(name))}  {first}{below}\n")


def table(rows: Sequence[Sequence[str]], *, indent: int = 2) -> None:
    """Columns under one another; on a terminal the last is wrapped, elsewhere lines stay whole."""
    widths = [max(map(len, column)) for column in zip(*(row[:-1] for row in rows), strict=True)]
    for row in rows:
        line = " " * indent + "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        room = _width() - len(line)
        if not sys.stdout.isatty() or len(row[-1]) <= room:
            say((line + row[-1]).rstrip())
            continue
        below = room < NARROWEST
        hang = indent * 3 if below else len(line)
        words = _wrapped(row[-1], max(_width() - hang, NARROWEST))
        first = [line.rstrip()] if below else [line + words.pop(0)]
        say("\n".join([*first, *(" " * hang + part for part in words)]))


def paragraph(text: str) -> None:
    """Prose: wrapped on a terminal, one line elsewhere."""
    say("\n".join(_wrapped(text, min(_width(), WIDEST))) if sys.stdout.isatty() else text)


def report(text: str) -> None:
    """Findings in the full format, coloured where a reader looks first; the text itself is not changed."""
    if is_coloured(sys.stdout):
        text = "\n".join(map(_coloured, text.split("\n")))
    sys.stdout.write(text if text.endswith("\n") or not text else f"{text}\n")


def _coloured(line: str) -> str:
    head = line.partition("[")[0]
    if head in STYLES and line[len(head) :].startswith("["):
        end = line.find("]") + 1
        return styled(line[:end], STYLES[head]) + styled(line[end:], "bold")
    words = line.lstrip()
    at = len(line) - len(words)
    if led := next((led for led in ("-->", ":::", "= help:") if words.startswith(led)), ""):
        return styled(line[: at + len(led)], "cyan") + line[at + len(led) :]
    if line.lstrip(" |").startswith("^"):
        at = line.index("^")
        return line[:at] + styled(line[at:], "bold red")
    number, bar, rest = line.partition("|")
    return styled(number + bar, "cyan") + rest if bar and number.strip().isdigit() else line


def room(otherwise: int) -> int:
    """Columns for a line of source on a terminal; elsewhere `otherwise`."""
    return max(_width() - 8, NARROWEST) if sys.stdout.isatty() else otherwise


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap  # noqa: PLC0415, only a terminal needs it

    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _width() -> int:
    """Columns of the terminal, as the environment or the terminal says."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
