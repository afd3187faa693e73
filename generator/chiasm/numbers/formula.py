"""Evaluates and translates formulas: a text and a way to look names up in, its exact value or its code out."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from chiasm.numbers.expression import (
    COMPARISONS,
    FUNCTIONS,
    INPUTS,
    Binary,
    Call,
    Expression,
    FormulaError,
    Name,
    Number,
    Unary,
    names,
    parse,
    walk,
)
from chiasm.numbers.notation import Code, latex

__all__ = [
    "FUNCTIONS",
    "INPUTS",
    "JAVASCRIPT_ROUND",
    "Expression",
    "FormulaError",
    "Lookup",
    "count",
    "evaluate",
    "names",
    "parse",
    "to_javascript",
    "to_latex",
    "to_python",
    "walk",
]

Lookup = Callable[[str], object]
"""What a name stands for: a number or a boolean; None where there is no such name."""

MAX_BITS, MAX_EXPONENT, SQRT_BITS = 4096, 64, 192

JAVASCRIPT_ROUND = (
    "const roundEven = x => { const f = Math.floor(x), d = x - f; "
    "return d < 0.5 ? f : d > 0.5 ? f + 1 : f % 2 === 0 ? f : f + 1; };"
)
"""What `round` becomes in JavaScript: halves go to the even neighbour, as in Python."""


def evaluate(formula: str | Expression, lookup: Lookup) -> Fraction:
    """The formula's exact value; a comparison is 1 or 0. Raises FormulaError with the characters it is about."""
    expression = parse(formula) if isinstance(formula, str) else formula
    return _value(expression, lookup)


def count(formula: str | Expression, lookup: Lookup) -> int:
    """The value of a formula that counts something: FormulaError where it is not a whole number."""
    expression = parse(formula) if isinstance(formula, str) else formula
    value = _value(expression, lookup)
    if value.denominator != 1:
        raise FormulaError(f"{_decimal(value)} is not a whole number", expression.start, expression.end)
    return int(value)


def to_latex(formula: str | Expression) -> str:
    """The formula as LaTeX mathematics (without dollar signs)."""
    return latex(parse(formula) if isinstance(formula, str) else formula)


def to_python(formula: str | Expression, name: Callable[[str], str]) -> str:
    """The formula as a Python expression, exact on integers; `name` writes a name (`config.encoder.image_size`).

    May need `Fraction` (a division that no floor or ceil takes) and `math` (ceil of a sum, sqrt).
    """
    return Code(python=True, name=name).write(parse(formula) if isinstance(formula, str) else formula, 0)


def to_javascript(formula: str | Expression, name: Callable[[str], str]) -> str:
    """The formula as a JavaScript expression on numbers; `round` needs JAVASCRIPT_ROUND."""
    return Code(python=False, name=name).write(parse(formula) if isinstance(formula, str) else formula, 0)


def _value(node: Expression, lookup: Lookup) -> Fraction:
    match node:
        case Number(value=value):
            return value
        case Name():
            return _looked_up(node, lookup)
        case Unary(operand=operand):
            return -_value(operand, lookup)
        case Binary():
            return _binary(node, _value(node.left, lookup), _value(node.right, lookup))
        case Call(function="if", arguments=(condition, then, otherwise)):
            return _value(then if _value(condition, lookup) else otherwise, lookup)
        case Call():
            return _call(node, [_value(argument, lookup) for argument in node.arguments])


def _looked_up(node: Name, lookup: Lookup) -> Fraction:
    value = lookup(node.name)
    if value is None:
        raise FormulaError(f"unknown name `{node.name}`", node.start, node.end)
    if isinstance(value, float):
        # repr gives the digits that the page wrote.
        return Fraction(repr(value)) if math.isfinite(value) else _not_a_number(node, value)
    return Fraction(value) if isinstance(value, (int, Fraction)) else _not_a_number(node, value)


def _not_a_number(node: Name, value: object) -> Fraction:
    raise FormulaError(f"`{node.name}` is {value!r}, not a number", node.start, node.end)


def _binary(node: Binary, a: Fraction, b: Fraction) -> Fraction:
    operator = node.operator
    if operator in COMPARISONS:
        truth = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}
        return Fraction(truth[operator])
    if operator == "^":
        return _power(node, a, b)
    if operator in ("/", "//", "%") and b == 0:
        raise FormulaError("division by zero", node.right.start, node.right.end)
    match operator:
        case "+":
            result = a + b
        case "-":
            result = a - b
        case "*":
            result = a * b
        case "/":
            result = a / b
        case "//":
            result = Fraction(a // b)
        case _:
            result = a % b
    return _bounded(result, node)


def _power(node: Binary, a: Fraction, b: Fraction) -> Fraction:
    if b.denominator != 1 or abs(b) > MAX_EXPONENT:
        message = f"an exponent is a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}, not {_decimal(b)}"
        raise FormulaError(message, node.right.start, node.right.end)
    if a == 0 and b < 0:
        raise FormulaError("division by zero", node.left.start, node.right.end)
    if abs(int(b)) * max(a.numerator.bit_length(), a.denominator.bit_length()) > MAX_BITS:
        raise FormulaError("the number is too large", node.start, node.end)
    return Fraction(a ** int(b))


def _bounded(value: Fraction, node: Expression) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise FormulaError("the number is too large", node.start, node.end)
    return value


def _call(node: Call, arguments: list[Fraction]) -> Fraction:
    first = arguments[0]
    match node.function:
        case "floor":
            return Fraction(math.floor(first))
        case "ceil":
            return Fraction(math.ceil(first))
        case "round":
            return Fraction(round(first))
        case "min":
            return min(arguments)
        case "max":
            return max(arguments)
        case _:
            return _sqrt(node, first)


def _sqrt(node: Call, value: Fraction) -> Fraction:
    if value < 0:
        raise FormulaError(f"square root of {_decimal(value)}", node.start, node.end)
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    # Irrational: far more digits than any comparison or rounding of sizes can see.
    return Fraction(math.isqrt((value.numerator << 2 * SQRT_BITS) // value.denominator), 1 << SQRT_BITS)


def _decimal(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.6g}"
