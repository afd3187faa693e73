"""Turns image files and text into the tensors that Qwen3-VL takes, and ids into text."""

from __future__ import annotations

from .config import Config
from .images import NativeImages
from .processing import Processing


class Processor(Processing):
    """`Processor.from_pretrained(path)`; then `processor(images=…, prompt=…)` goes straight into the model."""

    config_class = Config

    @classmethod
    def images_of(cls, config: Config) -> NativeImages:
        """The page's preprocessing."""
        return NativeImages(
            resample=config.preprocessing.resample, rescale=config.preprocessing.rescale,
            mean=config.preprocessing.mean, std=config.preprocessing.std, patch_size=config.encoder.patch_size,
            temporal_patch_size=config.encoder.temporal_patch_size, merge_size=config.encoder.merge_size,
            min_pixels=config.budget.min_pixels, max_pixels=config.budget.max_pixels,
        )  # fmt: skip
