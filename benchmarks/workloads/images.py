"""Preparing images: Pillow images in, the model's tensors out, the same numbers as transformers' processors."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.workload import VERSUS, Contest, Contestant, Setting, Workload

SIZES = ((640, 480), (480, 640), (800, 600), (1024, 683), (512, 512), (1280, 720), (400, 300), (333, 500))
"""Width and height of eight photographs."""


def photographs() -> list[Image.Image]:
    """Noise, smoothed: no image compresses or scales faster for what it shows."""
    generator = np.random.default_rng(0)
    coarse = [generator.integers(0, 255, (h // 8, w // 8, 3), dtype=np.uint8) for w, h in SIZES]
    return [Image.fromarray(one).resize(size) for one, size in zip(coarse, SIZES, strict=True)]


def clip(setting: Setting) -> Contest:
    del setting
    size = {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}}
    return _contest("llava", "1.5-7b", _theirs("clip", "CLIP", **size))


def native(setting: Setting) -> Contest:
    del setting
    module = importlib.import_module("generated.qwen3_vl")
    own = module.Processor.images_of(module.PRESETS["2b"])
    area = {"shortest_edge": own.min_pixels, "longest_edge": own.max_pixels}
    keys = {"patch_size": 16, "image_mean": list(own.mean), "image_std": list(own.std), "size": area}
    return _contest("qwen3_vl", "2b", _theirs("qwen2_vl", "Qwen2VL", **keys))


def _theirs(module: str, name: str, **keys: Any) -> Callable[[list[Image.Image]], Tensor]:
    """The processor that transformers takes here: torchvision's where it is installed, else Pillow's."""
    from transformers.utils.import_utils import is_torchvision_available  # noqa: PLC0415

    kind = ("", "") if is_torchvision_available() else ("pil_", "Pil")
    path = f"transformers.models.{module}.image_processing_{kind[0]}{module}"
    processor = getattr(importlib.import_module(path), f"{name}ImageProcessor{kind[1]}")(**keys)
    return lambda images: processor(images=images, return_tensors="pt")["pixel_values"]


def _contest(package: str, preset: str, theirs: Callable[[list[Image.Image]], Tensor]) -> Contest:
    module, images = importlib.import_module(f"generated.{package}"), photographs()
    own = module.Processor.images_of(module.PRESETS[preset])
    racing = [
        Contestant("transformers", "transformers", lambda: theirs(images), output=_flat),
        Contestant("chiasm", "chiasm", lambda: own(images)["pixel_values"], output=_flat),
    ]
    return Contest(racing, ratios=VERSUS[:1])


def _flat(pixels: Tensor) -> Tensor:
    return torch.as_tensor(pixels).flatten(1)


WORKLOADS = (
    Workload("images-fixed", "prepare 8 images to 336 px (LLaVA-1.5)", clip, dtypes=("fp32",), quick=True),
    Workload("images-native", "prepare 8 images at their own size (Qwen3-VL)", native, dtypes=("fp32",), quick=True),
)
