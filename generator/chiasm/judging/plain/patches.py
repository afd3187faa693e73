"""Judges the number of patches that a sentence derives from an image's size and a patch's: its text in, remarks out.

`16×16 patches` may be patches of 16 pixels or a grid of 16 by 16; a count is refuted only if no reading gives it.
Where something merges, pools or resamples the patches, or cuts the image into tiles, a count is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.plain.sizes import Place, Seen, is_named, seen_in, words
from chiasm.numbers.quantity import Placed

COUNTED = frozenset({"tokens", "patches", "features", "embeddings", "vectors"})
SEVERAL = range(2, 5)
"""Patches a side that a connector may merge without a word."""
PITCHES = (14, 16, 32, 8, *range(9, 65))
"""Sides of a patch that may be meant instead, the usual ones first."""


def patches(text: str, placed: Sequence[Placed], asked: Callable[[], About | None]) -> Iterator[Remark]:
    """A remark on the one count of patches in a sentence that names an image's size and a patch's."""
    if not re.search(r"\d\d", text):
        return
    counts = [one for one in placed if _is_count(text, one)]
    sides = [one for one in placed if words()["side"].match(text, one.end) and one.quantity.value < 100]
    if not (counts or sides or "grid" in text) or doubted(text) or not words()["cue"].search(text):
        return
    seen = seen_in(text)
    own = _own(asked()) if seen.sizes and not seen.patches else {}
    labels = tuple(label for label in own.values() if label)
    sizes, pitches = list(seen.sizes), list(seen.patches or own)
    counts = [one for one in counts if not _within(one, seen.taken)]
    sides = [one for one in sides if not _within(one, seen.taken)]
    if len(seen.patches) == 2 and len(sizes) == 1 and (remark := _two(text, seen)):
        yield remark
    if len(sizes) != 1 or not pitches or (len(pitches) > 1 and seen.patches):
        return
    height, width = sizes[0]
    pitch = pitches[0]
    if any(not 4 <= one < min(height, width) for one in pitches):
        return
    if len(pitches) == 1 and not words()["other"].search(text):
        yield from _grid(text, (height, width), pitch, seen)
    if sides and len(pitches) == 1 and height == width:
        yield from _side(sides[0], height, pitch, seen)
    else:
        found = [remark for one in counts for remark in _count(text, one, pitches, seen, labels)]
        # Of several counts one may be of something else.
        yield from (remark for remark in found if len(counts) == 1 or remark.outcome == "proved")


def _two(text: str, seen: Seen) -> Remark | None:
    """Patches of another size than the tower's name says: `ViT-L/14 … 16×16 pixel patches`."""
    (named, at), *rest = [(pitch, place) for pitch, place in seen.patches.items() if is_named(text, pitch)] or [
        (0, (0, 0))
    ]
    ((said, place),) = [(pitch, place) for pitch, place in seen.patches.items() if pitch != named] or [(0, (0, 0))]
    explicit = re.search(r"(?i)px|pixel", text[slice(*place)])
    if rest or not named or not said or not explicit or words()["other"].search(text):
        return None
    name = text[slice(*at)]
    places = ((*at, f"patches of {named} px"),)
    return Remark(
        "refuted",
        *place,
        f"the patches of {name} have {named} px a side",
        f"{named} px",
        f"write {named} px, or name another tower",
        places,
    )


def _count(text: str, one: Placed, pitches: Sequence[int], seen: Seen, labels: tuple[Label, ...]) -> Iterator[Remark]:
    ((height, width), *_), said = seen.sizes, int(one.quantity.value)
    true = [(height // pitch) * (width // pitch) for pitch in pitches]
    rows, columns, pitch = height // pitches[0], width // pitches[0], pitches[0]
    reason = (
        f"{_over(height, pitch)} = {rows} and {_over(width, pitch)} = {columns}"
        if height != width
        else f"{_over(height, pitch)} = {rows}"
    )
    reason += f", so {rows} × {columns} = {rows * columns:,} patches"
    if any(said in (count, count + 1) for count in true):
        yield Remark(
            "proved",
            one.start,
            one.end,
            reason if said in (true[0], true[0] + 1) else f"{said:,} patches",
            labels=labels,
        )
        return
    grids = {height * width for height, width in seen.grids}
    if said in grids | {count + 1 for count in grids} and not _square_of(text, one):
        return
    if words()["other"].search(text) or _may_be(said, height, width, pitches, one.quantity.unit != "patches"):
        return
    patches_only = one.quantity.unit == "patches" or re.match(r"[\s-]*patch", text[one.end :])
    if not patches_only and not all(count <= 2 * said and said <= 2 * count for count in true):
        return
    other = next((step for step in PITCHES if (height // step) * (width // step) in (said, said - 1)), 0)
    instead = f", or name patches of {other} px, which give {said:,}" if other else ""
    yield Remark(
        "refuted",
        one.start,
        one.end,
        reason,
        f"{true[0]:,}",
        f"write {true[0]:,} ({true[0] + 1:,} with a class token){instead}",
        tuple((*place, f"{what} px") for what, place in _parts(seen)),
        labels,
    )


def _side(one: Placed, size: int, pitch: int, seen: Seen) -> Iterator[Remark]:
    """`16 patches a side`."""
    count = size // pitch
    if one.quantity.value == count:
        yield Remark("proved", one.start, one.end, f"{_over(size, pitch)} = {count}")
    else:
        parts = tuple((*place, f"{what} px") for what, place in _parts(seen))
        yield Remark(
            "refuted", one.start, one.end, f"{_over(size, pitch)} is {count}", str(count), f"write {count}", parts
        )


def _grid(text: str, size: tuple[int, int], pitch: int, seen: Seen) -> Iterator[Remark]:
    """`a 24×24 grid`, held against the size of the image and of a patch."""
    true = (size[0] // pitch, size[1] // pitch)
    for found in re.finditer(r"(?<![\w.,/×])(\d{1,2})\s?[x×]\s?(\d{1,2})(?=[\s-]grid)", text):
        reason = f"{_over(size[0], pitch)} = {true[0]}, so the grid is {true[0]} × {true[1]}"
        if (int(found[1]), int(found[2])) == true:
            yield Remark("proved", *found.span(), reason)
        elif found[1] == found[2]:
            parts = tuple((*place, f"{what} px") for what, place in _parts(seen))
            yield Remark(
                "refuted", *found.span(), reason, f"{true[0]} × {true[1]}", f"write {true[0]} × {true[1]}", parts
            )


def _over(size: int, pitch: int) -> str:
    return f"{size} / {pitch}" if size % pitch == 0 else f"floor({size} / {pitch})"


def _parts(seen: Seen) -> Iterator[tuple[str, Place]]:
    """The places of sizes and patches, with what each says."""
    for (height, width), place in seen.sizes.items():
        yield (f"an image of {height} × {width}" if height != width else f"an image of {height}"), place
    for pitch, place in seen.patches.items():
        yield f"patches of {pitch}", place


def _is_count(text: str, one: Placed) -> bool:
    quantity = one.quantity
    if (
        quantity.high is not None
        or quantity.approximate
        or quantity.value.denominator != 1
        or not 9 <= quantity.value <= 10**6
    ):
        return False
    return quantity.unit in COUNTED or (
        quantity.unit == "" and re.match(r" of (?:them|these|those)\b", text[one.end :]) is not None
    )


def _within(one: Placed, taken: Sequence[Place]) -> bool:
    return any(start <= one.start < end for start, end in taken)


def _square_of(text: str, one: Placed) -> bool:
    """Whether the count is written as the product of a grid: `24×24 = 576`, which says nothing for the grid."""
    return re.search(r"\d\s?[x×]\s?\d+\s?=\s?$", text[: one.start]) is not None


def _may_be(said: int, height: int, width: int, pitches: Sequence[int], tiles: bool) -> bool:
    """Whether merging, several tiles, a padded border or extra tokens would make that many."""
    for pitch in pitches:
        rows, columns = height // pitch, width // pitch
        up = -(-height // pitch) * -(-width // pitch)
        merged = {(rows // step) * (columns // step) for step in SEVERAL} | {
            -(-rows // step) * -(-columns // step) for step in SEVERAL
        }
        whole = rows * columns
        several = tiles and said > whole and (said % whole == 0 or said % (whole + 1) == 0)
        if said in merged or said == up or several or whole < said <= whole + 16:
            return True
    return False


def _own(about: About | None) -> dict[int, Label | None]:
    """The patches of a system that does nothing to them before they are counted."""
    found: dict[int, Label | None] = {}
    for variant in about.variants if about else ():
        alignment = variant.slots.get("alignment")
        if alignment and alignment.kind.name not in ("none", "joint", "joint_projection", "linear", "mlp"):
            return {}
        if (budget := variant.slots.get("budget")) and budget.kind.name not in ("none", "fixed"):
            return {}
        entry = variant.entries.get(("encoder", "patch_size"))
        if entry is None or not isinstance(entry.value, int) or ("encoder", "merge_size") in variant.entries:
            return {}
        name = about.spec.title if about else ""
        found.setdefault(
            entry.value, Label(entry.span, f"patches of {name} have {entry.value} px") if entry.span else None
        )
    return found
