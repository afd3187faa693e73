"""Builds the site of a knowledge base: graph and generated code in, `.chiasm/site` out, only when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm.site.publish import SITE, STAGE, Published, built, closed
from chiasm.site.stage import INPUTS, STAGED, Stage

if TYPE_CHECKING:
    from chiasm.knowledge import Knowledge
    from chiasm.source import Source

MADE = ".made"
"""What each page of the site follows from; the first line says of which stage."""


class Texts(Mapping[str, str]):
    """The texts of generated files, read when they are asked for."""

    def __init__(self, others: Mapping[str, Source]) -> None:
        self._others = others
        # The map of a package is for `chiasm explain`.
        self._paths = [path for path in others if path.startswith("generated/") and not path.endswith(".json")]

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
    from chiasm.sharing import uncollected  # noqa: PLC0415
    from chiasm.site.book import Book  # noqa: PLC0415
    from chiasm.site.navigation import navigation  # noqa: PLC0415
    from chiasm.site.pages import site_pages  # noqa: PLC0415
    from chiasm.site.shelf import Shelf, key  # noqa: PLC0415

    code = Texts(base.graph.others)
    rules = {rule.id: rule.whole for rule in all_rules()}
    with uncollected():
        stage = Stage(work / STAGE)
        kept = _kept(work / STAGE) if stage.whole else ""
        shelf = Shelf(
            kept,
            lambda path: stage.read(f"docs/{path}"),
            lambda path, parts: stage.put(f"docs/{path}", parts),
            lambda path: stage.keep(f"docs/{path}"),
        )
        files = {path: code.digest(path) for path in code}
        book = Book(base.graph, code, rules, base.rests, files, base.drafts)
        pages = {**site_pages(book, theme, shelf, world=_digest(compiler(), theme)), **_by_hand(theme, work)}
        for path, text in pages.items():
            if text is not None:
                stage.put(f"docs/{path}", (text.encode(),))
        named = key(sorted(book.titles.items()), sorted(book.labels.items()), rules.keys(), pages.keys())
        order = shelf.noted("navigation", named, partial(navigation, book, pages))
        done = closed(stage, order, theme, work, len(pages))
    (work / STAGE / MADE).write_text(f"{_named(work / STAGE)}\n{shelf.text()}", encoding="utf-8")
    (work / STAGE / INPUTS).write_text(f"{digest} {done.pages}\n", encoding="utf-8")
    return done


def _kept(stage: Path) -> str:
    """What a shelf remembers of exactly this stage."""
    try:
        name, _, text = (stage / MADE).read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if name == _named(stage) else ""


def _named(stage: Path) -> str:
    """Digest of what stands in the stage."""
    return hashlib.blake2b((stage / STAGED).read_bytes(), digest_size=16).hexdigest()


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
