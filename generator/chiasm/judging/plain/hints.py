"""Narrows a system's variants by what else a sentence says: `with OPT-2.7B`, `the 13B model`, `at 336 pixels`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from chiasm.graph import Graph
from chiasm.judging.plain.vocabulary import TOKEN, vocabulary
from chiasm.page.inline import plain
from chiasm.regex import regex
from chiasm.spec.model import VariantSpec

if TYPE_CHECKING:
    from chiasm.claiming.passage import Passage
    from chiasm.judging.plain.subject import Subject


ALIKE = ("-style", "-like", "-type", "-based", "-family")
"""What only resembles a part names none."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "named": regex(
            r"(?<![\w/.-])(?:(?:Flan-?T5|FLAN-?T5|T5|OPT|Vicuna|LLaMA|Llama|Mistral|Yi|Phi|Gemma|Qwen|MPT|Nous-Hermes|"
            r"InternLM|Chinchilla|RedPajama|Nous)[\w.-]*|ViT-\w[\w/@.-]*|RN\d+\w*|MoE\b|\d+B-A\d+B|EVA\w*-?\w*)"
        ),
        "size": regex(
            r"(?<![\w.,-])(\d+(?:\.\d+)?[Bb])(?![\w-])(?!\s*(?:param|total|of|trainable|tokens|samples|images))"
        ),
        "column": regex(r"(?i)\bres(?:olution|\b)|image size|input|pixels"),
        "three": regex(r"(?<![\w.,])(\d{3,4})(?:px)?(?![\w.,])"),
        "patch": regex(
            r"(?i)patch(?:es)?[- ]?(?:size)?(?: of)?[ =:]*(\d+)\b|(\d+)[- ](?:px|pixel)[- ]patch|"
            r"(\d+) ?[×x] ?\d+(?: px| pixel)? patch"
        ),
        "side": regex(
            r"(?:\bat (?:a resolution of )?|@ ?|\()?(?<![\d.,])(\d{3,4})(?:\s*[×x]\s*(\d{3,4}))?[ -]?(?P<px>px|"
            r"pixels?)?(?!\w)"
        ),
    }


def narrowed(graph: Graph, found: Subject, passage: Passage, at: int) -> Subject:
    """The subject with the variants that the words beside the number leave."""
    spec = found.spec
    if spec is None or len(found.variants) < 1:
        return found
    low, high = passage.sentence(at)
    words = passage.words[low:high]
    if passage.spot is not None and passage.spot.row >= 0:
        row = passage.spot.table.rows[passage.spot.row]
        words = " | ".join(plain(cell.inlines) for i, cell in enumerate(row) if i != passage.spot.column)
    known = vocabulary(graph, spec.system)
    left: set[str] | None = None
    unlisted = False
    hints = [(one[0], "named") for one in _patterns()["named"].finditer(words)]
    hints += [(one[1], "size") for one in _patterns()["size"].finditer(words) if low + one.start() != at]
    for hint, kind in hints:
        if hint.lower().endswith(ALIKE):
            continue
        tokens = [one for one in TOKEN.findall(hint.lower()) if one not in known.title]
        if not tokens:
            continue
        keys = {key for key, said in known.variants.items() if said.issuperset(tokens)}
        if keys:
            left = keys if left is None else left | keys
        elif kind == "named" and _is_part(found, tokens):
            continue
        elif kind == "size" and found.named:
            # A name has chosen: `| Qwen3-VL-8B | 8.77B |` counts, and names no other.
            continue
        elif kind == "size" or any(one not in known.words for one in tokens):
            unlisted = unlisted or kind == "named" or len(spec.variants) > 1
    sides = {int(one[1]) for one in _patterns()["side"].finditer(words) if _is_side(one) and low + one.start(1) != at}
    sides |= _named_sides(found, passage)
    shaped = {one.key for one in spec.variants if sides & _sides(one)}
    if shaped:
        found = replace(found, sided=True)
        if len(shaped) < len(spec.variants):
            variants = tuple(one for one in found.variants if one.key in shaped)
            found = replace(found, variants=variants or found.variants)
            unlisted = unlisted or not variants
    elif sides and not shaped and any(_sides(one) for one in spec.variants):
        unlisted = True
    # Towers of one family differ in their patches.
    family = any("text_encoder" in one.slots for one in spec.variants)
    patches = set[int]()
    for one in _patterns()["patch"].finditer(words) if family else ():
        group = one.lastindex or 1
        if low + one.start(group) != at:
            patches.add(int(one[group]))
    unlisted = unlisted or (bool(patches) and not any(patches & _patches(one) for one in found.variants))
    if left is None:
        return replace(found, unlisted=found.unlisted or unlisted)
    variants = tuple(one for one in found.variants if one.key in left)
    if not variants:
        return replace(found, unlisted=True)
    return replace(found, variants=variants, named=True, unlisted=found.unlisted or unlisted)


def _is_part(found: Subject, tokens: Sequence[str]) -> bool:
    """Whether a name is that of a part of the variants themselves: `ViT-L/14-336` in a row about LLaVA-1.5."""
    cells = (" ".join(cell.text for cell in variant.cells.values()) for variant in found.variants)
    return all(set(TOKEN.findall(text.lower())).issuperset(tokens) for text in cells)


def _named_sides(found: Subject, passage: Passage) -> set[int]:
    """Sides of images that the system's name, or a column of its row, gives."""
    spot, texts = passage.spot, []
    if found.at:
        texts.append(passage.words[found.at[0] : found.at[1]])
    if spot is not None and spot.row >= 0:
        row, header = spot.table.rows[spot.row], spot.table.header
        texts += [plain(row[0].inlines)] if row and spot.column else []
        for i, (head, cell) in enumerate(zip(header, row, strict=False)):
            if i != spot.column and _patterns()["column"].search(plain(head.inlines)):
                texts.append(plain(cell.inlines))
    return {int(one) for text in texts for one in _patterns()["three"].findall(text)}


def _is_side(one: re.Match[str]) -> bool:
    """Whether a number is the side of an image: it says pixels, is squared, or follows `at`."""
    return bool(one["px"] or (one[2] and one[1] == one[2]) or one[0].startswith(("at ", "@")))


def _sides(variant: VariantSpec) -> set[int]:
    """The sides of images that a variant's facts speak of."""
    fields = (
        ("encoder", "image_size"),
        ("budget", "tile_size"),
        ("encoder", "high_image_size"),
        ("encoder", "low_image_size"),
        ("budget", "max_height"),
        ("budget", "max_width"),
        ("encoder", "max_side"),
        ("encoder", "min_side"),
    )
    return {value for key in fields if key in variant.entries if isinstance(value := variant.entries[key].value, int)}


def _patches(variant: VariantSpec) -> set[int]:
    """The sides of its patches, by any name."""
    entries = (variant.entries.get(("encoder", name)) for name in ("patch_size", "high_patch_size", "low_patch_size"))
    return {entry.value for entry in entries if entry and isinstance(entry.value, int)}
