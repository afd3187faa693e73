"""Shows code on the site: text in, highlighted HTML out, with an anchor a line where lines are numbered.

The only module that imports Pygments.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

PLAIN = re.compile(r'<span class="(?:n|p|w|o)">([^<]*)</span>')
"""Names, punctuation, blanks and operators keep the colour of the text: half of what MkDocs would have to parse."""
LANGUAGES = {
    "python": "python",
    "py": "python",
    "json": "json",
    "console": "console",
    "shell": "bash",
    "sh": "bash",
    "bash": "bash",
    "bibtex": "bibtex",
    "markdown": "markdown",
    "md": "markdown",
    "toml": "toml",
    "yaml": "yaml",
}


def highlighted(language: str, text: str) -> str:
    """A block of code; a language that is not known is shown plain."""
    return f'<div class="highlight"><pre><code>{"".join(_lines(language, text))}</code></pre></div>'


def numbered(language: str, text: str, line: Callable[[str], str] = str) -> str:
    """A file: line N has the anchor `LN` and a number that links it; `line` may rewrite a line's HTML."""
    rows = (
        f'<span class="line" id="L{number}"><a class="number" href="#L{number}">{number}</a>{line(content)}</span>'
        for number, content in enumerate(_lines(language, text), 1)
    )
    return f'<div class="highlight numbered"><pre><code>{"".join(rows)}</code></pre></div>'


@lru_cache(maxsize=1_024)
def _lines(language: str, text: str) -> tuple[str, ...]:
    """Highlighted HTML line by line; no element spans two lines. Packages share most of their files."""
    known = LANGUAGES.get(language.lower())
    if known is None:
        return tuple(html.escape(text).splitlines(keepends=True))
    from pygments import highlight  # noqa: PLC0415, only a build of the site needs it

    coloured = PLAIN.sub(r"\1", str(highlight(text, *_highlighter(known))))
    return tuple(coloured.splitlines(keepends=True))


@cache
def _highlighter(language: str) -> tuple[Any, Any]:
    """Lexer and formatter of a language."""
    from pygments.formatters import HtmlFormatter  # noqa: PLC0415
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415

    return get_lexer_by_name(language, stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)
