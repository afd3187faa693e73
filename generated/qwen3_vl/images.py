"""Images at (nearly) their own size to patches, as the released processors prepare them.

Shapes: N images, P patches of all images, C channels, p side of a patch, t frames of a patch, m side of a merge block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from .image_files import common_settings, normalised, open_image, resized

MAX_ASPECT = 200
"""Longer images are refused, as the released processors do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeImages:
    """Round both sides to a multiple of patch_size · merge_size within an area, cut into patches by merge blocks."""

    patch_size: int  # side of a patch, in pixels
    temporal_patch_size: int  # frames of a patch; an image is repeated to fill it
    merge_size: int  # patches a side that become one visual token
    min_pixels: int  # smaller images are enlarged to this area
    max_pixels: int  # larger images are shrunk to this area
    resample: str  # bicubic, bilinear or lanczos
    rescale: float  # factor on 0…255
    mean: Sequence[float]  # subtracted, a channel
    std: Sequence[float]  # divided by, a channel

    def __call__(self, images: Sequence[Any]) -> dict[str, Tensor]:
        """Paths, bytes or Pillow images to `pixel_values` (P, C·t·p·p) and `image_grid_thw` (N,3) in patches."""
        made = [self.one(image) for image in images]
        patches, grids = [patches for patches, _ in made], [grid for _, grid in made]
        return {"pixel_values": torch.cat(patches), "image_grid_thw": torch.tensor(grids, dtype=torch.int64)}

    def one(self, image: Any) -> tuple[Tensor, tuple[int, int, int]]:
        """One image: its patches (P, C·t·p·p) and its grid."""
        image = open_image(image)
        height, width = self.size(image.height, image.width)
        image = resized(image, height=height, width=width, resample=self.resample)
        x_CHW = normalised(image, rescale=self.rescale, mean=self.mean, std=self.std)
        size, merge = self.patch_size, self.merge_size
        rows, columns = height // size, width // size
        blocks = x_CHW.view(3, rows // merge, merge, size, columns // merge, merge, size)
        # Block by block, and in a block row by row; a patch holds its channels, then the frames of each.
        patches = blocks.permute(1, 4, 2, 5, 0, 3, 6).unsqueeze(5)
        patches = patches.expand(-1, -1, -1, -1, -1, self.temporal_patch_size, -1, -1)
        return patches.reshape(rows * columns, -1), (1, rows, columns)

    def size(self, height: int, width: int) -> tuple[int, int]:
        """The size at which an image is read."""
        if max(height, width) > MAX_ASPECT * min(height, width):
            raise ValueError(f"an image of {width} × {height} pixels is more than {MAX_ASPECT} times as long as wide")
        factor = self.patch_size * self.merge_size
        rounded = [round(side / factor) * factor for side in (height, width)]
        area = math.prod(rounded)
        if area > self.max_pixels:
            shrink = math.sqrt(height * width / self.max_pixels)
            rounded = [max(factor, math.floor(side / shrink / factor) * factor) for side in (height, width)]
        elif area < self.min_pixels:
            grow = math.sqrt(self.min_pixels / (height * width))
            rounded = [math.ceil(side * grow / factor) * factor for side in (height, width)]
        return rounded[0], rounded[1]

    def configured(self, settings: Mapping[str, Any]) -> Self:
        """The same with what a released preprocessor_config.json says instead."""
        area = size if isinstance(size := settings.get("size"), dict) else {}
        given = {name: settings.get(name) for name in ("patch_size", "temporal_patch_size", "merge_size")}
        given["min_pixels"] = settings.get("min_pixels") or area.get("shortest_edge")
        given["max_pixels"] = settings.get("max_pixels") or area.get("longest_edge")
        said = {name: value for name, value in given.items() if value is not None}
        return replace(self, **said, **common_settings(settings))
