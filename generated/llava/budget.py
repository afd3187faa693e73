"""The token budget of LLaVA: what knowledge/models/llava.md derives, as functions of the configuration."""

from __future__ import annotations

import math
from fractions import Fraction

from .config import Config


def encoder_tokens(config: Config) -> int:
    """Tokens of one image, class token included: `(image_size / patch_size)^2 + 1` (llava/encoder.tokens).

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


def image_tokens(config: Config) -> int:
    """Visual tokens of one image, as the language model reads them: `(encoder.image_size / encoder.patch_size)^2`
    (llava/budget.image_tokens).

    Raises:
        ValueError: the sizes do not give a whole number.
    """
    value = Fraction(config.encoder.image_size, config.encoder.patch_size) ** 2
    return _whole(
        value,
        "(encoder.image_size / encoder.patch_size)^2",
        encoder_image_size=config.encoder.image_size,
        encoder_patch_size=config.encoder.patch_size,
    )


def _whole(value: Fraction | float, formula: str, **operands: object) -> int:
    if value != math.floor(value):
        told = ", ".join(f"{name} = {operand}" for name, operand in operands.items())
        raise ValueError(f"{formula} = {float(value):g} is not a whole number ({told})")
    return math.floor(value)
