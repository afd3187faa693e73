"""Formulas: exact values, clear errors, and the same value in Python and JavaScript."""

from __future__ import annotations

import math
import random
import shutil
import subprocess
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chiasm.numbers import formula
from chiasm.numbers.expression import Expression
from chiasm.numbers.formula import FormulaError, count, evaluate, names, to_javascript, to_latex, to_python

NAMES = {
    "image_size": 336,
    "patch_size": 14,
    "encoder.dim": 1024,
    "class_token": True,
    "eps": 1e-5,
    "text": "gelu",
    "taps": (1, 2),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(image_size / patch_size)^2 + 1", 577),
        ("(image_size / patch_size)^2 + class_token", 577),
        ("encoder.dim * 4", 4096),
        ("7 / 2", Fraction(7, 2)),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("2^3^2", 512),
        ("-2^2", -4),
        ("2^-1", Fraction(1, 2)),
        ("10 - 3 - 2", 5),
        ("100 / 10 / 5", 2),
        ("0.1 + 0.2 == 0.3", 1),
        ("floor(384 / 14)^2", 729),
        ("ceil(7 / 2)", 4),
        ("round(2.5) + round(3.5)", 6),
        ("min(3, 1, 2) + max(4, 5)", 6),
        ("sqrt(9 / 4)", Fraction(3, 2)),
        ("floor(sqrt(2) * 10^9)", math.isqrt(2 * 10**18)),
        ("if(image_size > 224, 2, 1 / 0)", 2),
        ("1e-5 == eps", 1),
        ("3 <= 3", 1),
        ("4 × 5 − 2", 18),
        ("2**3", 8),
        ("1_000", 1000),
    ],
)
def test_values(text: str, value: Fraction | int) -> None:
    assert evaluate(text, NAMES.get) == value


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "ends where a value", (0, 0)),
        ("(1", "ends where `)`", (2, 2)),
        ("1 +", "ends where a value", (3, 3)),
        ("1 2", "unexpected `2`", (2, 3)),
        ("1 = 1", "unexpected `=`", (2, 3)),
        ("1 < 2 < 3", "do not chain", (6, 7)),
        ("foo(1)", "unknown function `foo`", (0, 3)),
        ("if(1, 2)", "takes 3 arguments, not 2", (0, 8)),
        ("floor()", "unexpected `)`", (6, 7)),
        ("3 + width2", "unknown name `width2`", (4, 10)),
        ("1 / (2 - 2)", "division by zero", (5, 10)),
        ("0^-1", "division by zero", (0, 4)),
        ("text + 1", "is 'gelu', not a number", (0, 4)),
        ("taps", "not a number", (0, 4)),
        ("9^9^9", "an exponent is a whole number", (2, 5)),
        ("2^0.5", "an exponent is a whole number", (2, 5)),
        ("(10^64)^64", "too large", (1, 10)),
        ("sqrt(0 - 1)", "square root of -1", (0, 11)),
        ("(" * 100, "nested at most", (49, 50)),
        ("-" * 100 + "1", "nested at most", (49, 50)),
        ("1+" * 400 + "1", "at most 300 parts", (0, 801)),
        ("1" * 60, "at most 40 digits", (0, 60)),
        ("a" * 2000, "at most 1000 characters", (0, 2000)),
        ("__import__('os')", "unexpected `'`", (11, 12)),
        ("__import__(1)", "unknown function", (0, 10)),
        ("a; b", "unexpected `;`", (1, 2)),
        ("0_", "unexpected `_`", (1, 2)),
    ],
)
def test_errors_say_what_and_where(text: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(FormulaError, match=r".") as caught:
        evaluate(text, NAMES.get)
    assert message in str(caught.value)
    assert (caught.value.start, caught.value.end) == place


def test_a_count_is_whole() -> None:
    assert count("(336 / 14)^2", NAMES.get) == 576
    with pytest.raises(FormulaError, match=r"27\.4286 is not a whole number"):
        count("384 / 14", NAMES.get)


def test_names_in_order_of_use() -> None:
    assert names("b + a * b - height + encoder.dim") == ("b", "a", "height", "encoder.dim")


ATOMS = st.integers(0, 60).map(str) | st.sampled_from(["a", "b", "height", "1.5", "0.25"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["+", "-", "*", "/", "//", "%"])
    binary = st.tuples(inner, operator, inner).map(lambda t: f"({t[0]}) {t[1]} {t[2]}")
    right = st.tuples(inner, operator, inner).map(lambda t: f"{t[0]} {t[1]} ({t[2]})")
    call = st.tuples(st.sampled_from(["floor", "ceil", "round"]), inner).map(lambda t: f"{t[0]}({t[1]})")
    several = st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})")
    power = st.tuples(inner, st.integers(0, 3)).map(lambda t: f"({t[0]})^{t[1]}")
    choice = st.tuples(inner, inner, inner, inner).map(lambda t: f"if({t[0]} < {t[1]}, {t[2]}, {t[3]})")
    return binary | right | call | several | power | choice | inner.map(lambda t: f"-({t})")


FORMULAS = st.recursive(ATOMS, combined, max_leaves=8)
VALUES = {"a": 7, "b": 3, "height": 1080}


def value_or_none(expression: Expression) -> Fraction | None:
    try:
        return evaluate(expression, VALUES.get)
    except FormulaError:
        return None


@settings(deadline=None, max_examples=400)
@given(FORMULAS)
@example("-(2)^2")
@example("-7 // 2 - (3 - (4 - 5))")
@example("ceil(-a / b) * -1")
@example("floor((a + 1) / (b - 1)) % 2")
def test_python_is_exact(text: str) -> None:
    value = value_or_none(formula.parse(text))
    if value is not None:
        code = to_python(text, lambda name: f"v[{name!r}]")
        assert eval(code, {"Fraction": Fraction, "math": math, "v": VALUES}) == value, code


def refusal(text: str) -> tuple[int, int] | None:
    try:
        formula.parse(text)
    except FormulaError as error:
        return error.start, error.end
    return None


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("0123456789ab+-*/%^()<>=!., _floceimnxsqrtu×÷"), max_size=40) | FORMULAS)
def test_nothing_but_formula_errors(text: str) -> None:
    place = refusal(text)
    if place is not None:
        assert 0 <= place[0] <= place[1] <= max(len(text), 1)
        return
    expression = formula.parse(text)
    value_or_none(expression)
    latex = to_latex(expression)
    assert latex.count("{") == latex.count("}")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_gives_the_same_numbers() -> None:
    texts = [
        "(a / b)^2 + 1",
        "floor(height / 14) // 2 % 5",
        "-2^2 + -7 % 3",
        "round(2.5) + round(3.5) + round(-0.5)",
        "if(a >= b, ceil(a / b), 0)",
        "min(a, b) * max(1, a - (b - 1))",
        "floor(height / sqrt(height * a))",
    ]
    parts = [f"Number({to_javascript(text, lambda name: f'v.{name}')})" for text in texts]
    script = (
        f"const v = {{a: 7, b: 3, height: 1080}}; {formula.JAVASCRIPT_ROUND} console.log([{', '.join(parts)}].join())"
    )
    out = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.strip()
    assert [float(part) for part in out.split(",")] == [
        pytest.approx(float(evaluate(text, VALUES.get))) for text in texts
    ]


@pytest.mark.parametrize(
    ("text", "javascript"),
    [
        ("-2^2", "-(2 ** 2)"),
        ("a // b", "Math.floor(n / n)"),
        ("a % b * 2", "(n - n * Math.floor(n / n)) * 2"),
        ("a == b", "n === n"),
        ("if(a != b, 1, 2) + 1", "(n !== n ? 1 : 2) + 1"),
        ("round(a / b)", "roundEven(n / n)"),
    ],
)
def test_javascript(text: str, javascript: str) -> None:
    assert to_javascript(text, lambda _: "n") == javascript


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("floor(a / b)", "c.a // c.b"),
        ("ceil(a / b)", "-(-c.a // c.b)"),
        ("(a / b)^2 + 1", "Fraction(c.a, c.b) ** 2 + 1"),
        ("a - (b - 1)", "c.a - (c.b - 1)"),
    ],
)
def test_python(text: str, python: str) -> None:
    assert to_python(text, lambda name: f"c.{name}") == python


def test_latex() -> None:
    assert to_latex("(image_size / patch_size)^2 + 1") == (
        r"\left( \frac{\mathrm{image\_size}}{\mathrm{patch\_size}} \right)^{2} + 1"
    )
    assert to_latex("if(a > 1, floor(a / 2), sqrt(b))") == (
        r"\begin{cases} \left\lfloor \frac{\mathrm{a}}{2} \right\rfloor & \text{if } \mathrm{a} > 1 \\ "
        r"\sqrt{\mathrm{b}} & \text{otherwise} \end{cases}"
    )


def test_rounding_is_to_even_as_in_python() -> None:
    generator = random.Random(0)
    for _ in range(200):
        top, bottom = generator.randint(-99, 99), generator.choice([1, 2, 4, 5, 8])
        assert evaluate(f"round({top} / {bottom})".replace("(-", "(0 - "), NAMES.get) == round(Fraction(top, bottom))
