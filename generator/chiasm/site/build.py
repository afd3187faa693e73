"""Builds the site of a knowledge base: graph and generated code in, `.chiasm/site` out, only when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from chiasm.check import all_rules
from chiasm.graph import Graph
from chiasm.site.publish import SITE, Published, publish
from chiasm.verdicts import judge

INPUTS = ".inputs"


def build(graph: Graph, code: Mapping[str, str], theme: Path, work: Path) -> Published:
    """The site, built anew where a page, a generated file, the theme or chiasm itself changed since the last time.

    Raises:
        SiteError: MkDocs is missing, or refuses the pages.
    """
    digest = _digest(graph, code, theme)
    stamp, index = work / SITE / INPUTS, work / SITE / "index.html"
    before = stamp.read_text(encoding="utf-8").split() if stamp.is_file() and index.is_file() else []
    if before[:1] == [digest]:
        return Published(index, int(before[1]), rebuilt=False)
    # Rendering needs half a second of imports, which an unchanged site is spared.
    from chiasm.site.book import Book  # noqa: PLC0415
    from chiasm.site.pages import navigation, site_pages  # noqa: PLC0415

    book = Book(graph, judge(graph), code, {rule.id: rule.page for rule in all_rules()})
    pages = site_pages(book, theme)
    published = publish(pages, navigation(book, pages), theme, work)
    stamp.write_text(f"{digest} {published.pages}\n", encoding="utf-8")
    return published


def _digest(graph: Graph, code: Mapping[str, str], theme: Path) -> str:
    whole = hashlib.blake2b(digest_size=16)
    package = Path(str(files("chiasm")))
    for folder in (theme, package):
        for path in _sources(folder):
            _add(whole, path.relative_to(folder).as_posix(), path.read_bytes())
    for name, document in sorted(graph.documents.items()):
        _add(whole, name, document.source.text.encode())
    for name, text in sorted((*((name, source.text) for name, source in graph.others.items()), *code.items())):
        _add(whole, name, text.encode())
    for entry in graph.bibliography.entries.values():
        _add(whole, entry.key, repr(sorted(entry.fields.items())).encode())
    return whole.hexdigest()


def _sources(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _add(whole: hashlib.blake2b, name: str, content: bytes) -> None:
    whole.update(f"{name}\0{len(content)}\0".encode())
    whole.update(content)
