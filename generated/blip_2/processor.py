"""Turns image files and text into the tensors that BLIP-2 takes, and ids into text."""

from __future__ import annotations

from . import budget
from .config import Config
from .images import FixedImages
from .processing import Processing


class Processor(Processing):
    """`Processor.from_pretrained(path)`; then `processor(images=…, prompt=…)` goes straight into the model."""

    config_class = Config

    @classmethod
    def images_of(cls, config: Config) -> FixedImages:
        """The page's preprocessing."""
        return FixedImages(
            resize=config.preprocessing.resize, resample=config.preprocessing.resample,
            rescale=config.preprocessing.rescale, mean=config.preprocessing.mean, std=config.preprocessing.std,
            image_size=config.encoder.image_size,
        )  # fmt: skip

    @classmethod
    def image_tokens_of(cls, config: Config) -> int:
        """Visual tokens of one image."""
        return budget.image_tokens(config)
