"""Highlights Python as Pygments does, in one pass: text in, HTML out, or None for what Pygments had better look at.

Generated code is most of what the site highlights. One expression finds the next token; what a name is follows from
Pygments' own lists and from the word before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

TOKEN = re.compile(
    r"""
      (?P<sd>^[ \t]*\"""[^"]*(?:"(?!"")[^"]*)*\""")
    | (?P<blank>\n+|[ \t]+)
    | (?P<k>yield\ from)(?![A-Za-z0-9_])
    | (?P<module>(?:from|import)[ \t]+)
    | (?P<name>@?[A-Za-z_][A-Za-z0-9_]*)(?!["'A-Za-z0-9_])
    | (?P<mark>!=|:=|[][{}:(),;~+/*%=<>&^|-]|@(?![A-Za-z_])|\.(?![0-9]))
    | (?P<s2>"(?!"")[^"\\\n%{]*")(?!["'])
    | (?P<s1>'(?!'')[^'\\\n%{]*')(?!["'])
    | (?P<string>[A-Za-z]{0,2}(?:"(?!"")(?:[^"\\\n]|\\[^\n])*"|'(?!'')(?:[^'\\\n]|\\[^\n])*'))(?!["'])
    | (?P<c1>\#[^\n]*)
    | (?P<mf>[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)(?![A-Za-z0-9_.])
    | (?P<mi>[0-9]+(?:_[0-9]+)*)(?![A-Za-z0-9_.])
    | (?P<mh>0[xX][a-fA-F0-9]+)(?![A-Za-z0-9_.])
    | (?P<mo>0[oO][0-7]+)(?![A-Za-z0-9_.])
    """,
    re.VERBOSE | re.MULTILINE,
)
ODD = re.compile(
    r"\A#!|[\r\f\v\ufeff]|^[ \t]*(?:match|case|lazy)\b|\b(?:yield(?:[ \t]{2,}|\t)from|async[ \t]+for)\b"
    r"|\b(?:def|class|from|import|as|,)[ \t]*\n[ \t]*(?:as|import)\b",
    re.MULTILINE,
)
"""What is read otherwise than word by word, or beyond a line."""
TOUCHING = re.compile(r'<span class="(\w+)">[^<]*</span><span class="\1">')
"""Tokens of one class side by side, which Pygments joins."""
FROM = re.compile(r"([A-Za-z0-9_.]*)(?:([ \t]+)import\b)?")
IMPORT = re.compile(r"(?P<nn>[A-Za-z_.][A-Za-z0-9_.]*)|(?P<as>[ \t]+as[ \t]+)|(?P<comma>[ \t]*,[ \t]*)")
ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
OPERATORS = ("in", "is", "and", "or", "not")


def python(text: str, literal: Callable[[str], str]) -> str | None:
    """The text with its tokens in spans; `literal` highlights a string with a prefix, with formats or escapes."""
    if not text.endswith("\n") or ODD.search(text):
        return None
    plain, dotted = _names()
    parts: list[str] = []
    at, end, before = 0, len(text), ""
    while at < end:
        found = TOKEN.match(text, at)
        if found is None:
            return None
        kind, token, start = found.lastgroup or "", found.group(), at
        at = found.end()
        if before and kind != "blank" and (kind != "name" or token.startswith("@")):
            return None
        if kind == "name" and token in ("from", "import"):
            return None
        if kind in ("blank", "mark"):
            parts.append(token.translate(ESCAPED))
        elif kind == "name":
            if before:
                parts.append(_span("nc" if before == "class" else "fm" if plain.get(token) == "fm" else "nf", token))
            elif token.startswith("@"):
                parts.append(_span("nd", token))
            else:
                known = (dotted if text[start - 1 : start] == "." else plain).get(token)
                parts.append(_span(known, token) if known else token)
        elif kind == "sd":
            parts.append(_lines(token))
        elif kind == "string":
            parts.append(literal(token))
        elif kind == "module":
            at = _module(parts, text, token, at)
            if not at:
                return None
        else:
            parts.append(_span(kind, token))
        if kind != "blank":
            before = token if kind == "name" and token in ("def", "class") and not before else ""
    made = "".join(parts)
    return None if TOUCHING.search(made) else made


def _span(kind: str, token: str) -> str:
    return f'<span class="{kind}">{token.translate(ESCAPED)}</span>'


def _lines(token: str) -> str:
    """A string of several lines, after its indentation: a span a line."""
    words = token.lstrip(" \t")
    lines = words.split("\n")
    return token[: len(token) - len(words)] + "\n".join(_span("sd", line) if line else "" for line in lines)


def _module(parts: list[str], text: str, word: str, at: int) -> int:
    """What follows `from` or `import`; where it ends, 0 where it is not the name of a module."""
    keyword = word.rstrip()
    parts += _span("kn", keyword), word[len(keyword) :]
    if keyword == "from":
        found = FROM.match(text, at)
        if not found or not found[1] or found[1] == "None" or found[1][0].isdigit():
            return 0
        parts.append(_span("nn", found[1]))
        if found[2]:
            parts += found[2], _span("kn", "import")
        return found.end()
    while found := IMPORT.match(text, at):
        at = found.end()
        if found["nn"]:
            parts.append(_span("nn", found["nn"]))
        else:
            parts.append(found.group().replace("as", _span("k", "as")))
    return at


@cache
def _names() -> tuple[dict[str, str], dict[str, str]]:
    """Names that have a class, and those that have it after a dot as well."""
    from pygments.lexer import words  # noqa: PLC0415, only a build of the site needs it
    from pygments.lexers.python import PythonLexer  # noqa: PLC0415
    from pygments.token import STANDARD_TYPES  # noqa: PLC0415

    made: list[dict[str, str]] = []
    for states in (("magicvars", "magicfuncs", "builtins", "keywords"), ("magicvars", "magicfuncs", "keywords")):
        rules = [rule for state in states for rule in PythonLexer.tokens[state] if isinstance(rule[0], words)]
        known = {name: STANDARD_TYPES[kind] for listed, kind in rules for name in listed.words}
        made.append(known | dict.fromkeys(OPERATORS, "ow") | dict.fromkeys(("def", "class"), "k"))
    made[0] |= dict.fromkeys(("self", "Ellipsis", "NotImplemented", "cls"), "bp")
    return made[0], made[1]
