"""The formula language's syntax: a code span's text in, an expression with the place of every part out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from chiasm.record import record
from chiasm.regex import regex

INPUTS = ("height", "width", "frames", "tiles")
"""Names that are known only when the model runs."""

FUNCTIONS: dict[str, tuple[int, int]] = {
    "floor": (1, 1),
    "ceil": (1, 1),
    "round": (1, 1),
    "sqrt": (1, 1),
    "if": (3, 3),
    "min": (1, 16),
    "max": (1, 16),
}
"""Functions and how many arguments they take."""

MAX_LENGTH, MAX_DEPTH, MAX_DIGITS, MAX_TOKENS = 1000, 48, 40, 300


class FormulaError(ValueError):
    """A formula that cannot be read or evaluated; `start` and `end` are the characters it is about."""

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.start, self.end = start, max(end, start)


@record(frozen=True, slots=True)
class Number:
    """A literal."""

    value: Fraction
    start: int
    end: int


@record(frozen=True, slots=True)
class Name:
    """A field of the own slot, `slot.field`, or a run-time input."""

    name: str
    start: int
    end: int


@record(frozen=True, slots=True)
class Unary:
    """`-x`."""

    operand: Expression
    start: int
    end: int


@record(frozen=True, slots=True)
class Binary:
    """`a + b`, `a == b` …; comparisons give 1 or 0."""

    operator: str
    left: Expression
    right: Expression
    start: int
    end: int


@record(frozen=True, slots=True)
class Call:
    """`floor(x)`, `if(c, a, b)` …"""

    function: str
    arguments: tuple[Expression, ...]
    start: int
    end: int


Expression = Number | Name | Unary | Binary | Call

COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_BINDING = dict.fromkeys(COMPARISONS, 1) | {"+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3, "^": 5}
_SPELLINGS = {"×": "*", "·": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "**": "^"}
_TOKEN = regex(
    r"\s*(?:(?P<number>\d+(?:_\d+)*(?:\.\d+)?(?:[eE][+-]?\d{1,3}(?![\w.]))?)|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<operator>\*\*|//|<=|>=|==|!=|[-+*/%^<>(),×·÷−≤≥≠]))",
    re.ASCII,
)


def parse(text: str) -> Expression:
    """The expression that `text` writes; raises FormulaError with the offending characters."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"a formula has at most {MAX_LENGTH} characters, this one has {len(text)}", 0, len(text))
    tokens = list(_tokens(text))
    if len(tokens) > MAX_TOKENS:
        raise FormulaError(f"a formula has at most {MAX_TOKENS} parts, this one has {len(tokens)}", 0, len(text))
    parser = _Parser(tokens, len(text))
    expression = parser.expression(0, 0)
    if (token := parser.peek()).kind != "end":
        raise FormulaError(f"unexpected `{token.text}`", token.start, token.end)
    return expression


def names(formula: str | Expression) -> tuple[str, ...]:
    """The names a formula reads, each once, in the order of first use."""
    found: dict[str, None] = {}
    for node in walk(parse(formula) if isinstance(formula, str) else formula):
        if isinstance(node, Name):
            found[node.name] = None
    return tuple(found)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, from left to right."""
    yield expression
    match expression:
        case Unary(operand=operand):
            yield from walk(operand)
        case Binary(left=left, right=right):
            yield from walk(left)
            yield from walk(right)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from walk(argument)
        case _:
            pass


@record(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        spelled = match.group(kind)
        if kind == "number" and len(spelled) > MAX_DIGITS:
            raise FormulaError(f"a number has at most {MAX_DIGITS} digits", match.start(kind), match.end())
        yield _Token(kind, _SPELLINGS.get(spelled, spelled), match.start(kind), match.end())
        position = match.end()
    rest = text[position:].lstrip()
    if rest:
        start = len(text) - len(rest)
        raise FormulaError(f"unexpected `{rest[0]}`", start, start + 1)


class _Parser:
    """A Pratt parser over the tokens; one use."""

    def __init__(self, tokens: list[_Token], length: int) -> None:
        self.tokens, self.index, self.finish = tokens, 0, _Token("end", "", length, length)

    def peek(self) -> _Token:
        return self.tokens[self.index] if self.index < len(self.tokens) else self.finish

    def take(self, text: str = "") -> _Token:
        token = self.peek()
        if token.kind == "end":
            raise FormulaError(f"the formula ends where {f'`{text}`' if text else 'a value'} is expected", token.start)
        if text and token.text != text:
            raise FormulaError(f"expected `{text}`, not `{token.text}`", token.start, token.end)
        self.index += 1
        return token

    def expression(self, binding: int, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise FormulaError(f"a formula is nested at most {MAX_DEPTH} deep", self.peek().start, self.peek().end)
        left = self.operand(depth)
        while (power := _BINDING.get((token := self.peek()).text, 0)) > binding:
            self.index += 1
            # Only `^` groups to the right: 2^3^2 is 2^9.
            right = self.expression(power - 1 if token.text == "^" else power, depth + 1)
            left = Binary(token.text, left, right, left.start, right.end)
            if token.text in COMPARISONS and self.peek().text in COMPARISONS:
                raise FormulaError("comparisons do not chain", self.peek().start, self.peek().end)
        return left

    def operand(self, depth: int) -> Expression:
        token = self.take()
        if token.kind == "number":
            return Number(Fraction(token.text), token.start, token.end)
        if token.text == "-":
            inner = self.expression(4, depth + 1)
            return Unary(inner, token.start, inner.end)
        if token.text == "(":
            inner = self.expression(0, depth + 1)
            self.take(")")
            return inner
        if token.kind == "name":
            return self.call(token, depth) if self.peek().text == "(" else Name(token.text, token.start, token.end)
        raise FormulaError(f"unexpected `{token.text}`", token.start, token.end)

    def call(self, name: _Token, depth: int) -> Call:
        if name.text not in FUNCTIONS:
            known = " ".join(sorted(FUNCTIONS))
            raise FormulaError(f"unknown function `{name.text}` (known: {known})", name.start, name.end)
        self.take("(")
        arguments = [self.expression(0, depth + 1)]
        while self.peek().text == ",":
            self.index += 1
            arguments.append(self.expression(0, depth + 1))
        close = self.take(")")
        least, most = FUNCTIONS[name.text]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise FormulaError(f"`{name.text}` takes {wanted} arguments, not {len(arguments)}", name.start, close.end)
        return Call(name.text, tuple(arguments), name.start, close.end)
