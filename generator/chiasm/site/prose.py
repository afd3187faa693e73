"""Renders a page for the site: its Markdown tokens in, headings as Markdown and everything else as HTML out.

MkDocs reads another Markdown than GitHub and lets attributes and raw HTML through. So the tokens of the parser that
also checks a page are rendered here, and MkDocs only sees headings, which it needs for contents and search, and blocks
of HTML in which every character of the page is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field

from chiasm.record import record
from chiasm.site.markdown import ROWS, Phrase, Token

TAGS = frozenset({"p", "ul", "ol", "li", "blockquote", "em", "strong", "s"})
KEY = r"@[\w:.+/-]{1,120}(?:[,;]? [^\[\]@;]{1,80})?"
CITES = re.compile(rf"\[({KEY}(?:; ?{KEY}){{0,15}})\]")
HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
IN_BLOCK = str.maketrans(HTML)
IN_MARKDOWN = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]()#+-.!~^|:=$@'"} | HTML)
"""Text that is text for HTML, and for every Markdown alike."""
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TABLE = '<div class="md-typeset__scrollwrap"><div class="md-typeset__table">'
"""Material's own frame for tables that are wider than the page."""


@record(frozen=True, slots=True)
class Mark:
    """What the compiler knows of a piece of a page: its anchor, a verdict with its reason, where code uses it."""

    anchor: str = ""
    verdict: str = ""
    reason: str = ""
    code: str = ""


NOTHING = Mark()
Phrases = Sequence[Phrase | Token]


@record(frozen=True, slots=True)
class Reader:
    """What a page's rendering asks its surroundings."""

    link: Callable[[str], str]
    """Where a link of the page leads on the site; "" where it leads nowhere."""
    cite: Callable[[str], tuple[str, str, str]]
    """A citation key's address, label and title; an unknown key's address is ""."""
    code: Callable[[str, str], str]
    """Highlighted HTML of a fence: language and text."""
    mathematics: Callable[[str, bool], str]
    """HTML of LaTeX; the flag asks for a formula of its own line."""
    slugs: Mapping[int, str] = field(default_factory=dict)
    """Line of a heading → its anchor."""
    statements: Mapping[tuple[str, str, str], Mark] = field(default_factory=dict)
    """(text, href, title) of a linked number → its verdict."""
    cells: Mapping[tuple[int, int], Mark] = field(default_factory=dict)
    """(line, index of the cell) → claim and verdict."""
    formulas: Mapping[str, str] = field(default_factory=dict)
    """A formula as written → LaTeX."""
    stated: Collection[int] = ()
    """Lines of cells that state facts."""


def staged(tokens: Sequence[Token], reader: Reader) -> str:
    """The page's body as MkDocs reads it, first heading included."""
    return "\n\n".join(_chunks(tokens, reader)) + "\n"


def escaped(words: str) -> str:
    """Text for a block of HTML."""
    return words.translate(IN_BLOCK)


def in_markdown(words: str) -> str:
    """Text for a line of Markdown."""
    return words.translate(IN_MARKDOWN)


def _chunks(tokens: Sequence[Token], reader: Reader) -> Iterator[str]:
    """One string a top-level block: MkDocs needs a blank line between blocks of HTML."""
    block: list[str] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            yield _heading(token, tokens[index + 1], reader)
        elif token.type == "heading_close" or (index and tokens[index - 1].type == "heading_open"):
            continue
        else:
            block.append(_block(token, reader))
            if token.level == 0 and token.nesting <= 0:
                yield "".join(block)
                block.clear()
    if block:
        yield "".join(block)


def _heading(opening: Token, words: Token, reader: Reader) -> str:
    inner = _inline(words.children or (), reader, in_markdown)
    slug = reader.slugs.get((opening.map or [0])[0] + 1, "")
    anchor = f" {{#{slug}}}" if re.fullmatch(r"[^\s{}\"'=]+", slug) else ""
    return f"{'#' * int(opening.tag[1:])} {inner}{anchor}"


def _block(token: Token, reader: Reader) -> str:
    match token.type:
        case "inline":
            return _inline(token.children or (), reader, escaped)
        case kind if kind == ROWS:
            return _table(token, reader)
        case "fence" | "code_block":
            language = token.info.split()[0] if token.info.split() else ""
            return reader.code(language, token.content)
        case "hr":
            return "<hr>"
        case "html_block":
            shown = COMMENT.sub("", token.content).strip()
            return f"<pre>{escaped(shown)}</pre>" if shown else ""
        case kind if kind.startswith("math_block"):
            return f"<div>{reader.mathematics(token.content.strip(), True)}</div>"
        case "heading_open" | "heading_close":  # inside a list or a quotation: no entry of the contents
            return "<p><strong>" if token.nesting > 0 else "</strong></p>"
        case "paragraph_open" | "paragraph_close" if token.hidden:
            return "\n" if token.nesting < 0 else ""
        case _:
            return _element(token)


def _element(token: Token) -> str:
    if token.tag not in TAGS:
        return f"<pre>{escaped(token.content)}</pre>" if token.content else ""
    if token.nesting < 0:
        return f"</{token.tag}>" + ("\n" if token.tag in ("p", "li") else "")
    start = token.attrGet("start") if token.tag == "ol" else None
    return f'<{token.tag} start="{start}">' if isinstance(start, int) else f"<{token.tag}>"


def _table(token: Token, reader: Reader) -> str:
    first, last = token.map or (0, 0)
    kind = "facts" if any(line in reader.stated for line in range(first + 1, last + 1)) else "prose"
    parts = [f'{TABLE}<table class="chiasm-table {kind}"><thead>']
    aligns = [f' align="{align}"' if align else "" for align in token.meta["aligns"]]
    header, *rows = token.meta["rows"]
    _row(parts, "th", header, aligns, reader)
    parts.append("</thead><tbody>" if rows else "</thead>")
    for row in rows:
        _row(parts, "td", row, aligns, reader)
    parts.append("</tbody></table></div></div>" if rows else "</table></div></div>")
    return "".join(parts)


def _row(parts: list[str], tag: str, row: tuple[int, Sequence[Phrases]], aligns: Sequence[str], reader: Reader) -> None:
    line, cells = row
    parts.append("<tr>")
    for column, align in enumerate(aligns):
        mark = reader.cells.get((line + 1, column), NOTHING)
        inner = _inline(cells[column], reader, escaped, cell=True) if column < len(cells) else ""
        anchor = f' id="{escaped(mark.anchor)}"' if mark.anchor else ""
        parts.append(f"<{tag}{align}{anchor}>{_claimed(inner, mark)}</{tag}>")
    parts.append("</tr>\n")


def _claimed(inner: str, mark: Mark) -> str:
    """A cell with its verdict, its own address, and the generated line that carries it."""
    if mark.verdict:
        inner = f"<span{_verdict(mark)}>{inner}</span>"
    if mark.anchor:
        inner += f'<a class="claim" href="#{escaped(mark.anchor)}" title="{escaped(mark.anchor)}">¶</a>'
    if mark.code:
        inner += f'<a class="claim code" href="{escaped(mark.code)}" title="in the generated code">‹›</a>'
    return inner


def _verdict(mark: Mark) -> str:
    return f' class="verdict {mark.verdict.replace(" ", "-")}" title="{escaped(mark.reason)}"' if mark.verdict else ""


def _inline(children: Phrases, reader: Reader, escape: Callable[[str], str], *, cell: bool = False) -> str:
    out: list[str] = []
    closings: list[str] = []
    cited = False
    for index, token in enumerate(children):
        match token.type:
            case "link_open" if (words := _words(children, index)).startswith("@"):
                out.append(f"[{_cite(words[1:], reader, escape)}]")
                cited = True
            case "link_close" if cited:
                cited = False
            case _ if cited:
                continue  # the label stands for the key
            case "text":
                out.append(escape(token.content) if closings else _text(token.content, reader, escape))
            case "softbreak":
                out.append("\n" if escape is escaped else " ")
            case "hardbreak":
                out.append("<br>")
            case "code_inline":
                out.append(_code(token.content, reader, escape, formula=cell))
            case "link_open":
                opening, closing = _link(token, children, index, reader)
                out.append(opening)
                closings.append(closing)
            case "link_close":
                out.append(closings.pop() if closings else "")
            case "image":
                out.append(escape(token.content))  # pages have no pictures of their own: its words remain
            case kind if kind.startswith("math_inline"):
                out.append(reader.mathematics(token.content, False))
            case _ if token.tag in TAGS:
                out.append(f"</{token.tag}>" if token.nesting < 0 else f"<{token.tag}>")
            case _:
                out.append(escape(COMMENT.sub("", token.content)))
    return "".join(out + closings[::-1])


def _text(words: str, reader: Reader, escape: Callable[[str], str]) -> str:
    parts: list[str] = []
    end = 0
    for found in CITES.finditer(words):
        cites = [_cite(cite.strip()[1:], reader, escape) for cite in found[1].split(";")]
        parts += [escape(words[end : found.start()]), "[", "; ".join(cites), "]"]
        end = found.end()
    return "".join([*parts, escape(words[end:])])


def _cite(words: str, reader: Reader, escape: Callable[[str], str]) -> str:
    key, space, locator = words.partition(" ")
    address, label, title = reader.cite(key.rstrip(","))
    rest = escape(space + locator)
    if not address:
        return escape(key) + rest
    return f'<a class="cite" href="{escaped(address)}" title="{escaped(title)}">{escape(label)}</a>{rest}'


def _code(words: str, reader: Reader, escape: Callable[[str], str], *, formula: bool) -> str:
    if formula and (latex := reader.formulas.get(words)):
        return f'<span title="{escape(words)}">{reader.mathematics(latex, False)}</span>'
    return f"<code>{escape(words)}</code>"


def _link(token: Phrase | Token, children: Phrases, index: int, reader: Reader) -> tuple[str, str]:
    href, title = str(token.attrGet("href") or ""), str(token.attrGet("title") or "")
    words = _words(children, index)
    address = reader.link(href)
    if not address:
        return "", ""
    mark = reader.statements.get((words, href, title), NOTHING)
    attributes = _verdict(mark) or (f' title="{escaped(title)}"' if title else "")
    return f'<a href="{escaped(address)}"{attributes}>', "</a>"


def _words(children: Phrases, index: int) -> str:
    """The text between a link's opening and its closing."""
    parts: list[str] = []
    for token in children[index + 1 :]:
        if token.type == "link_close":
            break
        parts.append(token.content)
    return "".join(parts)
