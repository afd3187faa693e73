"""Builds the site of a knowledge base: graph and generated code in, `.chiasm/site` out, only when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.site.publish import SITE, STAGE, Published, built, is_whole, stage

if TYPE_CHECKING:
    from chiasm.knowledge import Knowledge
    from chiasm.source import Source

INPUTS, MADE = ".inputs", ".made.json"
"""What the site follows from, and what each of its pages does."""


class Texts(Mapping[str, str]):
    """The texts of generated files, read when they are asked for."""

    def __init__(self, others: Mapping[str, Source]) -> None:
        self._others = others
        self._paths = [path for path in others if path.startswith("generated/")]

    def digest(self, path: str) -> str:
        """What stands for a text; a build knows it without reading."""
        known = getattr(self._others, "digest", None)
        return str(known(path)) if known else self._others[path].digest

    def __getitem__(self, path: str) -> str:
        return self._others[path].text

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def build(stamp: str, read: Callable[[], Knowledge], theme: Path, work: Path, *, html: bool = True) -> Published:
    """The site; `stamp` stands for sources and compiler, and `read` is called only when it or the theme changed.

    Generated code is shown as far as the base holds it. Without `html` its pages are written and MkDocs is not run.

    Raises:
        SiteError: MkDocs is missing, or refuses the pages.
    """
    digest = _digest(stamp, theme)
    index = work / (f"{SITE}/index.html" if html else f"{STAGE}/docs/index.md")
    if index.is_file() and (pages := _made(work / (SITE if html else STAGE), digest)):
        return Published(index, pages, rebuilt=False)
    pages = _made(work / STAGE, digest)
    done = Published(index, pages, rebuilt=False) if pages else _written(read(), digest, theme, work)
    if html:
        done = built(work, done.pages)
        (work / SITE / INPUTS).write_text(f"{digest} {done.pages}\n", encoding="utf-8")
    return done


def _made(folder: Path, digest: str) -> int:
    """How many pages were made there of these inputs; 0: others were."""
    kept = folder / INPUTS
    before = kept.read_text(encoding="utf-8").split() if kept.is_file() else []
    return int(before[1]) if before[:1] == [digest] else 0


def _written(base: Knowledge, digest: str, theme: Path, work: Path) -> Published:
    # Rendering needs half a second of imports, which an unchanged site is spared.
    from chiasm.cache import compiler  # noqa: PLC0415
    from chiasm.check import all_rules  # noqa: PLC0415
    from chiasm.site.book import Book, Mentions  # noqa: PLC0415
    from chiasm.site.many import uncollected  # noqa: PLC0415
    from chiasm.site.navigation import navigation  # noqa: PLC0415
    from chiasm.site.pages import site_pages  # noqa: PLC0415
    from chiasm.site.shelf import Shelf  # noqa: PLC0415

    code = Texts(base.graph.others)
    rules = {rule.id: rule.page for rule in all_rules()}
    kept = work / STAGE / MADE
    with uncollected():
        shelf = Shelf(kept.read_text(encoding="utf-8") if is_whole(work) and kept.is_file() else "")

        def keep(page: str, make: Callable[[], Mentions]) -> Mentions:
            found: Mentions = shelf.noted(f"mentions of {page}", base.pages[f"knowledge/{page}.md"].digest, make)
            return found

        files = {path: code.digest(path) for path in code}
        book = Book(base.graph, code, rules, base.rests, files, keep)
        pages = {**site_pages(book, theme, shelf, world=_digest(compiler(), theme)), **_by_hand(theme, work)}
        done = stage(pages, navigation(book, pages), theme, work)
    kept.write_text(shelf.text(), encoding="utf-8")
    (work / STAGE / INPUTS).write_text(f"{digest} {done.pages}\n", encoding="utf-8")
    return done


def _by_hand(theme: Path, work: Path) -> dict[str, str]:
    """Pages that were written for this project's own site; the theme that is shipped brings none to others."""
    own = sorted((theme / "docs").glob("*.md")) if theme.parent == work.parent else []
    return {path.name: path.read_text(encoding="utf-8") for path in own}


def _digest(stamp: str, theme: Path) -> str:
    whole = hashlib.blake2b(stamp.encode(), digest_size=16)
    for path in sorted(theme.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            whole.update(f"{path.relative_to(theme).as_posix()}\0{len(content)}\0".encode())
            whole.update(content)
    return whole.hexdigest()
