"""What is measured: images, tokens and a data type as a user asks for them in, the load of a pass out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from chiasm.judging.terms import ScopeError, field_value
from chiasm.spec.sizes import seen
from chiasm.spec.work import Load, Seen

if TYPE_CHECKING:
    from chiasm.spec.model import VariantSpec

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
"""Bytes of a number, by data type."""
TEXT = 64
"""Tokens of text beside the images, where no length is asked for."""
SAMPLE = 1024
"""Side in px of the image that is measured where none is given and the system has no size of its own."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a user asks for; zero and empty stand for what the system itself suggests."""

    images: tuple[tuple[int, int], ...] = ()
    """Width and height in px of every image of a row."""
    frames: int = 0
    """Frames of each: a video."""
    tiles: int = 0
    """Tiles each is cut into, where the budget cuts."""
    tokens: int = 0
    """Tokens of a row, visual ones included."""
    batch: int = 1
    context: int = 0
    """Places of the key/value cache of a row; one more token then looks at all of them."""
    dtype: str = "bfloat16"
    stage: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a variant makes of the inputs: nothing is left open but what the page does not say (`why`)."""

    asked: Inputs
    sizes: tuple[tuple[int, int], ...]
    """Width and height in px of every image of a row, as it comes."""
    images: tuple[Seen, ...]
    """What the encoder sees of a row's images."""
    visual: tuple[int, ...] | None
    """Visual tokens of each image; None where the page does not say, or nothing is handed to a language model."""
    tokens: int
    context: int
    tiles: int
    why: str = ""
    """Why there is no number of visual tokens."""
    handed: bool = True
    """Visual tokens are handed to a language model (not so in contrastive towers)."""

    @property
    def prefill(self) -> Load:
        """The whole sequence at once."""
        return Load(self.asked.batch, self.images, self.tokens, self.tokens)

    @property
    def step(self) -> Load:
        """One more token in every row, which looks at all places of the cache."""
        return Load(self.asked.batch, (), 1, self.context)


def setting(variant: VariantSpec, asked: Inputs) -> Setting:
    """What the variant makes of the inputs. Raises ValueError where it cannot take them."""
    slots = variant.slots
    kind = slots["budget"].kind.name if "budget" in slots else ""
    tiles = (asked.tiles or _whole(variant, "max_tiles", {}) or 1) if kind == "tiles" else asked.tiles
    if kind == "tiles" and tiles > (most := _whole(variant, "max_tiles", {}) or tiles):
        raise ValueError(f"an image is cut into {most} tiles at most, not into {tiles}")
    sizes = asked.images or (_own_size(variant),)
    frames = max(asked.frames, 1)
    looked = [seen(slots, height, width, frames=frames, tiles=tiles) for width, height in sizes]
    images = tuple(one for several in looked for one in several)
    handed = kind != "none"
    visual, why = _visual(variant, looked, tiles) if handed else (None, "nothing is handed to a language model")
    # Cross-attention reads them from the side: the sequence holds text alone.
    spliced = "fusion" not in slots or slots["fusion"].kind.name != "gated_cross_attention"
    within = sum(visual or ()) if spliced else 0
    if handed and visual is None and not asked.tokens:
        raise ValueError(f"{why}: say how many tokens there are, as --tokens 1024")
    tokens = asked.tokens or _usual(variant, within, handed=handed)
    for name, length in (("--tokens", tokens), ("--context", asked.context)):
        _within(variant, name, length)
    if within > tokens:
        raise ValueError(f"{within:,} visual tokens do not fit into --tokens {tokens:,}")
    return Setting(asked, sizes, images, visual, tokens, asked.context or tokens, tiles, why, handed)


def _visual(variant: VariantSpec, looked: list[tuple[Seen, ...]], tiles: int) -> tuple[tuple[int, ...] | None, str]:
    """Visual tokens of each image by the page's formula, or why they are not known."""
    found = []
    for several in looked:
        first = several[0]
        inputs = {"height": first.height, "width": first.width, "tiles": tiles, "frames": first.frames}
        count = _whole(variant, "image_tokens", inputs)
        if count is None and tiles == _whole(variant, "max_tiles", {}):
            count = _whole(variant, "max_image_tokens", inputs)
        if count is None:
            return None, "the page does not say how many visual tokens such an image becomes"
        found.append(count * first.frames)  # every frame has its own
    return tuple(found), ""


def _whole(variant: VariantSpec, name: str, inputs: dict[str, int]) -> int | None:
    """A fact of the budget that is a whole number."""
    try:
        value: Fraction | None = field_value(variant, "budget", name, inputs)
    except ScopeError as error:
        raise ValueError(str(error)) from None
    if value is not None and value.denominator != 1:
        raise ValueError(f"{name} is {float(value):g}, not a whole number, for images of this size")
    return None if value is None else int(value)


def _own_size(variant: VariantSpec) -> tuple[int, int]:
    encoder = variant.slots.get("encoder")
    side = encoder.get("image_size") if encoder and "image_size" in encoder.kind.fields else None
    return (side, side) if isinstance(side, int) else (SAMPLE, SAMPLE)


def _usual(variant: VariantSpec, visual: int, *, handed: bool) -> int:
    """Tokens of a row: the images' and a little text; a contrastive text is as long as its context."""
    text = variant.slots.get("text_encoder")
    length = text.get("context") if text and not handed else None
    return length if isinstance(length, int) else visual + TEXT


def _within(variant: VariantSpec, name: str, length: int) -> None:
    """Raises ValueError for a sequence that is longer than the model's."""
    for slot in ("language_model", "text_encoder"):
        resolved = variant.slots.get(slot)
        limit = resolved.get("context") if resolved and "context" in resolved.kind.fields else None
        if isinstance(limit, int) and length > limit:
            raise ValueError(f"{name} {length:,} is more than the {limit:,} positions of its {slot.replace('_', ' ')}")
