"""Reads what a cell says: a number, a boolean, a name, a list or a formula; and what a source cell rests it on."""

from __future__ import annotations

import re
from dataclasses import replace

from chiasm.claiming.claim import Evidence, Formula, Rank, Scalar, Value
from chiasm.diagnostic import Diagnostic, Found
from chiasm.document import Cell, Cite, Code, Text
from chiasm.numbers import formula
from chiasm.numbers.quantity import quantity
from chiasm.page.inline import Inline, plain
from chiasm.regex import regex
from chiasm.span import Span

TRUE = frozenset({"yes", "true", "✓", "✔", "✅"})
FALSE = frozenset({"no", "false", "✗", "✘", "❌"})
_TRUTHS = TRUE | FALSE
DASHES = frozenset({"–", "—", "-", "n/a"})

_NAME = regex(r"[^\W\d][\w.-]*(?: [\w.-]+){0,2}")
_LISTED = regex(r", +")
_FIRST = regex(r"[a-z]+")
_RANKS: dict[str, Rank] = {"derived": "derived", "assumed": "assumed", "measured": "measured"}


def value(cell: Cell) -> Found[Value | None]:
    """What the cell says; None where it is empty or a dash. A formula that cannot be read is a diagnostic."""
    parts = tuple([part for part in cell.inlines if not (isinstance(part, Text) and not part.text.strip())])
    text = plain(parts)
    if not parts or text in DASHES:
        return None, ()
    if isinstance(parts[0], Code):
        return _code(cell, parts[0], parts[1:])
    return _literal(text), ()


def is_boolean(cell: Cell) -> bool:
    """Whether the cell says yes or no; a dash beside such a cell says no."""
    return plain(cell.inlines).lower() in _TRUTHS


def evidence(cell: Cell) -> Evidence | None:
    """What a source cell names: citations, each with all the words after it, or `derived`, `assumed`, `measured`."""
    first = _FIRST.match(plain(cell.inlines).lower())
    rank = _RANKS.get(first.group()) if first else None
    cites = tuple(_located(cell.inlines))
    if rank is None and not cites:
        return None
    return Evidence(rank or "paper", cites, cell.span)


def shown(cell: Cell) -> str:
    """The cell's text as a reader sees it."""
    return plain(cell.inlines)


def _literal(text: str) -> Value:
    """A boolean, a list, a number, else the text itself, a name."""
    if text.startswith("[") and text.endswith("]") and len(text) < 2000:
        return tuple(_scalar(part) for part in text[1:-1].split(",") if part.strip())
    parts = _LISTED.split(text) if ", " in text else ()
    if len(parts) > 1 and len(text) < 2000 and all(_NAME.fullmatch(part) or quantity(part) for part in parts):
        return tuple(_scalar(part) for part in parts)
    return _scalar(text)


def _scalar(text: str) -> Scalar:
    text = text.strip().strip("`")
    if text.lower() in _TRUTHS:
        return text.lower() in TRUE
    return quantity(text) or text


def _code(cell: Cell, first: Code, rest: tuple[Inline, ...]) -> Found[Value | None]:
    codes = [first, *(part for part in rest if isinstance(part, Code))]
    between = "".join(part.text for part in rest if isinstance(part, Text))
    if len(codes) == len(rest) + 1 or not between.strip(" ,/"):
        if len(codes) > 1:
            return tuple(_scalar(code.text) for code in codes), ()
        return _lone(first), ()
    if between.lstrip().startswith("=") and len(codes) == 1:
        return _result(cell, first, rest)
    # Words beside a code span: the cell is text.
    return shown(cell), ()


def _lone(code: Code) -> Value:
    """A code span alone: a literal, else a formula, else a text."""
    literal = _scalar(code.text) if not code.text.startswith("[") else _literal(code.text)
    if not isinstance(literal, str) or (_NAME.fullmatch(code.text) and "." not in code.text):
        return literal
    try:
        formula.parse(code.text)
    except formula.FormulaError:
        return code.text
    return Formula(code.text, _inside(code), None, None)


def _result(cell: Cell, code: Code, rest: tuple[Inline, ...]) -> Found[Value | None]:
    """`` `formula` = result ``."""
    found: list[Diagnostic] = []
    span = _inside(code)
    try:
        formula.parse(code.text)
    except formula.FormulaError as error:
        place = Span(span.path, span.line, span.column + error.start, span.column + max(error.end, error.start + 1))
        found.append(
            Diagnostic(
                "bad-formula",
                f"formula cannot be read: {error}",
                place,
                help="formulas know numbers, fields, `+ - * / // % ^` and " + " ".join(formula.FUNCTIONS),
            )
        )
        return None, tuple(found)
    written = plain(rest).removeprefix("=").strip()
    result = quantity(written)
    start = rest[0].span
    place = Span(start.path, start.line, start.column, cell.span.end)
    equals = cell_text_after(cell, start)
    if equals is not None:
        place = Span(start.path, start.line, equals, cell.span.end)
    if result is None:
        found.append(
            Diagnostic(
                "bad-formula",
                f"the formula's result `{written}` is not a number",
                place,
                help="write a number after `=`, or leave `=` out",
            )
        )
    return Formula(code.text, span, result, place if result is not None else None), tuple(found)


def cell_text_after(cell: Cell, start: Span) -> int | None:
    """The column of the result that follows `=` in the text that begins at `start`."""
    offset = start.column - cell.span.column
    match = re.match(r"\s*=\s*", cell.text[offset:]) if "\\|" not in cell.text else None
    return start.column + match.end() if match else None


def _inside(code: Code) -> Span:
    """The characters between the ticks."""
    span = code.span
    ticks = max((span.end - span.column - len(code.text)) // 2, 0)
    return Span(span.path, span.line, span.column + ticks, span.end - ticks)


def _located(parts: tuple[Inline, ...]) -> list[Cite]:
    """In a source cell everything after a citation, up to the next one or a semicolon, is its locator."""
    cites: list[Cite] = []
    open_ = False
    for part in parts:
        if isinstance(part, Cite):
            cites.append(part)
            open_ = True
        elif open_ and cites and isinstance(part, (Text, Code)):
            words, stop, _ = part.text.partition(";")
            if words.strip(" ,.") and cites:
                locator = f"{cites[-1].locator} {words.strip(' ,')}".strip()
                cites[-1] = replace(cites[-1], locator=locator)
            open_ = not stop
    return cites
