"""Images at (nearly) their own size to patches, as the released processors prepare them.

Shapes: N images, P patches of all images, C channels, p side of a patch, t frames of a patch, m side of a merge block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Self

import torch
from torch import Tensor

from .image_files import byte_values, common_settings, each, numbers, open_image, resized

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
        read = each(self._read, images)
        grids = [(1, image.height // self.patch_size, image.width // self.patch_size) for image in read]
        bounds = list(accumulate(map(math.prod, grids), initial=0))
        patches_PD = torch.empty(bounds[-1], 3 * self.temporal_patch_size * self.patch_size**2)
        values_C256 = byte_values(rescale=self.rescale, mean=self.mean, std=self.std)

        def fill(index: int) -> None:
            self._cut(read[index], values_C256, patches_PD[bounds[index] : bounds[index + 1]])

        each(fill, range(len(read)))
        return {"pixel_values": patches_PD, "image_grid_thw": torch.tensor(grids, dtype=torch.int64)}

    def _read(self, image: Any) -> Any:
        image = open_image(image)
        height, width = self.size(image.height, image.width)
        return resized(image, height=height, width=width, resample=self.resample)

    def _cut(self, image: Any, values_C256: Tensor, patches_PD: Tensor) -> None:
        """Fills an image's patches (P, C·t·p·p)."""
        size, merge = self.patch_size, self.merge_size
        rows, columns = image.height // size, image.width // size
        x_CHW = numbers(image, values_C256, torch.empty(3, image.height, image.width))
        blocks = x_CHW.view(3, rows // merge, merge, size, columns // merge, merge, size)
        # Block by block, and in a block row by row; a patch holds its channels, then the frames of each, all alike.
        shape = (rows // merge, columns // merge, merge, merge, 3, self.temporal_patch_size, size, size)
        patches_PD.view(shape).copy_(blocks.permute(1, 4, 2, 5, 0, 3, 6).unsqueeze(5))

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
