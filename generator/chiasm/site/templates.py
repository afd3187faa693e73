"""Fills the site's templates: a name and values in, a page's Markdown out; values are escaped, but for `Html`."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from chiasm.site.prose import in_markdown

QUOTED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


class Html(str):
    """HTML that this package made."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def filled(name: str, **values: Any) -> str:
    """The page that template `name` makes of the values."""
    return _environment().get_template(f"{name}.md.j2").render(**values)


def quoted(words: str) -> str:
    """A value as templates escape it, for the few lines that every page has and that are not worth a template."""
    return words.translate(QUOTED)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("chiasm", "templates/site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = lambda words: Html(in_markdown(str(words)))
    return environment
