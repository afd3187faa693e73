"""Reads a page for display: text in, markdown-it's block and inline tokens out.

`blocks` and `inlines` find claims to the column and keep no emphasis; a reader wants the emphasis and no columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from chiasm.page.blocks import MAX_NESTING

__all__ = ["Token", "tokens"]

MARKED = re.compile(r"[\n!$&*<\[\\\]_`~]")
"""A character that may begin or end anything but text."""


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
    return markdown


def _inline(state: StateCore) -> None:
    """markdown-it's own rule, which words without a mark are spared: most cells of a table."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        if MARKED.search(token.content):
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        elif token.content:
            token.children.append(Token("text", "", 0, content=token.content))
