"""Reads keys and values of code in any notation: JSON, YAML, TOML, calls of Python; dotted keys with places out.

Nothing is run, and nothing is asked of the text: what is no key with a plain value is passed over.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from chiasm.evidence import DEPTH, Json
from chiasm.regex import regex

MOST = 2_000
"""Keys of one block."""
_WORD = r"[A-Za-z][\w.-]{0,60}(?=[ \t]*(?:$|#))"
_VALUE = (
    r"-?\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?(?![\w.])|\[[-\d,.\s]{0,400}\]|\"[^\"\n]{0,80}\"|'[^'\n]{0,80}'"
    rf"|(?:[Tt]rue|[Ff]alse|null|None)\b|{_WORD}"
)
_TYPE = r":\s{0,4}[A-Za-z_][\w\[\], ]{0,40}="
_TOKEN = regex(
    rf"[\"']?(?P<key>[A-Za-z_][\w.]{{0,80}})[\"']?\s{{0,4}}(?:{_TYPE}|[:=])[ \t]{{0,8}}"
    rf"(?:(?P<open>\w*[{{(])|(?P<value>{_VALUE})|(?P<deeper>[ \t]*$))"
    r"|(?P<more>\w*[{(])|(?P<close>[})])",
    re.MULTILINE,
)
_SECTIONS = (("Vision", "vision_config"), ("Text", "text_config"), ("QFormer", "qformer_config"))
"""What the name of a class says of where its values belong."""


class Setting(NamedTuple):
    """A value with its line in the block (from 0), how it is written, and the key before it as written."""

    value: Json
    line: int
    text: str
    pair: str


def settings(text: str) -> dict[str, Setting]:
    """Values by dotted key, each key's first."""
    found: dict[str, Setting] = {}
    stack: list[tuple[str, int]] = []
    """Names of what is open; with the column of an indented one, else -1."""
    for match in _TOKEN.finditer(text):
        start = match.start()
        begin = text.rfind("\n", 0, start) + 1
        indent = start - begin
        if match["key"]:
            while stack and stack[-1][1] >= indent:
                stack.pop()
        if match["open"] or match["more"]:
            stack.append((_section(match["key"] or "", match["open"] or match["more"]), -1))
        elif match["close"]:
            while stack and stack.pop()[1] >= 0:
                pass
        elif match["deeper"] is not None:
            stack.append((match["key"], indent))
        elif match["value"]:
            names = [name for name, _ in stack if name]
            dotted = ".".join((*names[-DEPTH:], match["key"]))
            if len(found) < MOST:
                line = text.count("\n", 0, match.start("value"))
                found.setdefault(dotted, Setting(_value(match["value"]), line, match["value"], match[0]))
    return found


def _section(key: str, opened: str) -> str:
    """Where values belong that a key, or a class, opens: `x = SiglipVisionConfig(` opens `vision_config`."""
    if not opened.endswith("Config("):
        return key if opened == "{" or key.endswith("_config") else ""
    return key if key.endswith("_config") else next((name for word, name in _SECTIONS if word in opened), "")


def _value(text: str) -> Json:
    """A plain value; a bare word is itself."""
    words = {"true": "true", "false": "false", "null": "null", "none": "null"}
    try:
        made: Json = json.loads(
            words.get(text.lower(), text.replace("_", "") if text[0] in "-0123456789" else text.replace("'", '"'))
        )
    except ValueError:
        return text
    return made
