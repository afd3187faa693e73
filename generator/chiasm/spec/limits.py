"""Holds a variant's numbers against the tensors that carry them: tokens, positions, ids, pixels; faults out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from chiasm.numbers import formula
from chiasm.numbers.expression import FormulaError
from chiasm.spec.flow import flow
from chiasm.spec.sizes import seen
from chiasm.spec.typed import Fault, Slots, has, value, whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved, VariantSpec

SIDES = ((224, 224), (336, 336), (448, 672), (1080, 1920), (2000, 500), (64, 96))
"""Images, height and width in px, for which two formulas are compared; each is resized first as the budget says."""


PLACEHOLDERS = ("image_token", "video_token")


def faults(variant: VariantSpec) -> Iterator[Fault]:
    """What would end in an exception although every component takes what it is handed."""
    for check in CHECKS:
        yield from check(variant)


def _dynamic(variant: VariantSpec) -> Iterator[Fault]:
    """A budget by the image's size must count the tokens that encoder and alignment make of that image."""
    budget, handed = variant.slots.get("budget"), flow(variant).given("alignment")
    entry = variant.entries.get(("budget", "image_tokens"))
    written = entry.formula if entry else None
    if not (budget and budget.kind.name == "dynamic" and handed and handed.each and written and written.inputs):
        return
    if not variant.slots["alignment"].kind.generated:
        # Others may add tokens of their own (Ovis marks where an image begins and ends).
        return
    values = {operand.name: operand.value for operand in written.operands if operand.value != ""}
    for height, width in SIDES:
        try:
            read = seen(variant.slots, height, width)[0]
            inputs = {"height": read.height, "width": read.width, "frames": 1, "tiles": 1}
            stated = formula.evaluate(written.source, {**values, **inputs}.get)
            made = formula.evaluate(handed.each, inputs.get)
        except (FormulaError, ValueError):
            continue
        if stated != made:
            message = (
                f"`image_tokens` counts {_spelled(stated)} for an image of {read.width:,} × {read.height:,} px, "
                f"encoder and alignment make {_spelled(made)} of it"
            )
            becomes = f"{_spelled(stated, '')} image placeholders, but 1 image with {_spelled(made, '')} visual tokens"
            beside = tuple(
                (slot, name, f"{name} {whole(variant.slots[slot], name)}")
                for slot, name in (("encoder", "patch_size"), ("encoder", "merge_size"))
                if slot in variant.slots and whole(variant.slots[slot], name)
            )
            yield Fault("budget", "image_tokens", message, becomes, beside, f"write `{handed.each}`, as it is made")
            return


def _tiles(variant: VariantSpec) -> Iterator[Fault]:
    """Each tile becomes what the alignment makes of one picture."""
    budget, handed = variant.slots.get("budget"), flow(variant).given("alignment")
    if not (budget and budget.kind.name == "tiles" and handed and handed.each.isdecimal()):
        return
    stated, made = whole(budget, "tile_tokens"), int(handed.each)
    if stated and stated != made:
        message = f"a tile is counted as {stated:,} tokens, encoder and alignment make {made:,} of it"
        beside = (("alignment", "num_queries", f"{made:,} queries"), ("encoder", "patch_size", "patches of this side"))
        yield Fault("budget", "tile_tokens", message, "", beside, f"write {made:,}", f"expected {made:,}")


def _context(variant: VariantSpec) -> Iterator[Fault]:
    """One image and a word must fit the context."""
    language, budget = variant.slots.get("language_model"), variant.slots.get("budget")
    context = whole(language, "context") if language else None
    fusion = variant.slots.get("fusion")
    if not (budget and context) or (fusion and fusion.kind.name not in ("splice", "deepstack")):
        return
    name, tokens = _least(budget)
    if tokens is not None and tokens >= context:
        message = f"an image of {tokens:,} tokens leaves no room for a word in a context of {context:,}"
        becomes = f"is longer than the context of {context}"
        beside = (("budget", name, f"{tokens:,} tokens"),)
        yield Fault("language_model", "context", message, becomes, beside, "correct `context`, or the budget")


def _least(budget: Resolved) -> tuple[str, int | None]:
    """The field that bounds a budget from below, and the tokens of its smallest image."""
    if budget.kind.name == "dynamic":
        least, factor = whole(budget, "min_pixels"), whole(budget, "factor")
        return "min_pixels", -(-least // factor**2) if least and factor else None
    name = "tile_tokens" if budget.kind.name == "tiles" else "image_tokens"
    return name, whole(budget, name)


def _ids(variant: VariantSpec) -> Iterator[Fault]:
    """Ids that stand in a text are rows of the token table; a placeholder's embedding is never read."""
    language = variant.slots.get("language_model")
    rows = whole(language, "vocab_size") if language else None
    if not rows:
        return
    for slot in (variant.slots[name] for name in ("fusion", "language_model") if name in variant.slots):
        for entry in slot.entries:
            number = entry.value
            if not entry.field.endswith("_token") or entry.field in PLACEHOLDERS or not isinstance(number, int):
                continue
            if number >= rows and not isinstance(number, bool):
                mend = f"correct `{entry.field}` or `vocab_size`"
                message = f"id {number:,} of `{entry.field}` is no row of a table of {rows:,}"
                becomes = f"has id {number} at place 0, the table has ids below {rows}"
                beside = (("language_model", "vocab_size", f"ids from 0 to {rows - 1:,}"),)
                yield Fault(slot.slot, entry.field, message, becomes, beside, mend)
    yield from _alike(variant.slots)


def _alike(slots: Slots) -> Iterator[Fault]:
    fusion = slots.get("fusion")
    image, video = (whole(fusion, name) if fusion else None for name in PLACEHOLDERS)
    if image is not None and image == video:
        message = f"images and videos have the same placeholder, id {image:,}"
        beside = (("fusion", "image_token", "the image's"),)
        yield Fault("fusion", "video_token", message, "", beside, "correct one of them")


def _pixels(variant: VariantSpec) -> Iterator[Fault]:
    """Pictures have as many channels as the encoder reads, and bounds that some picture fits."""
    encoder, pictures, budget = (variant.slots.get(name) for name in ("encoder", "preprocessing", "budget"))
    mean = value(pictures, "mean") if pictures else None
    channels = whole(encoder, "channels") if encoder else None
    if channels and isinstance(mean, tuple) and len(mean) != channels:
        message = f"the encoder reads {channels} channels, preprocessing makes {len(mean)}"
        beside = (("preprocessing", "mean", f"a mean for each of {len(mean)}"),)
        yield Fault("encoder", "channels", message, "", beside, "correct `channels`, or `mean` and `std`")
    least, most = (whole(budget, name) if budget else None for name in ("min_pixels", "max_pixels"))
    if least and most and least > most:
        message = f"no image has an area of at least {least:,} and at most {most:,} px"
        yield Fault(
            "budget",
            "min_pixels",
            message,
            "",
            (("budget", "max_pixels", f"{most:,} px"),),
            "swap them, or correct one",
        )


def _padding(variant: VariantSpec) -> Iterator[Fault]:
    """Texts are padded to what the text encoder can read."""
    text, prompt = variant.slots.get("text_encoder"), variant.slots.get("prompt")
    context, length = (whole(text, "context") if text else None), (whole(prompt, "pad_to") if prompt else None)
    if context and length and length > context:
        message = f"texts are padded to {length} tokens, and the text encoder reads {context}"
        becomes = f"a sequence of {length} tokens is longer than the context of {context}"
        beside = (("text_encoder", "context", f"{context} positions"),)
        yield Fault("prompt", "pad_to", message, becomes, beside, f"write {context}", f"expected at most {context}")


UNWRITTEN = {
    ("language_model", "added_tokens"): "tokens with a table and a head of their own",
    ("text_encoder", "head"): "a linear layer behind the text tower",
}
"""Fields that are counted and shown, and that generated models do not write."""


def _unwritten(variant: VariantSpec) -> Iterator[Fault]:
    """A package leaves nothing of a system out in silence."""
    if not all(resolved.kind.generated for resolved in variant.slots.values()):
        return
    for (slot, name), words in UNWRITTEN.items():
        if slot in variant.slots and has(variant.slots[slot], name) and value(variant.slots[slot], name):
            yield Fault(
                slot, name, f"generated models do not write {words}", help="describe another kind, or leave it out"
            )


def _spelled(number: Fraction, comma: str = ",") -> str:
    whole_number = number.denominator == 1
    return f"{int(number):{comma}}" if whole_number else f"{float(number):.2f}"


CHECKS: tuple[Callable[[VariantSpec], Iterator[Fault]], ...] = (
    _dynamic,
    _tiles,
    _context,
    _ids,
    _pixels,
    _padding,
    _unwritten,
)
