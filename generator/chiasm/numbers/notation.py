"""Writes an expression down: as LaTeX mathematics, as Python exact on integers, as JavaScript on numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from chiasm.numbers.expression import COMPARISONS, Binary, Call, Expression, Name, Number, Unary, walk

_LATEX = {
    "*": r" \cdot ",
    "==": " = ",
    "!=": r" \ne ",
    "<=": r" \le ",
    ">=": r" \ge ",
    "%": r" \bmod ",
    "+": " + ",
    "-": " - ",
    "<": " < ",
    ">": " > ",
}
_BIND = dict.fromkeys(COMPARISONS, 1) | {"+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3, "^": 6}


def latex(expression: Expression) -> str:
    """The expression as LaTeX mathematics."""
    return _latex(expression, 0)


def _latex(node: Expression, outer: int) -> str:
    match node:
        case Number(value=value):
            return str(value.numerator) if value.denominator == 1 else f"{float(value):.12g}"
        case Name(name=name):
            escaped = name.replace("_", r"\_")
            return rf"\mathrm{{{escaped}}}"
        case Unary(operand=operand):
            return _wrapped(f"-{_latex(operand, 4)}", outer > 4, "latex")
        case Binary(operator="/", left=left, right=right):
            return rf"\frac{{{_latex(left, 0)}}}{{{_latex(right, 0)}}}" if outer < 6 else _latex_group(node)
        case Binary(operator="//", left=left, right=right):
            return rf"\left\lfloor \frac{{{_latex(left, 0)}}}{{{_latex(right, 0)}}} \right\rfloor"
        case Binary(operator="^", left=left, right=right):
            return _wrapped(f"{_latex(left, 7)}^{{{_latex(right, 0)}}}", outer > 6, "latex")
        case Binary(operator=operator, left=left, right=right):
            power = _BIND[operator]
            return _wrapped(_latex(left, power) + _LATEX[operator] + _latex(right, power + 1), power < outer, "latex")
        case Call(function=function, arguments=arguments):
            return _latex_call(function, [_latex(argument, 0) for argument in arguments])


def _latex_group(node: Expression) -> str:
    return rf"\left( {_latex(node, 0)} \right)"


def _latex_call(function: str, arguments: list[str]) -> str:
    match function, arguments:
        case "floor", [x]:
            return rf"\left\lfloor {x} \right\rfloor"
        case "ceil", [x]:
            return rf"\left\lceil {x} \right\rceil"
        case "sqrt", [x]:
            return rf"\sqrt{{{x}}}"
        case "if", [condition, then, otherwise]:
            return (
                rf"\begin{{cases}} {then} & \text{{if }} {condition} \\ {otherwise} & \text{{otherwise}} \end{{cases}}"
            )
        case _:
            known = function if function in ("min", "max") else f"operatorname{{{function}}}"
            return rf"\{known}\left( {', '.join(arguments)} \right)"


def _wrapped(text: str, needed: bool, language: str) -> str:
    if not needed:
        return text
    return rf"\left( {text} \right)" if language == "latex" else f"({text})"


class Code:
    """Writes an expression in Python or in JavaScript; `name` writes its names."""

    def __init__(self, *, python: bool, name: Callable[[str], str]) -> None:
        self.python, self.name = python, name

    def write(self, node: Expression, outer: int) -> str:
        """The expression; in parentheses where what surrounds it (`outer`) binds tighter."""
        match node:
            case Number(value=value):
                return self.number(value)
            case Name(name=name):
                return self.name(name)
            case Unary(operand=operand):
                # JavaScript has no `-a ** b`.
                return _wrapped(f"-{self.write(operand, 5 if self.python else 7)}", outer > 4, "code")
            case Binary():
                return self.binary(node, outer)
            case Call():
                return self.call(node, outer)

    def number(self, value: Fraction) -> str:
        """A literal."""
        if value.denominator == 1:
            return str(value.numerator)
        return f"Fraction({value.numerator}, {value.denominator})" if self.python else repr(float(value))

    def binary(self, node: Binary, outer: int) -> str:
        """An operation."""
        operator, power = node.operator, _BIND[node.operator]
        if operator == "^":
            return _wrapped(f"{self.write(node.left, 7)} ** {self.write(node.right, 5)}", outer > 6, "code")
        left, right = self.write(node.left, power), self.write(node.right, power + 1)
        if operator == "/" and self.python:
            inexact = any(isinstance(part, Call) and part.function == "sqrt" for part in walk(node))
            if not inexact:
                return f"Fraction({self.write(node.left, 0)}, {self.write(node.right, 0)})"
        if not self.python and operator in ("//", "%"):
            quotient = f"Math.floor({left} / {right})"
            return quotient if operator == "//" else _wrapped(f"{left} - {right} * {quotient}", outer > 2, "code")
        if not self.python and operator in ("==", "!="):
            operator += "="
        return _wrapped(f"{left} {operator} {right}", power < outer, "code")

    def call(self, node: Call, outer: int) -> str:
        """A function."""
        match node:
            case Call(function="if", arguments=(condition, then, otherwise)):
                test, a, b = (self.write(part, 1) for part in (condition, then, otherwise))
                return _wrapped(f"{a} if {test} else {b}" if self.python else f"{test} ? {a} : {b}", outer > 0, "code")
            case Call(
                function="floor" | "ceil" as function, arguments=(Binary(operator="/", left=left, right=right),)
            ) if self.python and not any(isinstance(part, Call) and part.function == "sqrt" for part in walk(node)):
                if function == "floor":
                    return _wrapped(f"{self.write(left, 3)} // {self.write(right, 4)}", outer > 3, "code")
                return _wrapped(f"-(-{self.write(left, 5)} // {self.write(right, 4)})", outer > 4, "code")
        arguments = ", ".join(self.write(argument, 0) for argument in node.arguments)
        if self.python:
            module = "math." if node.function in ("floor", "ceil", "sqrt") else ""
            return f"{module}{node.function}({arguments})"
        return f"roundEven({arguments})" if node.function == "round" else f"Math.{node.function}({arguments})"
