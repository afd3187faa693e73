"""Blocks: our own rules find what markdown-it's rules find, and rules that are not asked would have said no."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from chiasm.page.blocks import MAX_NESTING, leaves
from chiasm.page.dispatch import Marked
from chiasm.page.rules import MAX_SPARE_CELLS
from chiasm.page.state import State

RELAXED = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "table_open": "table",
    "fence": "fence",
    "code_block": "fence",
    "html_block": "html",
    "hr": "rule",
}
WHOLE = ("heading", "paragraph", "table")
"""Kinds that end with their last line; the others' maps may count empty lines behind them."""


@cache
def plain(*, asked: bool = True) -> MarkdownIt:
    """markdown-it with its own rules, no mathematics, no front matter; all rules are asked, or those that may."""
    markdown = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    markdown.enable("table")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    if not asked:
        markdown.block.ruler = Marked(markdown.block.ruler)  # type: ignore[assignment]
    return markdown


def blocks(tokens: list[Token]) -> list[tuple[str, int, int, int]]:
    """Each leaf's kind, its first line, its last one where that is certain, its level."""
    found = []
    for token in tokens:
        if token.type in KINDS and token.map:
            kind = KINDS[token.type]
            level = int(token.tag[1:]) if kind == "heading" else 0
            found.append((kind, token.map[0] + 1, token.map[1] if kind in WHOLE else 0, level))
    return found


def ours(text: str) -> list[tuple[str, int, int, int]]:
    return [
        (leaf.kind, leaf.line, leaf.end if leaf.kind in WHOLE else 0, leaf.level)
        for leaf in leaves(text)
        if leaf.kind != "definition"
    ]


ROW = st.lists(
    st.sampled_from(
        ["a", "b c", "|", "|", "|", "\\|", "\\\\|", "\\", " ", "-", ":", "`|`", "> ", "- ", "\t", "\u3000"]
    ),
    max_size=9,
).map("".join)
DASHES = st.one_of(
    st.lists(st.sampled_from(["-", "---", ":-", "-:", ":-:", " --- "]), min_size=1, max_size=4).map("|".join),
    st.lists(st.sampled_from(["-", "|", ":", " ", "\t", "--", "|-"]), min_size=1, max_size=8).map("".join),
)
BEFORE = st.sampled_from(["", "", "", "|", "| ", " ", "   ", "    ", "\t", "> ", "- ", "  ", "1. ", "> - ", "+ "])
AFTER = st.sampled_from(["", "", "|", " |", "\\|", " ", "\t", "\r"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Rows over and under what may be dashes, in containers that may change from line to line."""
    lines = []
    outer = draw(BEFORE)
    for inner in (ROW, DASHES, ROW, ROW, st.sampled_from(["", "text", "# a", "***", "```", "| x | y |"])):
        lead = outer if draw(st.integers(0, 4)) else draw(BEFORE)
        lines.append(lead + draw(BEFORE.filter(str.isspace) | st.just("")) + draw(inner) + draw(AFTER))
    return "\n".join(lines)


@RELAXED
@given(st.lists(tables(), min_size=1, max_size=3).map("\n".join))
@example("a|b\n-|-\n1|2\n\n| a |\n|---|\n| \\| |")
@example("|a\n--\n|b")
@example("| a | b |\n| - |")
@example("a | b\n- | -\n1 | 2")
@example("> |a|\n> |-|\n|b|")
@example("|a|\n|-|\n    |b|")
@example("text\n|a|\n|-|\n\u3000\n|b|")
def test_tables_are_where_markdown_it_finds_them(text: str) -> None:
    text = text.replace("\r", " ")
    assert ours(text) == blocks(plain().parse(text))


@pytest.mark.parametrize("width", [50, 100])
def test_a_table_ends_where_too_many_cells_are_missing(width: int) -> None:
    rows = MAX_SPARE_CELLS // (width - 1) + 40
    text = "|" + "a|" * width + "\n|" + "-|" * width + "\n" + "|x\n" * rows
    assert ours(text) == blocks(plain().parse(text))
    assert leaves(text)[0].end < rows


BEGINNINGS = r"""
    a word # ###### ####### > - * + 1. 2) 1234567890. ``` ~~~ ` *** --- _ === = <div> <b> <!-- --> | \
    [a]: [a ]: "t" [b] \[ \] : 0 ٣.
"""
MARKS = [*BEGINNINGS.split(), " ", " ", " ", "# ", "- ", "1. ", "    ", "\t", "\u3000", "\x0b"]
LINE = st.lists(st.sampled_from(MARKS), max_size=7)
PAGE = st.lists(LINE.map("".join), max_size=14).map("\n".join)


@RELAXED
@given(PAGE)
@example("a\n===\nb\n---\n- c\n  ---")
@example("> a\nb\n===")
@example("[a\nb]: c\n'd'\ne")
@example("- a\n\n      b\n\n\n      c\n")
def test_blocks_are_where_markdown_it_finds_them(text: str) -> None:
    if text.partition("\n")[0].rstrip() == "---":
        text = "a\n" + text
    env: dict[str, object] = {}
    tokens = plain().parse(text, env)
    assert ours(text) == blocks(tokens)
    known, again = env.get("references", {}), env.get("duplicate_refs", [])
    assert isinstance(known, dict)
    assert isinstance(again, list)
    defined = sorted(one["map"][0] + 1 for one in (*known.values(), *again))
    assert [leaf.line for leaf in leaves(text) if leaf.kind == "definition"] == defined


@RELAXED
@given(PAGE | tables())
def test_rules_that_are_not_asked_would_have_said_no(text: str) -> None:
    assert plain(asked=False).parse(text) == plain().parse(text)


@RELAXED
@given(st.lists(st.sampled_from(["a", " ", "\t", "\n", "\n", "\x0b", "\u3000", "é"]), max_size=20).map("".join))
def test_lines_are_marked_as_markdown_it_marks_them(text: str) -> None:
    markdown = plain()
    own, other = State(text, markdown), StateBlock(text, markdown, {}, [])
    for name in ("src", "bMarks", "eMarks", "tShift", "sCount", "bsCount", "line", "lineMax", "_code_enabled"):
        assert getattr(own, name, None) == getattr(other, name, None), name
