"""Says where each block of a page stands: under which heading, about which system, in which slot."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from chiasm.claiming.claim import SLOTS
from chiasm.document import Block, Document, Heading, Link, Paragraph, Text, slug
from chiasm.page.inline import plain
from chiasm.record import record
from chiasm.regex import regex

_ALSO = regex(r"^Also called:[ \t]+(\S.*)$", re.MULTILINE)
_SLOTS = {name.lower(): slot for name, slot in SLOTS.items()}


@record(frozen=True, slots=True)
class Section:
    """A heading and what it makes its blocks be about; `copy` is the model page that a slot heading links."""

    heading: Heading | None
    system: str
    slot: str
    copy: Link | None = None
    parents: tuple[Heading, ...] = ()

    @property
    def words(self) -> str:
        """The heading's text in lower case."""
        return self.heading.text.lower() if self.heading else ""


def page_name(path: str) -> str:
    """A page's path from the knowledge root without suffix: `models/blip-2`."""
    _, found, below = f"/{path}".rpartition("/knowledge/")
    return (below if found else path).removesuffix(".md")


def system_of(path: str) -> str:
    """The system a page is about (`blip-2` for `models/blip-2`); "" for other pages."""
    folder, _, name = page_name(path).rpartition("/")
    return name if folder == "models" or folder.endswith("/models") else ""


def target(path: str, href: str) -> tuple[str, str]:
    """The file a link leads to, from the project's root, and its fragment."""
    page, _, fragment = href.partition("#")
    return (_joined(path.rpartition("/")[0], page) if page else path), fragment


@lru_cache(maxsize=65_536)
def _joined(folder: str, page: str) -> str:
    """Pages link the same few files again and again."""
    return posixpath.normpath(posixpath.join(folder, page))


def is_internal(href: str) -> bool:
    """A link within the project: to a page or an anchor, no scheme."""
    head = href.partition("#")[0]
    return not href.startswith("/") and ":" not in head.partition("/")[0]


def linked_system(path: str, link: Link) -> str:
    """The system whose page a link leads to; "" for other links, and for anchors of the own page."""
    if link.image or not is_internal(link.href) or link.href.startswith("#"):
        return ""
    page, _ = target(path, link.href)
    return system_of(page) if page.endswith(".md") else ""


def sections(document: Document, *, foreign: bool = False) -> Iterator[tuple[Block, Section]]:
    """Every block with its section; a heading stands in the section that it opens.

    A foreign page's sections are about no system: neither its path nor its links say anything of one.
    """
    own = "" if foreign else system_of(document.path)
    stack: list[Section] = [Section(None, own, "")]
    for block in document.blocks:
        if isinstance(block, Heading):
            while len(stack) > 1 and (top := stack[-1].heading) is not None and top.level >= block.level:
                stack.pop()
            outer = stack[-1]
            inner = Section(block, "", "", None, (*outer.parents, block)) if foreign else None
            stack.append(inner or _opened(document.path, own, block, outer))
        yield block, stack[-1]


def slot_named(text: str) -> str:
    """The slot that a heading's words name; "" for none."""
    return _SLOTS.get(text.strip().rstrip(":–—-").strip().lower(), "")


def also_called(text: str) -> tuple[str, ...]:
    """Further names of a page's system: a line `Also called: LLaVA 1.6, LLaVA v1.6.` before the first section."""
    found = _ALSO.search(text.partition("\n##")[0])
    return tuple(name for part in found[1].split(",") if (name := part.strip().rstrip("."))) if found else ()


def extends(document: Document) -> Link | None:
    """`Extends: [LLaVA-1.5](llava.md)` before the first section."""
    for block in document.blocks:
        if isinstance(block, Heading) and block.level > 1:
            break
        if isinstance(block, Paragraph) and plain(block.inlines[:1]).lower().startswith("extends"):
            return next((part for part in block.inlines if isinstance(part, Link)), None)
    return None


def _opened(path: str, own: str, heading: Heading, outer: Section) -> Section:
    links = [part for part in heading.inlines if isinstance(part, Link)]
    first = next((link for link in links if linked_system(path, link)), None)
    parents = (*outer.parents, heading)
    before = plain(heading.inlines[: heading.inlines.index(first)]) if first else heading.text
    if slot := slot_named(before):
        system = outer.system or (slug(outer.heading.text) if outer.heading and outer.heading.level > 1 else "")
        return Section(heading, system, slot, first, parents)
    if first and not own:
        return Section(heading, linked_system(path, first), "", None, parents)
    return Section(heading, outer.system, outer.slot, None, parents)


def is_marked(block: Paragraph) -> bool:
    """A line that says what the page extends, or what its system is also called."""
    first = block.inlines[0] if block.inlines else None
    return isinstance(first, Text) and first.text.startswith(("Extends:", "Also called:"))
