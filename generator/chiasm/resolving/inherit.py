"""Gathers what a system says about one slot: the pages it extends, the slots it copies, its own rows on top."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from chiasm.claiming.claim import Claims, Fact, MaskTable, NameTable, SlotLink, SlotTable, Variant
from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic, Label
from chiasm.document import Link
from chiasm.record import record
from chiasm.span import Span
from chiasm.spec import registry

DEPTH = 4
STAGES = "stages"
"""The slot that training tables with a column a stage are gathered under."""
ALL = ("", "all variants")
Trail = tuple[tuple[str, str, str], ...]
"""The (page, system, variant) that led to where a slot is gathered, outermost first."""


@record(frozen=True, slots=True)
class System:
    """What one page says about one system, before anything is inherited."""

    slug: str
    claims: Claims
    extends: Link | None
    variants: tuple[Variant, ...]
    tables: tuple[SlotTable, ...]
    copies: tuple[SlotLink, ...] = ()
    masks: tuple[MaskTable, ...] = ()
    names: tuple[NameTable, ...] = ()

    @property
    def path(self) -> str:
        """The page's file."""
        return self.claims.document.path


@record(frozen=True, slots=True)
class Placed:
    """A fact as a system uses it: by which links it came."""

    fact: Fact
    via: tuple[Link, ...] = ()


@record(frozen=True, slots=True)
class SlotFacts:
    """A slot of one variant before validation: the anchor of its kind, where that was decided, its facts by field."""

    anchor: str
    span: Span
    facts: Mapping[str, Placed]


class Systems(Mapping[str, System]):
    """The systems that have a page of their own, by its path; `read` are the pages that were asked for."""

    def __init__(self, pages: Mapping[str, Claims]) -> None:
        self._pages = pages
        self._made: dict[str, System] = {}
        self.read: set[str] = set()

    def page(self, path: str) -> Claims:
        """What a page says."""
        return self._pages[path]

    def __getitem__(self, path: str) -> System:
        self.read.add(path)
        if path not in self._made:
            page = self._pages[path]
            if not page.system:
                raise KeyError(path)
            self._made[path] = System(
                page.system,
                page,
                page.extends,
                page.variants,
                tables_of(page, page.system),
                page.copies,
                page.masks,
                page.names,
            )
        return self._made[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)


@dataclass(slots=True)
class Base:
    """All systems of a knowledge base by their page's path, and what was wrong with their links."""

    systems: Systems
    found: list[Diagnostic] = field(default_factory=list)


def gather(base: Base, system: System, variant: str, slot: str, trail: Trail = ()) -> SlotFacts | None:
    """The facts of one slot in one variant; None where nobody says anything about it."""
    trail = (*trail, (system.path, system.slug, variant))
    inherited = _copied(base, system, variant, slot, trail) or _extended(base, system, variant, slot, trail)
    own = [table for table in system.tables if table.slot == slot and covers(table, variant)]
    if not own:
        return inherited
    kind, span = _kind(base, own, variant, inherited)
    if not kind:
        return inherited
    start = dict(inherited.facts) if inherited and inherited.anchor == kind else {}
    tables = [table for table in own if anchor_of(table, system.path) in ("", kind)]
    for general in (True, False):
        for fact in (fact for table in tables for fact in table.facts):
            if (fact.variant in ALL) == general and (general or fact.variant == variant):
                start[fact.field] = Placed(fact)
    return SlotFacts(kind, span, start)


def tables_of(page: Claims, system: str) -> tuple[SlotTable, ...]:
    """A system's tables; those whose columns are stages become a slot of their own beside `training`."""
    own = (table for table in page.tables if system_of(table, page) == system)
    return tuple(replace(table, slot=STAGES) if _in_stages(table, page) else table for table in own)


def _in_stages(table: SlotTable, page: Claims) -> bool:
    kind = registry.by_anchor(anchor_of(table, page.document.path), table.slot)
    return kind is not None and kind.columns == "stage"


def system_of(table: SlotTable, page: Claims) -> str:
    """The system that a table is about."""
    return table.facts[0].system if table.facts else page.system


def parent_of(base: Base, system: System, variant: str) -> tuple[System, str] | None:
    """The system that `Extends` names, and which of its variants this one starts from."""
    if not system.extends:
        return None
    parent = base.systems.get(target(system.path, system.extends.href)[0])
    if not parent:
        base.found.append(_missing(system.extends))
        return None
    fragment = target(system.path, system.extends.href)[1]
    keys = [item.slug for item in parent.variants]
    return parent, next((key for key in keys if same_slug(key, fragment)), variant if variant in keys else "")


def covers(table: SlotTable, variant: str) -> bool:
    """A table speaks of a variant by name, or of all of them."""
    return variant in table.variants or is_general(table)


def is_general(table: SlotTable) -> bool:
    """A table has an "all variants" column (or none)."""
    return not table.variants or any(name in ALL for name in table.variants)


def anchor_of(table: SlotTable | NameTable, path: str) -> str:
    """The kind's anchor that a table's first header cell links (`encoders#vision-transformer`); "" for none."""
    if not table.kind:
        return ""
    page, fragment = target(path, table.kind.href)
    if posixpath.basename(posixpath.dirname(page)) != "concepts":
        return ""
    return f"{posixpath.basename(page).removesuffix('.md')}#{fragment}"


def same_slug(slug: str, fragment: str) -> bool:
    """An anchor names a variant, with its dots or as GitHub writes them."""
    return bool(fragment) and fragment in (slug, slug.replace(".", ""))


def _kind(base: Base, own: Sequence[SlotTable], variant: str, inherited: SlotFacts | None) -> tuple[str, Span]:
    """The kind a variant has: of the table that names it, else of a table about all, else the inherited one."""
    for named in (True, False):
        kinds = {anchor_of(table, table.span.path): table for table in own if (variant in table.variants) == named}
        kinds.pop("", None)
        if len(kinds) > 1:
            (first, one), (second, two) = list(kinds.items())[:2]
            base.found.append(
                Diagnostic(
                    "duplicate-definition",
                    f"`{one.slot}` has two kinds in the same variant: {first} and {second}",
                    two.kind_span,
                    labels=(Label(one.kind_span, "the other kind"),),
                    help="give each kind its own variant columns",
                )
            )
        if kinds:
            anchor, table = next(iter(kinds.items()))
            return anchor, table.kind_span
    return (inherited.anchor, inherited.span) if inherited else ("", own[0].span)


def _extended(base: Base, system: System, variant: str, slot: str, trail: Trail) -> SlotFacts | None:
    parent = parent_of(base, system, variant)
    if not parent or not system.extends or not _allowed(base, system.extends, *parent, trail):
        return None
    source, key = parent
    return _through(system.extends, gather(base, source, variant if slot == STAGES else key, slot, trail))


def _copied(base: Base, system: System, variant: str, slot: str, trail: Trail) -> SlotFacts | None:
    copies = [copy for copy in system.copies if copy.slot == slot]
    named = [copy for copy in copies if variant in copy.variants]
    general = [copy for copy in copies if not copy.variants or any(name in ALL for name in copy.variants)]
    for copy in (*named, *general):
        path, fragment = target(system.path, copy.link.href)
        source = base.systems.get(path)
        if not source:
            base.found.append(_missing(copy.link))
        elif (key := _variant_of(base, source, fragment, copy.link)) is not None and _allowed(
            base, copy.link, source, key, trail
        ):
            return _through(copy.link, gather(base, source, key, slot, trail))
    return None


def _variant_of(base: Base, source: System, fragment: str, link: Link) -> str | None:
    """The variant a copy names; a page with variants must be asked for one of them."""
    keys = variant_keys(base, source)
    named = next((key for key in keys if same_slug(key, fragment)), None)
    if named is None and len(keys) == 1:
        return keys[0]
    if named is None:
        base.found.append(
            Diagnostic(
                "broken-anchor",
                f"`{link.href}` names no variant of {source.slug}",
                link.span,
                help="link one of: " + ", ".join(f"#{key}" for key in keys),
            )
        )
    return named


def variant_keys(base: Base, system: System, depth: int = 0) -> tuple[str, ...]:
    """The variants of a system: its `## Variants`, else those it extends, else its columns, else itself."""
    if system.variants:
        return tuple(variant.slug for variant in system.variants)
    if depth < DEPTH and (parent := parent_of(base, system, "")):
        return variant_keys(base, parent[0], depth + 1)
    columns = dict.fromkeys(
        name
        for table in system.tables
        if table.slot not in (STAGES, "parameters")
        for name in table.variants
        if name not in ALL
    )
    return tuple(columns) or (system.slug,)


def _through(link: Link, facts: SlotFacts | None) -> SlotFacts | None:
    if not facts:
        return None
    placed = {name: replace(item, via=(link, *item.via)) for name, item in facts.facts.items()}
    return replace(facts, facts=placed)


def _allowed(base: Base, link: Link, source: System, variant: str, trail: Trail) -> bool:
    """Whether a link may be followed: it leads to no page on the way, and not too deep."""
    if (source.path, source.slug, variant) in trail:
        way = " → ".join((*(path for path, _, _ in trail), source.path))
        base.found.append(
            Diagnostic(
                "inheritance",
                f"`{link.href}` leads back to itself: {way}",
                link.span,
                help="break the circle: one of these pages must state the facts",
            )
        )
        return False
    if len(trail) > DEPTH:
        base.found.append(
            Diagnostic(
                "inheritance",
                f"`{link.href}` is reached through more than {DEPTH} pages",
                link.span,
                help="link the page that states the facts",
            )
        )
        return False
    return True


def _missing(link: Link) -> Diagnostic:
    return Diagnostic(
        "broken-link", f"`{link.href}` is no page about a system", link.span, help="link a page under knowledge/models"
    )
