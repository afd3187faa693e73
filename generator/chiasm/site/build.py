"""Builds the site of a knowledge base: graph and generated code in, `.chiasm/site` out, only when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.site.publish import SITE, Published, publish

if TYPE_CHECKING:
    from chiasm.graph import Graph

INPUTS = ".inputs"


def build(stamp: str, read: Callable[[], Graph], theme: Path, work: Path) -> Published:
    """The site; `stamp` stands for sources and compiler, and `read` is called only when it or the theme changed.

    Generated code is shown as far as the graph holds it.

    Raises:
        SiteError: MkDocs is missing, or refuses the pages.
    """
    digest = _digest(stamp, theme)
    kept, index = work / SITE / INPUTS, work / SITE / "index.html"
    before = kept.read_text(encoding="utf-8").split() if kept.is_file() and index.is_file() else []
    if before[:1] == [digest]:
        return Published(index, int(before[1]), rebuilt=False)
    # Rendering needs half a second of imports, which an unchanged site is spared.
    from chiasm.check import all_rules  # noqa: PLC0415
    from chiasm.site.book import Book  # noqa: PLC0415
    from chiasm.site.pages import navigation, site_pages  # noqa: PLC0415
    from chiasm.verdicts import judge  # noqa: PLC0415

    graph = read()
    code = {path: source.text for path, source in graph.others.items() if path.startswith("generated/")}
    book = Book(graph, judge(graph), code, {rule.id: rule.page for rule in all_rules()})
    pages = site_pages(book, theme)
    published = publish(pages, navigation(book, pages), theme, work)
    kept.write_text(f"{digest} {published.pages}\n", encoding="utf-8")
    return published


def _digest(stamp: str, theme: Path) -> str:
    whole = hashlib.blake2b(stamp.encode(), digest_size=16)
    for path in sorted(theme.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            whole.update(f"{path.relative_to(theme).as_posix()}\0{len(content)}\0".encode())
            whole.update(content)
    return whole.hexdigest()
