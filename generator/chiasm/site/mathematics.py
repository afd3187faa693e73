"""Sets mathematics when the site is built: LaTeX in, HTML out, so that a reader's browser needs no script.

The only module that imports QuickJS, which runs the vendored KaTeX.
"""

from __future__ import annotations

import html
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

KATEX = Path("docs/assets/vendor/katex/katex.min.js")
OPTIONS = '{displayMode:display,throwOnError:true,strict:"ignore",trust:false,maxExpand:200,maxSize:50}'
# Joining makes one flat string: QuickJS hands long concatenations over as ropes, which its Python side cannot read.
RENDER = f'(tex, display) => [katex.renderToString(tex, {OPTIONS})].join("")'
MEMORY, STACK, SECONDS = 128 << 20, 1 << 20, 2.0


class MathError(ValueError):
    """LaTeX that KaTeX refuses; the message is for the page's author."""


@lru_cache(maxsize=4_096)
def mathematics(latex: str, theme: Path, *, display: bool = False) -> str:
    """HTML of a formula; `theme` is the folder that holds the vendored KaTeX.

    Raises:
        MathError: KaTeX refuses the formula, or it needs more memory or time than any honest formula.
    """
    context, render = _engine(theme)
    context.set_time_limit(SECONDS)
    try:
        return str(render(latex, display))
    except Exception as error:
        words = str(error).splitlines()[0] if str(error) else "no reason given"
        raise MathError(words.removeprefix("ParseError: KaTeX parse error: ")) from error


def escaped(latex: str) -> str:
    """What stands on the page where a formula cannot be set."""
    return f'<code class="chiasm-math-error">{html.escape(latex)}</code>'


@cache
def _engine(theme: Path) -> tuple[Any, Any]:
    import quickjs  # noqa: PLC0415, only a build of the site needs it

    context = quickjs.Context()
    context.set_memory_limit(MEMORY)
    context.set_max_stack_size(STACK)
    context.eval((theme / KATEX).read_text(encoding="utf-8"))
    return context, context.eval(RENDER)
