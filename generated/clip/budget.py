"""The token budget of CLIP: what knowledge/models/clip.md derives, as functions of the configuration."""

from __future__ import annotations

import math
from fractions import Fraction

from .config import Config


def encoder_tokens(config: Config) -> int:
    """Tokens of one image, class token included: `(image_size / patch_size)^2 + 1` (clip/encoder.tokens).

    Raises:
        ValueError: the sizes do not give a whole number.
    """
    value = Fraction(config.encoder.image_size, config.encoder.patch_size) ** 2 + 1
    return _whole(
        value,
        "(image_size / patch_size)^2 + 1",
        image_size=config.encoder.image_size,
        patch_size=config.encoder.patch_size,
    )


def vision_tokens(config: Config) -> int:
    """Tokens the encoder processes an image: `encoder.tokens` (clip/budget.vision_tokens).

    Raises:
        ValueError: the sizes do not give a whole number.
    """
    value = encoder_tokens(config)
    return _whole(value, "encoder.tokens", encoder_tokens=encoder_tokens(config))


def _whole(value: Fraction | float, formula: str, **operands: object) -> int:
    if value != math.floor(value):
        told = ", ".join(f"{name} = {operand}" for name, operand in operands.items())
        raise ValueError(f"{formula} = {float(value):g} is not a whole number ({told})")
    return math.floor(value)
