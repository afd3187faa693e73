"""Image files to upright RGB pictures, and pictures to numbers: PNG, JPEG and WebP, nothing else, and no surprises.

Shapes: H height, W width.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import torch
from torch import Tensor

from .storage import needed, read_json

MAX_PIXELS = 64_000_000
"""A file of a few kilobytes can declare billions of pixels."""
_OPENING = Lock()
"""What is done with a warning is decided for all threads."""
_ORIENTATION = 0x0112
"""The Exif tag that says how a camera was held."""
_In = TypeVar("_In")
_Out = TypeVar("_Out")
RESAMPLE = ("nearest", "lanczos", "bilinear", "bicubic")
"""Pillow's filters in the order of their numbers, which released configurations use."""


def open_image(image: Any) -> Any:
    """A path, the bytes of a file, or a Pillow image as an upright RGB image, transparency on white.

    Raises ValueError for a file that is no PNG, JPEG or WebP, is cut off, or has more than MAX_PIXELS.
    """
    pillow = needed("PIL.Image", "to read images")
    if isinstance(image, pillow.Image):
        return _upright(image, "the image")
    if not isinstance(image, str | Path | bytes):
        raise TypeError(f"an image is a path, bytes or a Pillow image, not {type(image).__name__}")
    name = f"{len(image)} bytes" if isinstance(image, bytes) else str(image)
    if not isinstance(image, bytes) and not Path(image).is_file():
        raise ValueError(f"{name}: no such image file")
    try:
        file = BytesIO(image) if isinstance(image, bytes) else image
        with _OPENING, warnings.catch_warnings():
            warnings.simplefilter("error", pillow.DecompressionBombWarning)
            opened = pillow.open(file, formats=("PNG", "JPEG", "WEBP"))
        with opened:
            return _upright(opened, name)
    except (pillow.DecompressionBombWarning, pillow.DecompressionBombError) as error:
        raise ValueError(f"{name} declares too many pixels: at most {MAX_PIXELS:,} are read") from error
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(f"{name} cannot be read as PNG, JPEG or WebP: {error}") from error


def _upright(image: Any, name: str) -> Any:
    if not 0 < image.width * image.height <= MAX_PIXELS:
        raise ValueError(f"{name} has {image.width} × {image.height} pixels: 1 to {MAX_PIXELS:,} are read")
    if image.getexif().get(_ORIENTATION, 1) != 1:
        image = needed("PIL.ImageOps", "to read images").exif_transpose(image)
    if "A" in image.getbands() or image.info.get("transparency") is not None:
        pillow = needed("PIL.Image", "to read images")
        white = pillow.new("RGBA", image.size, (255, 255, 255, 255))
        image = pillow.alpha_composite(white, image.convert("RGBA"))
    if image.mode != "RGB":
        return image.convert("RGB")
    # Now, while its file is open; and no copy, since nobody changes it.
    image.load()
    return image


def resized(image: Any, *, height: int, width: int, resample: str) -> Any:
    """The image at another size."""
    return image.resize((width, height), resample=RESAMPLE.index(resample))


def byte_values(*, rescale: float, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """What each byte of a channel becomes (3,256): times `rescale` (in double precision), less mean, over deviation."""
    value_256 = (torch.arange(256, dtype=torch.float64) * rescale).float()
    mean_C1, std_C1 = (torch.tensor(values, dtype=torch.float32)[:, None] for values in (mean, std))
    return (value_256 - mean_C1) / std_C1


def numbers(image: Any, values_C256: Tensor, out_CHW: Tensor) -> Tensor:
    """Fills (3,H,W), without gaps, with what a table makes of an image's bytes: looked up, since there are only 256."""
    bytes_HWC = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(image.height, image.width, 3)
    for channel, (values_256, out_HW) in enumerate(zip(values_C256, out_CHW, strict=True)):
        torch.index_select(values_256, 0, bytes_HWC[..., channel].int().flatten(), out=out_HW.view(-1))
    return out_CHW


def each(task: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """The task of every item, in order, on as many threads as torch may use: Pillow lets go of the interpreter."""
    listed = list(items)
    threads = min(len(listed), torch.get_num_threads())
    if threads < 2:
        return [task(item) for item in listed]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(task, listed))


def image_settings(folder: Path) -> dict[str, Any]:
    """What a checkpoint directory says about its images; {} where it says nothing."""
    whole, own = folder / "processor_config.json", folder / "preprocessor_config.json"
    if whole.is_file() and isinstance(nested := read_json(whole).get("image_processor"), dict):
        return nested
    return read_json(own) if own.is_file() else {}


def common_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments that every kind of preprocessing has in common, as far as `settings` gives them."""
    out: dict[str, Any] = {}
    if settings.get("do_resize") is False:
        raise ValueError("do_resize is false: images of any size cannot go into one batch")
    if isinstance(number := settings.get("resample"), int):
        if not 0 <= number < len(RESAMPLE):
            raise ValueError(f"resample is {number}: known are 0 to {len(RESAMPLE) - 1} ({', '.join(RESAMPLE)})")
        out["resample"] = RESAMPLE[number]
    if "rescale_factor" in settings:
        out["rescale"] = float(settings["rescale_factor"])
    for ours, theirs in (("mean", "image_mean"), ("std", "image_std")):
        if theirs in settings:
            value = settings[theirs]
            out[ours] = tuple(map(float, value if isinstance(value, list) else [value] * 3))
    if settings.get("do_rescale") is False:
        out["rescale"] = 1.0
    if settings.get("do_normalize") is False:
        out |= {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
    return out
