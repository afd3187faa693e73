"""Finds the blocks of a Markdown text: which lines are what, and where each line's own text begins.

The only module that imports markdown-it-py: CommonMark's block rules, GitHub's tables, display mathematics, front
matter. Every leaf rule is wrapped to note the columns at which its lines begin, which tokens do not carry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock

Rule = Callable[[StateBlock, int, int, bool], bool]
Kind = Literal["heading", "paragraph", "table", "fence", "html", "math", "rule", "definition", "deep"]
Container = Literal["", "list", "quote"]

MAX_NESTING = 100
"""Lists and quotes inside each other; what is deeper is kept as plain text and reported."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A block without blocks in it: its lines (from 1, `end` inclusive) and where the text of each begins (from 0)."""

    kind: Kind
    line: int
    end: int
    offsets: tuple[int, ...]
    container: Container = ""
    level: int = 0
    info: str = ""
    text: str = ""
    title: str = ""


def leaves(text: str) -> list[Leaf]:
    """The blocks of a text in order of their lines, reference definitions among them."""
    found: list[Leaf] = []
    # Characters that markdown-it would turn into other line breaks or drop: same length, same columns.
    clean = text.replace("\r", " ").replace("\0", "\ufffd")
    _markdown().parse(clean, {"leaves": found})
    return found


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt(
        "commonmark", {"maxNesting": MAX_NESTING, "html": True, "linkify": False, "typographer": False}
    )
    markdown.enable("table")
    markdown.core.ruler.enableOnly(["normalize", "block"])
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
        self.ruler = plain.ruler
        self.ruler.before("fence", "math", _noted(_math), {"alt": ["paragraph", "reference", "blockquote", "list"]})
        self.ruler.before("table", "front_matter", _noted(_front_matter))
        for rule in self.ruler.__rules__:
            if rule.name in ("list", "blockquote"):
                rule.fn = _containing(rule.fn, "list" if rule.name == "list" else "quote")
            elif rule.name not in ("math", "front_matter"):
                rule.fn = _noted(rule.fn)

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:
        if state.level < MAX_NESTING:
            super().tokenize(state, startLine, endLine)
            return
        line = startLine
        while line < endLine:
            stop = line
            while stop < endLine and not state.isEmpty(stop):
                stop += 1
            if stop > line:
                _note(state, "deep", line, stop)
            line = stop + 1
        state.line = endLine


def _noted(rule: Rule) -> Rule:
    """The rule, noting the leaf that it makes."""

    def wrapped(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        before = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        if not silent:
            _leaf(state, start, before)
        return True

    return wrapped


def _containing(rule: Rule, container: Container) -> Rule:
    """The rule, noting that what it holds stands in a list or a quote."""

    def wrapped(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        outer = state.env.get("container", "")
        state.env["container"] = container
        made = rule(state, start, end, silent)
        state.env["container"] = outer
        return made

    return wrapped


_KINDS: dict[str, Kind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "table_open": "table",
    "fence": "fence",
    "code_block": "fence",
    "html_block": "html",
    "hr": "rule",
    "math_block": "math",
    "front_matter": "fence",
}


def _leaf(state: StateBlock, start: int, before: int) -> None:
    if len(state.tokens) == before:
        _definition(state, start)
        return
    token = state.tokens[before]
    stop = token.map[1] if token.map else state.line
    details: dict[str, Any] = {"info": token.info.strip(), "text": token.content.strip("\n")}
    if token.type == "heading_open":
        details = {"level": int(token.tag[1:]), "info": "atx" if token.markup.startswith("#") else "setext"}
    elif token.type == "front_matter":
        details["info"] = "front matter"
    elif token.type in ("paragraph_open", "table_open"):
        details = {}
    _note(state, _KINDS[token.type], start, stop, **details)
    # The tokens have served: a large table would keep thousands.
    del state.tokens[before:]


def _definition(state: StateBlock, start: int) -> None:
    """A reference definition makes no token; the parser keeps it by label, the first one of each."""
    known = state.env.get("references", {})
    found = next((one for one in state.env.get("duplicate_refs", ())[-1:] if one["map"][0] == start), None)
    if found is None:
        name, found = next(reversed(known.items()))
    else:
        name = found["label"]
    _note(state, "definition", start, state.line, info=name, text=found["href"], title=found["title"])


def _note(state: StateBlock, kind: Kind, start: int, stop: int, **details: Any) -> None:
    while stop > start + 1 and state.isEmpty(stop - 1):
        stop -= 1
    offsets = tuple(_column(state, line) for line in range(start, stop))
    state.env["leaves"].append(Leaf(kind, start + 1, stop, offsets, state.env.get("container", ""), **details))


def _column(state: StateBlock, line: int) -> int:
    """Where the text of a line begins, after the marks and the indentation of its containers."""
    starts: list[int] = state.env.setdefault("starts", None) or _starts(state)
    return min(state.bMarks[line] + state.tShift[line], state.eMarks[line]) - starts[line]


def _starts(state: StateBlock) -> list[int]:
    starts = [0]
    for line in state.src.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    state.env["starts"] = starts
    return starts


def _math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$` to `$$`, on one line or several without an empty one."""
    if state.is_code_block(start) or not state.src.startswith("$$", state.bMarks[start] + state.tShift[start]):
        return False
    if start < state.env.get("no_math_before", -1):
        return False
    lines: list[str] = []
    for line in range(start, end):
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        if not text:
            state.env["no_math_before"] = line
            return False
        lines.append(text)
        joined = text if line > start else text[2:]
        if joined.endswith("$$"):
            break
    else:
        state.env["no_math_before"] = end
        return False
    if not silent:
        state.line = start + len(lines)
        token = state.push("math_block", "math", 0)
        token.content = "\n".join(lines)[2:-2].strip()
        token.map = [start, state.line]
    return True


def _front_matter(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`---` on the first line to `---`: data about a page, as model cards have it."""
    if start != 0 or silent or state.level or state.src[: state.eMarks[0]].rstrip() != "---":
        return False
    for line in range(1, min(end, 2000)):
        if state.src[state.bMarks[line] : state.eMarks[line]].rstrip() in ("---", "..."):
            state.line = line + 1
            token = state.push("front_matter", "", 0)
            token.content = state.src[state.eMarks[0] + 1 : state.bMarks[line]]
            token.map = [0, state.line]
            return True
    return False
