"""Images to squares of one size, as the released processors prepare them.

Shapes: N images, S side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor

from .image_files import MAX_PIXELS, common_settings, normalised, open_image, resized
from .storage import needed


class FixedImages:
    """Resize (and crop or pad) to a square, rescale to 0…1, normalise.

    Args:
        image_size: side of the square, in pixels.
        resize: `shortest_edge` scales the shorter side to image_size and keeps the middle square; `exact` scales both
            sides; `pad` makes the image a square first, with bars of the mean colour.
        resample: `bicubic`, `bilinear` or `lanczos`.
        rescale: factor on 0…255.
        mean: subtracted, a channel.
        std: divided by, a channel.
    """

    def __init__(
        self,
        *,
        image_size: int,
        resize: str,
        resample: str,
        rescale: float,
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        self.arguments = {
            "image_size": image_size,
            "resize": resize,
            "resample": resample,
            "rescale": rescale,
            "mean": mean,
            "std": std,
        }
        self.image_size = image_size
        self.resize = resize
        self.resample = resample
        self.rescale, self.mean, self.std = rescale, mean, std
        self.shortest_edge = image_size

    def __call__(self, images: Sequence[Any]) -> dict[str, Tensor]:
        """Paths, bytes or Pillow images to `pixel_values` (N,3,S,S)."""
        return {"pixel_values": torch.stack([self.one(image) for image in images])}

    def one(self, image: Any) -> Tensor:
        """One image, (3,S,S)."""
        image = self._square(open_image(image))
        return normalised(image, rescale=self.rescale, mean=self.mean, std=self.std)

    def configured(self, settings: Mapping[str, Any]) -> Self:
        """The same with what a released preprocessor_config.json says instead."""
        arguments = {**self.arguments, **common_settings(settings)}
        size, crop = settings.get("size"), settings.get("crop_size")
        cropping = settings.get("do_center_crop", False) and crop is not None
        shortest = size.get("shortest_edge") if isinstance(size, dict) else size if cropping else None
        if shortest is not None:
            arguments["resize"] = "shortest_edge"
        elif size is not None:
            arguments["resize"] = "exact"
            arguments["image_size"] = _side(size, "size")
        if cropping:
            arguments["image_size"] = _side(crop, "crop_size")
        elif shortest is not None:
            raise ValueError("size has a shortest_edge, and nothing crops the longer one: images would differ in size")
        if settings.get("do_pad"):
            arguments["resize"] = "pad"
        made = type(self)(**arguments)
        made.shortest_edge = made.image_size if shortest is None else int(shortest)
        return made

    def _square(self, image: Any) -> Any:
        if self.resize == "pad":
            image = _padded(image, tuple(int(mean * 255) for mean in self.mean))
        if self.resize == "exact":
            return resized(image, height=self.image_size, width=self.image_size, resample=self.resample)
        short, long = sorted(image.size)
        long = int(self.shortest_edge * long / short)
        if long * self.shortest_edge > MAX_PIXELS:
            raise ValueError(
                f"{image.width} × {image.height} pixels: too long to scale the shorter side to {self.shortest_edge}"
            )
        height, width = (long, self.shortest_edge) if image.width <= image.height else (self.shortest_edge, long)
        return _cropped(resized(image, height=height, width=width, resample=self.resample), self.image_size)


def _side(size: Any, name: str) -> int:
    sides = {size.get("height"), size.get("width")} if isinstance(size, dict) else {size}
    side = next(iter(sides))
    if len(sides) != 1 or not isinstance(side, int) or side < 1:
        raise ValueError(f"{name} is {size}: expected one side of a square, in pixels")
    return side


def _cropped(image: Any, side: int) -> Any:
    """The middle square; black where the image is smaller."""
    left, top = (_start(length, side) for length in image.size)
    return image.crop((left, top, left + side, top + side))


def _start(length: int, side: int) -> int:
    """Where the middle `side` pixels begin; before 0 where the image is smaller."""
    return (length - side) // 2


def _padded(image: Any, colour: tuple[int, ...]) -> Any:
    """The image in the middle of a square."""
    side = max(image.size)
    square = needed("PIL.Image", "to read images").new("RGB", (side, side), colour)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square
