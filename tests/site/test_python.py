"""Python is highlighted in one pass as Pygments highlights it token by token."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm.site.code import _coloured, _literal
from chiasm.site.python import python

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "generated").rglob("*.py")) + sorted((ROOT / "generator/chiasm/site").glob("*.py"))


def test_files_are_as_pygments_makes_them() -> None:
    texts = {path.read_text(encoding="utf-8") for path in FILES}
    made = {text: python(text, _literal) for text in texts}
    assert sum(one is None for one in made.values()) < len(texts) // 10
    assert {text for text, one in made.items() if one is not None and one != _coloured("python", text)} == set()


@pytest.mark.parametrize(
    "text",
    [
        "from a import b\nimport c.d as e, f\nraise X from error\n",
        "class A(B):\n    '''no docstring of ours'''\n",
        'def __init__(self, x): yield from f"{x!r:>{w}}" "a%s" b"\\x00"\n',
        "@wraps\nx = a @ b.max(1, .5, 1e-5, 0x1F, 1_000) if not c else None\n",
        '    """One\n\n    two "three" four."""\n',
        "match x:\n    case _:\n        pass\n",
    ],
)
def test_a_text_is_as_pygments_makes_it_or_left_to_it(text: str) -> None:
    assert python(text, _literal) in (None, _coloured("python", text))


WORDS = [
    "def ",
    "class ",
    "from ",
    "import ",
    "as ",
    "x",
    "self",
    "max",
    ".",
    ",",
    "(",
    ")",
    '"',
    "'",
    '"""',
    "f",
    "\n",
]
MORE = [
    " ",
    "1",
    "0x",
    "e5",
    "@",
    "#",
    "{",
    "}",
    "%",
    "\\",
    "yield from",
    "None",
    "é",
    "    ",
    "in ",
    "__init__",
    "!",
    "==",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(WORDS + MORE), max_size=14).map("".join))
def test_anything_is_as_pygments_makes_it_or_left_to_it(text: str) -> None:
    text += "\n"
    assert python(text, _literal) in (None, _coloured("python", text))
