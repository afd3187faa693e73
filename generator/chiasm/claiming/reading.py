"""Reads one page block by block: a document in; its tables, statements, numbers and faults collected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from chiasm.claiming.claim import (
    SLOTS,
    Claims,
    Comparison,
    Disagreement,
    MaskTable,
    NameTable,
    SlotLink,
    SlotTable,
    Variant,
)
from chiasm.claiming.facts import copy_of, row_lengths, slot_table, source_column
from chiasm.claiming.passage import Kind, Spot
from chiasm.claiming.prose import Prose, references
from chiasm.claiming.sections import Section, extends, linked_system, page_name, system_of, target
from chiasm.claiming.statements import Told, quotation, tell
from chiasm.claiming.tables import broken, comparison, disagreement, mask_table, name_table, variants
from chiasm.claiming.values import evidence, shown
from chiasm.diagnostic import Diagnostic
from chiasm.document import Block, Cell, Document, Heading, Inline, Link, Paragraph, Raw, Table
from chiasm.numbers.units import NOUNS
from chiasm.page.inline import plain
from chiasm.span import Span

KINDS: Mapping[str, Kind] = {"": "paragraph", "list": "item", "quote": "quote"}
"""What a paragraph is, by the container that it stands in."""


@dataclass(slots=True)
class Reading:
    """One pass over one document; `slots` says which slot a kind fills where no heading does."""

    document: Document
    lines: tuple[str, ...]
    slots: Mapping[str, str]
    told: Told
    found: list[Diagnostic] = field(default_factory=list)
    tables: list[SlotTable] = field(default_factory=list)
    copies: list[SlotLink] = field(default_factory=list)
    masks: list[MaskTable] = field(default_factory=list)
    names: list[NameTable] = field(default_factory=list)
    variants: list[Variant] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    strays: set[Span] = field(default_factory=set)
    before: Prose | None = None
    quote: list[tuple[Paragraph, Prose]] = field(default_factory=list)
    base: Link | None = None
    """The page that `Extends` names."""

    def __post_init__(self) -> None:
        self.base = None if self.told.foreign else extends(self.document)

    def claims(self) -> Claims:
        """All that was read."""
        self.close_quote()
        self.found[:0] = self.document.diagnostics
        self.found += self.told.found
        cites, links = references(self.document.blocks)
        path = self.document.path
        return Claims(
            document=self.document,
            page=page_name(path),
            system="" if self.told.foreign else system_of(path),
            extends=self.base,
            variants=tuple(self.variants),
            tables=tuple(self.tables),
            copies=tuple(self.copies),
            masks=tuple(self.masks),
            names=tuple(self.names),
            disagreements=tuple(self.disagreements),
            comparisons=tuple(self.comparisons),
            statements=tuple(self.told.statements),
            numbers=tuple(self.told.numbers),
            cites=cites,
            links=links,
            quotations=tuple(self.told.quotations),
            passages=tuple(self.told.passages),
        )

    def block(self, block: Block, section: Section) -> None:
        """Reads one block where it stands."""
        if not (isinstance(block, Paragraph) and block.container == "quote"):
            self.close_quote()
        match block:
            case Heading():
                if section.copy is not None:
                    self.copies.append(SlotLink(section.slot, section.copy, (), section.system))
                self.say(block.inlines, section, "heading")
            case Paragraph():
                self.paragraph(block, section)
            case Table():
                self.table(block, section)
            case Raw(kind="html", text=text, span=span) if not text.startswith("<!--"):
                self.found.append(
                    Diagnostic("raw-html", "HTML is shown as text", span, severity="note", help="write it in Markdown")
                )
            case _:
                pass

    def say(self, inlines: tuple[Inline, ...], section: Section, kind: Kind) -> Prose:
        """Reads words: statements, numbers, quotations."""
        return tell(inlines, section.system, self.told, trail=section.parents, kind=kind)

    def paragraph(self, block: Paragraph, section: Section) -> None:
        """A paragraph, an item, or a part of a block quote."""
        if self.base is not None and self.base in block.inlines:
            # The numbers of that line are part of the other page's name.
            return
        if plain(block.inlines[:1]).startswith("Also called:"):
            # Those of this one are part of the own system's names.
            return
        quoted = block.container == "quote"
        prose = self.say(block.inlines, section, KINDS[block.container])
        if quoted:
            # An empty line without a mark ends a block quote.
            if self.quote and not self.lines[self.quote[-1][0].end_line].lstrip().startswith(">"):
                self.close_quote()
            self.quote.append((block, prose))
        else:
            self.before = prose
            if (wrong := broken(block, self.lines)) is not None:
                self.found.append(wrong)

    def close_quote(self) -> None:
        """The block quote that was being read is over."""
        if self.quote and not self.quote[0][1].shown.startswith("[!"):
            group = [prose for _, prose in self.quote]
            self.told.quotations.append(quotation(group, self.before, self.quote[0][0].span))
        self.quote = []

    def table(self, table: Table, section: Section) -> None:
        """Reads a table as what its heading and its first header cell make it."""
        if self.told.foreign:
            self.prose(table, section, range(max(len(row) for row in (table.header, *table.rows))))
            return
        head = table.header[0]
        link = next((part for part in head.inlines if isinstance(part, Link)), None)
        after = plain(head.inlines[head.inlines.index(link) + 1 :]).lower() if link else shown(head).lower()
        kind = self.kind(link)
        slot = section.slot or self.slots.get(kind, self.slots.get(kind.partition("#")[0], ""))
        if section.words.startswith("sources disagree") and not kind:
            self.disagreements.append(disagreement(table, section, self.found))
            rest = [i for i, cell in enumerate(table.header) if shown(cell).lower() not in ("source", "says")]
            self.prose(table, section, rest)
        elif section.words == "variants" and section.system:
            self.variants += variants(table, self.found)
            self.prose(table, section, range(1, len(table.header)))
        elif link and kind and after == "mask":
            self.masks.append(mask_table(table, section, slot, self.found))
        elif after in ("tensors", "configuration") and (kind or (not link and slot == "checkpoint")):
            what: Literal["tensors", "configuration"] = "tensors" if after == "tensors" else "configuration"
            self.names.append(name_table(table, section, slot, link, what=what, found=self.found))
        elif link and (kind or (slot and linked_system(self.document.path, link))) and not after:
            self.facts(table, section, slot, link)
        elif slot == "parameters" and not link and after == "scope":
            self.facts(table, section, slot, None)
        elif found := comparison(self.document.path, table):
            self.comparisons.append(found)
            free = [i for i, cell in enumerate(table.header) if i and not _titled(cell)]
            self.prose(table, section, free)
        else:
            self.plain_table(table, section, slot, link, after)

    def facts(self, table: Table, section: Section, slot: str, link: Link | None) -> None:
        """Reads a table of facts."""
        made = slot_table(table, section, slot=slot, page=self.told.page, kind=link, found=self.found)
        self.tables.append(made)
        if (last := source_column(table)) is not None:
            # An assumption's or a derivation's reason is prose.
            for row in table.rows:
                if last < len(row) and (grounds := evidence(row[last])) and grounds.rank != "paper":
                    self.say(row[last].inlines, section, "cell")
        if link and (copy := copy_of(self.document.path, link, made)):
            self.copies.append(copy)
        self.stray(section)

    def stray(self, section: Section) -> None:
        """Facts of a system's page under a heading that names no slot."""
        heading = section.heading
        if section.slot or heading is None or not system_of(self.document.path) or heading.span in self.strays:
            return
        self.strays.add(heading.span)
        near = difflib.get_close_matches(heading.text.title(), list(SLOTS), 1, 0.5)
        self.found.append(
            Diagnostic(
                "unknown-slot",
                f"`{heading.text}` is no slot of a system",
                heading.span,
                "facts stand under it",
                help=f"write `{near[0]}`" if near else "the slots are: " + ", ".join(SLOTS),
            )
        )

    def plain_table(self, table: Table, section: Section, slot: str, link: Link | None, after: str) -> None:
        """A table that claims nothing by its place: its numbers are numbers of the prose."""
        expected = bool(slot) and slot not in ("checkpoint", "parameters") and source_column(table) is not None
        if link and self.kind(link) and after:
            self.found.append(
                Diagnostic(
                    "table-kind",
                    f"`{after}` is no kind of table",
                    table.header[0].span,
                    help="write `mask`, `tensors`, `configuration`, or nothing after the link",
                )
            )
        elif expected and section.system and not (link and after):
            self.found.append(
                Diagnostic(
                    "table-without-kind",
                    "a table of facts does not say what it describes",
                    table.header[0].span,
                    f"`{shown(table.header[0])}`",
                    help="link the kind in the first header cell: `[ViT](../concepts/encoders.md#vision-transformer)`",
                )
            )
        for row in table.rows:
            if len(row) > len(table.header):
                row_lengths(table, row, self.found, "warning")
        self.prose(table, section, range(max(len(row) for row in (table.header, *table.rows))))

    def prose(self, table: Table, section: Section, columns: Iterable[int]) -> None:
        """Cells whose numbers are numbers of the prose, with what their row and column say."""
        say = partial(tell, system=section.system, told=self.told, trail=section.parents)
        chosen: list[tuple[int, str]] = []
        for i in columns:
            lowered = shown(table.header[i]).lower() if i < len(table.header) else ""
            unit = "year" if lowered == "year" else NOUNS.get(lowered.rpartition(" ")[2], "")
            chosen.append((i, unit))
            if i < len(table.header):
                say(table.header[i].inlines, kind="header", spot=Spot(table, -1, i))
        for number, row in enumerate(table.rows):
            for i, unit in chosen:
                if i < len(row):
                    say(row[i].inlines, kind="cell", spot=Spot(table, number, i), unit=unit)

    def kind(self, link: Link | None) -> str:
        """`encoders#vision-transformer` for a link to a kind's definition; "" for other links."""
        if link is None or link.image:
            return ""
        path, fragment = target(self.document.path, link.href)
        folder, _, name = path.rpartition("/")
        defined = fragment and (folder == "concepts" or folder.endswith("/concepts"))
        return f"{name.removesuffix('.md')}#{fragment}" if defined else ""


def _titled(cell: Cell) -> bool:
    return any(isinstance(part, Link) and part.title for part in cell.inlines)
