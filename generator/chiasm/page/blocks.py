"""Finds the blocks of a Markdown text: which lines are what, and where each line's own text begins.

The parser is markdown-it-py's, with CommonMark's containers, fences, HTML and definitions; the blocks that most lines
are (`rules`) are our own. Every leaf is noted with the columns at which its lines begin, which tokens do not carry.
"""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock

from chiasm.page import rules
from chiasm.page.dispatch import STARTS, Marked, Rule
from chiasm.page.state import Container, Kind, Leaf, State

__all__ = ["MAX_NESTING", "Leaf", "leaves"]

MAX_NESTING = 100
"""Lists and quotes inside each other; what is deeper is kept as plain text and reported."""


def leaves(text: str) -> list[Leaf]:
    """The blocks of a text in order of their lines, reference definitions among them."""
    if not text:
        return []
    # Characters that markdown-it would turn into other line breaks or drop: same length, same columns.
    markdown = _markdown()
    state = State(text.replace("\r", " ").replace("\0", "\ufffd"), markdown)
    markdown.block.tokenize(state, state.line, state.lineMax)
    return state.leaves


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt(
        "commonmark", {"maxNesting": MAX_NESTING, "html": True, "linkify": False, "typographer": False}
    )
    markdown.enable("table")
    markdown.block = _Blocks(markdown.block)
    markdown.normalizeLink = lambda url: url  # type: ignore[method-assign]
    markdown.validateLink = _any_link  # type: ignore[method-assign,assignment]
    return markdown


def _any_link(_: str) -> bool:
    """Which addresses are safe is for whoever shows them."""
    return True


class _Blocks(ParserBlock):
    """markdown-it's block parser, every leaf of which is noted; what is nested too deep is kept."""

    def __init__(self, plain: ParserBlock) -> None:
        super().__init__()
        ruler = plain.ruler
        ruler.before("fence", "math", rules.mathematics, {"alt": ["paragraph", "reference", "blockquote", "list"]})  # type: ignore[arg-type]
        ruler.before("table", "front_matter", rules.front_matter)  # type: ignore[arg-type]
        # Underlined headings and paragraphs are one rule: they end at the same lines.
        ruler.disable("lheading")
        own: dict[str, Rule] = {
            "table": rules.table,
            "code": rules.code,
            "heading": rules.heading,
            "paragraph": rules.text,
        }
        for rule in ruler.__rules__:
            if rule.name in ("list", "blockquote"):
                rule.fn = _containing(rule.fn, "list" if rule.name == "list" else "quote")
            elif rule.name in own:
                rule.fn = own[rule.name]
            elif rule.name == "reference":
                rule.fn = _defining(rule.fn)
            elif rule.name not in ("math", "front_matter"):
                rule.fn = _noted(rule.fn)
        self.ruler = Marked(ruler, STARTS | {"math": "$", "front_matter": "-"})  # type: ignore[assignment]

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        if state.level < MAX_NESTING:
            super().tokenize(state, startLine, endLine)
            return
        if not isinstance(state, State):
            raise TypeError(state)
        line = startLine
        while line < endLine:
            stop = line
            while stop < endLine and not state.isEmpty(stop):
                stop += 1
            if stop > line:
                state.note("deep", line, stop)
            line = stop + 1
        state.line = endLine


def _noted(rule: Rule) -> Rule:
    """markdown-it's rule, noting the leaf that it makes."""

    def wrapped(state: State, start: int, end: int, silent: bool) -> bool:
        if not rule(state, start, end, silent):
            return False
        if not silent:
            token = state.tokens.pop()
            stop = token.map[1] if token.map else state.line
            state.note(_KINDS[token.type], start, stop, info=token.info.strip(), text=token.content.strip("\n"))
        return True

    return wrapped


_KINDS: dict[str, Kind] = {"fence": "fence", "html_block": "html", "hr": "rule"}


def _defining(rule: Rule) -> Rule:
    """markdown-it's rule of reference definitions, which make no token; most lines in brackets are none."""

    def wrapped(state: State, start: int, end: int, silent: bool) -> bool:
        if not rules.may_define(state, start) or not rule(state, start, end, silent):
            return False
        if not silent:
            _definition(state, start)
        return True

    return wrapped


def _containing(rule: Rule, container: Container) -> Rule:
    """The rule, noting that what it holds stands in a list or a quote."""

    def wrapped(state: State, start: int, end: int, silent: bool) -> bool:
        outer, state.container = state.container, container
        made = rule(state, start, end, silent)
        state.container = outer
        return made

    return wrapped


def _definition(state: State, start: int) -> None:
    """Notes the definition that was just read; the parser keeps it by label, the first one of each."""
    known = state.env.get("references", {})
    found = next((one for one in state.env.get("duplicate_refs", ())[-1:] if one["map"][0] == start), None)
    if found is None:
        name, found = next(reversed(known.items()))
    else:
        name = found["label"]
    state.note("definition", start, state.line, info=name, text=found["href"], title=found["title"])
