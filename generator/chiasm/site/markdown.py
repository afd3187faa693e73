"""Reads a page for display: text in, markdown-it's block and inline tokens out, but for tables, which are one token.

`blocks` and `inlines` find claims to the column and keep no emphasis; a reader wants the emphasis and no columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from chiasm.page import rules
from chiasm.page.blocks import MAX_NESTING
from chiasm.page.dispatch import STARTS, Marked
from chiasm.site.phrases import Phrase, phrases

__all__ = ["ROWS", "Phrase", "Token", "tokens"]

ROWS = "rows"
"""The type of the token that is a table: its `meta` is the columns' alignments, and each row's line and cells."""
PIPE = re.compile(r"(?<!\\)\|")
SPACE = "\t\n\x0b\x0c\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What is trimmed off cells: white space as JavaScript has it."""

Row = tuple[int, list[Sequence[Phrase | Token]]]


def tokens(text: str) -> Sequence[Token]:
    """The tokens of a page; raw HTML stays text."""
    return _markdown().parse(text)


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING, "linkify": False})
    markdown.enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, allow_digits=False, double_inline=True)
    markdown.use(front_matter_plugin)
    markdown.core.ruler.at("inline", _inline)
    markdown.disable("text_join")  # it does not know our tables
    markdown.block = _Blocks(markdown.block)
    return markdown


class _State(StateBlock):
    """markdown-it's state, to which our own rule for tables says which lines are one."""

    def note(self, kind: str, start: int, stop: int) -> None:  # noqa: ARG002, `page.rules` notes other kinds as well
        """A token for the table of the lines `start` to `stop`."""
        dashes, *lines = (start + 1, start, *range(start + 2, stop))
        aligns = [_align(cell) for cell in self._cells(dashes)]
        token = self.push(ROWS, "table", 0)
        token.map = [start, stop]
        token.meta = {"aligns": aligns, "rows": [(line, self._cells(line)[: len(aligns)]) for line in lines]}

    def _cells(self, line: int) -> list[str]:
        """The cells of a row."""
        row = self.src[self.bMarks[line] + self.tShift[line] : self.eMarks[line]].strip(SPACE)
        cells = [cell.replace("\\|", "|") for cell in PIPE.split(row)]
        first, last = cells[0] == "", len(cells) > 1 and cells[-1] == ""
        return [cell.strip(SPACE) for cell in cells[first : len(cells) - last]]


class _Blocks(ParserBlock):
    """markdown-it's block parser, which tries only the rules that a line's first character allows."""

    def __init__(self, plain: ParserBlock) -> None:
        super().__init__()
        for rule in plain.ruler.__rules__:
            if rule.name == "table":
                rule.fn = rules.table  # type: ignore[assignment]
        starts = STARTS | {"math_block": "$", "front_matter": "-"}
        self.ruler = Marked(plain.ruler, starts)  # type: ignore[assignment]

    def parse(self, src: str, md: MarkdownIt, env: Any, outTokens: list[Token]) -> list[Token] | None:
        if src:
            state = _State(src, md, env, outTokens)
            self.tokenize(state, state.line, state.lineMax)
        return outTokens


def _align(dashes: str) -> str:
    if dashes.endswith(":"):
        return "center" if dashes.startswith(":") else "right"
    return ""


def _inline(state: StateCore) -> None:
    """markdown-it's own rule, which phrases that are simple are spared."""

    def children(text: str) -> Sequence[Any]:
        simple = phrases(text, state.env.get("references", {}), state.md)
        if simple is not None:
            return simple
        made: list[Token] = []
        state.md.inline.parse(text, state.md, state.env, made)
        return _joined(made)

    for token in state.tokens:
        if token.type == "inline":
            token.children = children(token.content)  # type: ignore[assignment]
        elif token.type == ROWS:
            rows = token.meta["rows"]
            token.meta["rows"] = [(line, [children(cell) for cell in cells]) for line, cells in rows]


def _joined(made: Sequence[Token]) -> list[Token]:
    """Texts that follow each other as one, characters that were escaped among them."""
    joined: list[Token] = []
    for are_words, some in groupby(made, key=lambda token: token.type in ("text", "text_special")):
        first, *others = some
        if are_words:
            first.type, first.content = "text", "".join([first.content, *(token.content for token in others)])
            others = []
        joined += [first, *others]
    return joined
