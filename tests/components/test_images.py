"""Preprocessing equals the released processors to the last bit, from real image files; bad files are named."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as tf
from PIL import Image
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from chiasm.components.fixed_images import FixedImages
from chiasm.components.image_files import MAX_PIXELS, image_settings, open_image
from chiasm.components.native_images import NativeImages

CLIP: dict[str, Any] = {
    "resample": "bicubic",
    "rescale": 1 / 255,
    "mean": (0.48145466, 0.4578275, 0.40821073),
    "std": (0.26862954, 0.26130258, 0.27577711),
}
SIZES = [(64, 48), (48, 64), (31, 97), (97, 31), (11, 120), (120, 11), (40, 40), (7, 5), (301, 200)]


def picture(width: int, height: int, seed: int = 0) -> Image.Image:
    noise = torch.randint(0, 256, (height, width, 3), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return Image.frombytes("RGB", (width, height), bytes(noise.flatten().tolist()))


@pytest.fixture(params=SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def image(request: pytest.FixtureRequest) -> Image.Image:
    return picture(*request.param)


def fixed(resize: str, side: int = 28) -> FixedImages:
    return FixedImages(image_size=side, resize=resize, **CLIP)


def same(ours: torch.Tensor, theirs: Any) -> bool:
    return torch.equal(ours, torch.as_tensor(theirs))


@pytest.mark.parametrize("side", [28, 27])
def test_shortest_edge_is_clips(image: Image.Image, side: int) -> None:
    reference = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    assert same(
        fixed("shortest_edge", side)([image])["pixel_values"], reference(image, return_tensors="pt")["pixel_values"]
    )


def test_exact_is_blips(image: Image.Image) -> None:
    reference = BlipImageProcessorPil(size={"height": 28, "width": 28})
    assert same(fixed("exact")([image])["pixel_values"], reference(image, return_tensors="pt")["pixel_values"])


def test_pad_is_llavas(image: Image.Image) -> None:
    reference = LlavaImageProcessorPil(do_pad=True, size={"shortest_edge": 28}, crop_size={"height": 28, "width": 28})
    assert same(fixed("pad")([image])["pixel_values"], reference(image, return_tensors="pt")["pixel_values"])


def test_settings_of_a_directory_win(image: Image.Image, tmp_path: Path) -> None:
    references = [
        CLIPImageProcessorPil(size={"shortest_edge": 30}, crop_size={"height": 26, "width": 26}, resample=2),
        BlipImageProcessorPil(size={"height": 20, "width": 20}, image_mean=[0.5, 0.5, 0.5], image_std=[0.5, 0.25, 0.5]),
        LlavaImageProcessorPil(do_pad=True, size={"shortest_edge": 22}, crop_size={"height": 22, "width": 22}),
    ]
    for reference in references:
        reference.save_pretrained(tmp_path)
        ours = fixed("shortest_edge").configured(image_settings(tmp_path))
        assert same(ours([image])["pixel_values"], reference(image, return_tensors="pt")["pixel_values"])


def test_legacy_settings_are_numbers() -> None:
    ours = fixed("exact").configured({"size": 40, "crop_size": 32, "do_center_crop": True, "resample": 3})
    assert (ours.shortest_edge, ours.image_size, ours.resize, ours.resample) == (40, 32, "shortest_edge", "bicubic")


@pytest.mark.parametrize(
    "settings",
    [{"size": {"height": 3, "width": 4}}, {"size": {"shortest_edge": 30}}, {"do_resize": False}, {"resample": 9}],
)
def test_settings_that_make_no_batch_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"size|do_resize|resample"):
        fixed("exact").configured(settings)


def native(**changed: Any) -> NativeImages:
    given = {"patch_size": 4, "temporal_patch_size": 2, "merge_size": 2, "min_pixels": 256, "max_pixels": 4096}
    half = {"mean": (0.5,) * 3, "std": (0.5,) * 3, "resample": "bicubic", "rescale": 1 / 255}
    return NativeImages(**{**given, **half, **changed})


def qwen(**changed: Any) -> Qwen2VLImageProcessorPil:
    given = {
        "patch_size": 4,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "size": {"shortest_edge": 256, "longest_edge": 4096},
    }
    return Qwen2VLImageProcessorPil(**{**given, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, **changed})


def test_native_patches_are_qwens(image: Image.Image) -> None:
    images = [image, image.rotate(90, expand=True)]
    ours, theirs = native()(images), qwen()(images, return_tensors="pt")
    assert same(ours["pixel_values"], theirs["pixel_values"])
    assert same(ours["image_grid_thw"], theirs["image_grid_thw"])


def test_native_settings_of_a_directory_win(image: Image.Image, tmp_path: Path) -> None:
    reference = qwen(patch_size=6, size={"shortest_edge": 144, "longest_edge": 2000})
    reference.save_pretrained(tmp_path)
    ours = native().configured(image_settings(tmp_path))([image])
    theirs = reference(image, return_tensors="pt")
    assert same(ours["pixel_values"], theirs["pixel_values"])
    assert same(ours["image_grid_thw"], theirs["image_grid_thw"])


def test_native_size_of_a_released_resolution() -> None:
    """Factor 32, as the hub's preprocessor asks for: 1080 × 1920 keeps its size but for the multiple."""
    assert native(patch_size=16, min_pixels=65536, max_pixels=16777216).size(1080, 1920) == (1088, 1920)


def test_an_aspect_that_no_release_reads_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1000 × 4"):
        native()([picture(1000, 4)])
    with pytest.raises(ValueError, match="too long"):
        fixed("shortest_edge", 448)([Image.new("RGB", (200_000, 1))])


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_file_is_its_picture(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{kind.lower()}"
    picture(30, 20).save(file, kind, lossless=True)
    for given in (file, str(file), file.read_bytes()):
        assert open_image(given).tobytes() == picture(30, 20).tobytes()


def test_a_jpeg_is_turned_upright(tmp_path: Path) -> None:
    turned, exif = picture(30, 20), Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "a.jpg", exif=exif, quality=95)
    plain = Image.open(tmp_path / "a.jpg").convert("RGB").rotate(-90, expand=True)
    assert open_image(tmp_path / "a.jpg").tobytes() == plain.tobytes()
    assert open_image(tmp_path / "a.jpg").size == (20, 30)


def test_transparency_is_white_as_the_reference_has_it() -> None:
    clear = picture(20, 20).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((20, 20)))
    reference = BlipImageProcessorPil(size={"height": 20, "width": 20})(clear, return_tensors="pt")["pixel_values"]
    assert same(fixed("exact", 20)([clear])["pixel_values"], reference)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_other_modes_are_read(mode: str) -> None:
    assert open_image(Image.new(mode, (4, 4))).mode == "RGB"


def _png() -> bytes:
    out = io.BytesIO()
    picture(40, 40).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image",
        _png()[: len(_png()) // 2],
        _png()[:40],
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n" + bytes(30),
    ],
)
def test_a_corrupt_file_is_named(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(data)
    with pytest.raises(ValueError, match=r"bad\.png cannot be read as PNG, JPEG or WebP"):
        open_image(tmp_path / "bad.png")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    side = int(MAX_PIXELS**0.5) + 100
    for width, name in ((side, "large.png"), (3 * side, "huge.png")):
        Image.new("1", (width, side)).save(tmp_path / name)
        with pytest.raises(ValueError, match="pixels"):
            open_image(tmp_path / name)


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not int"):
        open_image(3)
    with pytest.raises(ValueError, match="no such image file"):
        open_image(tmp_path / "absent.png")


def test_transformers_is_the_version_these_hold_for() -> None:
    assert tf.__version__ == "5.23.0"
