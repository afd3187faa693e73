"""Kinds of the token budget: how many visual tokens an image becomes."""

from __future__ import annotations

from pydantic import Field

from chiasm.spec.kind import Count, Kind, Positive


class Fixed(Kind):
    """Every image becomes the same number of tokens."""

    slot, name, anchor = "budget", "fixed", "token-budget#fixed"
    config = "FixedBudgetConfig"
    facts = frozenset({"image_tokens"})

    image_tokens: Count = Field(description="visual tokens of one image, as the language model reads them")


class Dynamic(Kind):
    """The number of tokens follows the image's size, between bounds."""

    slot, name, anchor = "budget", "dynamic", "token-budget#dynamic-resolution"
    config = "DynamicBudgetConfig"
    facts = frozenset({"image_tokens"})

    image_tokens: Count | None = Field(
        description="visual tokens of an image of `height` × `width` pixels after resizing"
    )
    factor: Positive = Field(
        description="both sides are rounded to a multiple of this", json_schema_extra={"unit": "px"}
    )
    min_pixels: Positive = Field(
        description="smaller images are enlarged to this area", json_schema_extra={"unit": "px"}
    )
    max_pixels: Positive = Field(description="larger images are shrunk to this area", json_schema_extra={"unit": "px"})


class NoTokens(Kind):
    """Nothing is handed to a language model: the budget is the encoder's own sequence (contrastive towers)."""

    slot, name, anchor = "budget", "none", "token-budget#none"
    config = "NoBudgetConfig"
    facts = frozenset({"vision_tokens"})

    vision_tokens: Count = Field(description="tokens the encoder processes an image")
