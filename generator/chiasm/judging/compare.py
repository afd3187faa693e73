"""Judges comparison tables: rows name systems, headers name facts, and every cell is held against the spec."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from chiasm.claiming.claim import SLOTS, Claims, Comparison
from chiasm.claiming.sections import target
from chiasm.diagnostic import Fix, Label
from chiasm.document import Cell, Link
from chiasm.graph import Graph
from chiasm.judging import scope as scopes
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import Verdict, agrees
from chiasm.numbers.quantity import Quantity, quantity
from chiasm.resolving.fill import spell
from chiasm.spec.model import Entry, ModelSpec, Plain, VariantSpec

NOTHING = frozenset({"", "–", "-", "—", "none", "n/a", "not stated"})
YES, NO = frozenset({"yes", "true", "✓", "✔"}), frozenset({"no", "false", "✗", "✘"})


def comparison(graph: Graph, page: Claims, table: Comparison) -> Iterator[Verdict]:
    """A verdict for every cell whose row names a system and whose header names a fact."""
    titles = [next((item.title for item in cell.inlines if isinstance(item, Link)), "") for cell in table.header]
    for row in table.rows:
        link = next((item for item in row[0].inlines if isinstance(item, Link)), None) if row else None
        if not link:
            continue
        path, fragment = target(page.document.path, link.href)
        spec, variant = graph.spec_at(path), graph.variant_at(path, fragment)
        for title, cell in zip(titles[1:], row[1:], strict=False):
            if title and spec:
                yield _cell(spec, (variant,) if variant else spec.variants, title, cell)


def _cell(spec: ModelSpec, variants: tuple[VariantSpec, ...], title: str, cell: Cell) -> Verdict:
    items = [item.strip() for item in title.split(",")]
    text = "".join(getattr(item, "text", "") for item in cell.inlines).strip() or cell.text
    entries = [entry for variant in variants if (entry := _entry(variant, items[0]))]
    if items[0] in SLOTS.values():
        return _kinds(variants, items[0], cell, text)
    written = quantity(text)
    named = [entry for entry in entries if isinstance(entry.value, bool | str)]
    if named or (not entries and not written):
        return _words(cell, text, items[0], entries)
    try:
        asked = scopes.read(spec, "", items)
        asked.variants = variants if len(asked.variants) == len(spec.variants) else asked.variants
        truths = asked.truths()
    except ScopeError as error:
        if text.lower() in NOTHING:
            return Verdict("proved", "cell", text, cell.span, f"the page states no {items[0]}")
        return Verdict(
            "not judged" if "depends on" in str(error) else "refuted",
            "cell",
            text,
            cell.span,
            str(error),
            expected="" if "depends on" in str(error) else "–",
            rule="comparison-cell",
            help="write –, or state the fact on the system's page",
        )
    values = sorted({truth.value for truth in truths})
    claims = tuple(dict.fromkeys(claim for truth in truths for claim in truth.claims))
    if written and _holds(written, values):
        return Verdict("proved", "cell", text, cell.span, truths[0].arithmetic, claims)
    return _refuted(
        cell,
        text,
        f"{items[0]} of {spec.system}",
        "–".join(spell(value) for value in dict.fromkeys((values[0], values[-1]))),
        claims=claims,
        labels=truths[0].labels,
    )


def _entry(variant: VariantSpec, name: str) -> Entry | None:
    slot, _, field = name.partition(".")
    entry = variant.entries.get((slot, field))
    return entry if entry and entry.value is not None else None


def _holds(written: Quantity, values: list[Fraction]) -> bool:
    """A number is the value of all variants; a range's ends are the least and the greatest."""
    if written.high is not None:
        low = Quantity(written.value, tolerance=written.tolerance)
        return low.matches(values[0]) and abs(written.high - values[-1]) <= written.tolerance
    return all(agrees(written, value) for value in values)


def _words(cell: Cell, text: str, name: str, entries: list[Entry]) -> Verdict:
    """A yes, a name, or nothing at all."""
    claims = tuple(dict.fromkeys(entry.claim for entry in entries if entry.claim))
    values = list(dict.fromkeys(entry.value for entry in entries))
    if not values:
        if text.lower() in NOTHING:
            return Verdict("proved", "cell", text, cell.span, f"the page states no {name}")
        return _refuted(cell, text, f"the page's {name}", "–", claims=claims)
    said = {part.strip() for part in text.lower().replace(" / ", ",").split(",")}
    if said == {_word(value).lower() for value in values} or all(_same(text, value) for value in values):
        return Verdict("proved", "cell", text, cell.span, f"{name} is {text}", claims)
    labels = tuple(Label(entry.span, f"{name} = {_word(entry.value)}") for entry in entries if entry.span)[:1]
    return _refuted(cell, text, name, ", ".join(_word(value) for value in values), claims=claims, labels=labels)


def _same(text: str, value: Plain) -> bool:
    if isinstance(value, bool):
        return text.lower() in (YES if value else NO)
    return text.lower() == _word(value).lower()


def _word(value: Plain) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_word, value)) if isinstance(value, tuple) else str(value)


def _kinds(variants: tuple[VariantSpec, ...], slot: str, cell: Cell, text: str) -> Verdict:
    """A header that names a slot alone asks for its kind: the cell links its section or says its name."""
    kinds = list(dict.fromkeys(variant.slots[slot].kind for variant in variants if slot in variant.slots))
    links = [item.href for item in cell.inlines if isinstance(item, Link)]
    plain = text.lower().replace("-", " ").replace("_", " ")
    right = bool(kinds) and all(
        any(href.endswith(f"{kind.anchor.replace('#', '.md#')}") for href in links)
        or plain in (kind.name.replace("_", " "), kind.cls.lower())
        for kind in kinds
    )
    if right or (not kinds and text.lower() in NOTHING):
        return Verdict("proved", "cell", text, cell.span, f"{slot} is {text}")
    expected = ", ".join(kind.name.replace("_", " ") for kind in kinds) or "–"
    return _refuted(cell, text, slot, expected)


def _refuted(
    cell: Cell, text: str, name: str, expected: str, *, claims: tuple[str, ...] = (), labels: tuple[Label, ...] = ()
) -> Verdict:
    fix = Fix(cell.span, expected) if cell.text == text else None
    return Verdict(
        "refuted",
        "cell",
        text or "an empty cell",
        cell.span,
        f"{name} is {expected}",
        claims,
        expected,
        "comparison-cell",
        labels,
        f"write {expected}",
        fix,
    )
