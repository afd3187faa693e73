"""The token budget of Qwen3-VL: what knowledge/models/qwen3-vl.md derives, as functions of the configuration."""

from __future__ import annotations

import math
from fractions import Fraction

from .config import Config


def image_tokens(config: Config, *, height: int, width: int) -> int:
    """Visual tokens of an image of `height` × `width` pixels after resizing: `(height / factor) * (width / factor)`
    (qwen3-vl/budget.image_tokens).

    Raises:
        ValueError: the sizes do not give a whole number.
    """
    value = Fraction(height, config.budget.factor) * Fraction(width, config.budget.factor)
    return _whole(
        value, "(height / factor) * (width / factor)", height=height, factor=config.budget.factor, width=width
    )


def _whole(value: Fraction | float, formula: str, **operands: object) -> int:
    if value != math.floor(value):
        told = ", ".join(f"{name} = {operand}" for name, operand in operands.items())
        raise ValueError(f"{formula} = {float(value):g} is not a whole number ({told})")
    return math.floor(value)
