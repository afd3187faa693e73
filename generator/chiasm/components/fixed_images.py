"""Images to squares of one size, as the released processors prepare them.

Shapes: N images, S side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor

from .image_files import MAX_PIXELS, byte_values, common_settings, each, numbers, open_image, resized
from .storage import needed


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImages:
    """Resize (and crop or pad) to a square, rescale to 0…1, normalise.

    `resize` is `shortest_edge`, which scales the shorter side to shortest_edge (default: image_size) and keeps the
    middle square; `exact`, which scales both sides; or `pad`, which first adds bars of the mean colour.
    """

    image_size: int  # side of the square, in pixels
    resize: str
    resample: str  # bicubic, bilinear or lanczos
    rescale: float  # factor on 0…255
    mean: Sequence[float]  # subtracted, a channel
    std: Sequence[float]  # divided by, a channel
    shortest_edge: int | None = None

    def __call__(self, images: Sequence[Any]) -> dict[str, Tensor]:
        """Paths, bytes or Pillow images to `pixel_values` (N,3,S,S)."""
        values_C256 = byte_values(rescale=self.rescale, mean=self.mean, std=self.std)
        pixels_N3SS = torch.empty(len(images), 3, self.image_size, self.image_size)

        def fill(index: int) -> None:
            numbers(self._square(open_image(images[index])), values_C256, pixels_N3SS[index])

        each(fill, range(len(images)))
        return {"pixel_values": pixels_N3SS}

    def configured(self, settings: Mapping[str, Any]) -> Self:
        """The same with what a released preprocessor_config.json says instead."""
        changes = common_settings(settings)
        size, crop = settings.get("size"), settings.get("crop_size")
        cropping = settings.get("do_center_crop", False) and crop is not None
        shortest = size.get("shortest_edge") if isinstance(size, dict) else size if cropping else None
        if shortest is not None:
            changes |= {"resize": "shortest_edge", "shortest_edge": int(shortest)}
        elif size is not None:
            changes |= {"resize": "exact", "image_size": _side(size, "size")}
        if cropping:
            changes["image_size"] = _side(crop, "crop_size")
        elif shortest is not None:
            raise ValueError("size has a shortest_edge, and nothing crops the longer one: images would differ in size")
        if settings.get("do_pad"):
            changes["resize"] = "pad"
        return replace(self, **changes)

    def _square(self, image: Any) -> Any:
        if self.resize == "pad":
            side, colour = max(image.size), tuple(int(mean * 255) for mean in self.mean)
            square = needed("PIL.Image", "to read images").new("RGB", (side, side), colour)
            square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
            image = square
        if self.resize == "exact":
            return resized(image, height=self.image_size, width=self.image_size, resample=self.resample)
        shortest = self.shortest_edge or self.image_size
        longest = int(shortest * max(image.size) / min(image.size))
        if longest * shortest > MAX_PIXELS:
            raise ValueError(f"{image.width} × {image.height} pixels: too long to scale the shorter side to {shortest}")
        height, width = (longest, shortest) if image.width <= image.height else (shortest, longest)
        # The middle square; black where the image is smaller.
        side, left, top = self.image_size, (width - self.image_size) // 2, (height - self.image_size) // 2
        if width > height:
            # Pillow scales the columns of such an image first: those that are not kept need not be scaled again.
            image = resized(image, height=image.height, width=width, resample=self.resample)
            image = image.crop((left, 0, left + side, image.height))
            width, left = side, 0
        image = resized(image, height=height, width=width, resample=self.resample)
        return image.crop((left, top, left + side, top + side))


def _side(size: Any, name: str) -> int:
    sides = {size.get("height"), size.get("width")} if isinstance(size, dict) else {size}
    side = next(iter(sides))
    if len(sides) != 1 or not isinstance(side, int) or side < 1:
        raise ValueError(f"{name} is {size}: expected one side of a square, in pixels")
    return side
