"""Links, citations, mathematics, emphasis and code within a line."""

from __future__ import annotations

import pytest

from chiasm.document import (
    Cite,
    Code,
    Link,
    Math,
    Text,
)
from tests.front.texts import deep, first


def test_links() -> None:
    (link,) = first('[107M *parameters*](<models/a b.md#x%20y> "trainable, stage 2")')
    assert isinstance(link, Link)
    assert (link.text, link.href, link.title) == ("107M parameters", "models/a b.md#x y", "trainable, stage 2")
    assert [part.text for part in link.inlines if isinstance(part, Text)] == ["107M ", "parameters"]
    assert (link.title_span.column, link.title_span.end) == (44, 62)


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("[a](b)", "b"),
        ("[a](b(c)d)", "b(c)d"),
        ("[a]( b 'c' )", "b"),
        ("[a](b\\)c)", "b)c"),
        ("[a](%C3%A9)", "é"),
        ("[a]()", ""),
        ("<https://x.y/z>", "https://x.y/z"),
        ("https://x.y/z", "https://x.y/z"),
        ("[a][r]\n\n[r]: to 'title'", "to"),
        ("[r][]\n\n[R]: to", "to"),
        ("[r]\n\n[r]: to", "to"),
        ("> [r]\n\n- [r]: to", "to"),
    ],
)
def test_every_form_of_link(text: str, href: str) -> None:
    (link,) = (part for part in first(text) if isinstance(part, Link))
    assert link.href == href


@pytest.mark.parametrize("text", ["[a] (b)", "[a](b c)", "[a](b", "a](b)", "[a\\](b)", "`[a](b)`", "[a]", "![a"])
def test_what_is_no_link(text: str) -> None:
    assert not [part for part in first(text) if isinstance(part, Link)]


def test_a_link_holds_no_link_but_may_hold_an_image() -> None:
    links = [part for part in deep(first("[a [b](c) d](e) [![x](y)](z)")) if isinstance(part, Link)]
    assert [(link.href, link.image) for link in links] == [("c", False), ("z", False), ("y", True)]


@pytest.mark.parametrize(
    ("text", "cites"),
    [
        ("[@li2023] §3.4 says", [("li2023", "§3.4")]),
        ("[@li2023] Table 1, Fig. 2", [("li2023", "Table 1, Fig. 2")]),
        ("[@li2023] says 3", [("li2023", "")]),
        ("[@opt-config] num_hidden_layers", [("opt-config", "num_hidden_layers")]),
        ("[@tf] clip/modeling_clip.py and", [("tf", "clip/modeling_clip.py")]),
        ("[@a] `num_layers`", [("a", "num_layers")]),
        ("[@a; @b, §2]", [("a", ""), ("b", "§2")]),
        ("[@a §2] [@b]", [("a", "§2"), ("b", "")]),
        ("[@a].", [("a", "")]),
        ("[@a]\n\n[@a]: https://x 'accessed 2025-11-16'", [("a", "")]),
        ("[@a](https://x)", [("a", "")]),
        ("[@a][]", [("a", "")]),
    ],
)
def test_citations(text: str, cites: list[tuple[str, str]]) -> None:
    assert [(part.key, part.locator) for part in first(text) if isinstance(part, Cite)] == cites


@pytest.mark.parametrize(
    ("text", "math"),
    [
        ("$x^2$", ["x^2"]),
        ("$5 and $10", []),
        ("a$b$", []),
        ("$$x$$ y", ["x"]),
        ("\\$x$", []),
        ("$a$ $b$", ["a", "b"]),
        ("$ a $", []),
    ],
)
def test_mathematics(text: str, math: list[str]) -> None:
    assert [part.text for part in first(f"t {text}") if isinstance(part, Math)] == math


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**188M** of *3.1B*", "188M of 3.1B"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("_a_ __b__ ~~c~~", "a b c"),
        ("***a** b*", "a b"),
        ("\\*a\\*", "*a*"),
        ("a &amp; b &times; c &copy;", "a & b × c ©"),
        ("a*b*c", "abc"),
        ("**a", "**a"),
        ("a\\\nb", "a\nb"),
    ],
)
def test_marks_of_emphasis_are_dropped(text: str, shown: str) -> None:
    assert "".join(part.text for part in first(text) if isinstance(part, Text)) == shown


def test_code_spans() -> None:
    codes = [part.text for part in first("`a` ``b ` c`` ` d ` `e\nf` `` ` ``") if isinstance(part, Code)]
    assert codes == ["a", "b ` c", "d", "e f", "`"]
