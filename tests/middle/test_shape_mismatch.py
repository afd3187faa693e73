"""An edit that cannot work is found at its cell, with the numbers that do not fit."""

from __future__ import annotations

import pytest

from tests.middle.base import run, shipped

EDITS = [
    (
        "llava",
        "| bos_token | 1 |",
        "| bos_token | 99999 |",
        "99999",
        "id 99,999 of `bos_token` is no row of a table of 32,064",
    ),
    (
        "llava",
        "| context | 4096 tokens | 4096 tokens |",
        "| context | 512 tokens | 4096 tokens |",
        "512 tokens",
        "an image of 576 tokens leaves no room for a word in a context of 512",
    ),
    (
        "qwen3-vl",
        "| video_token | 151656 |",
        "| video_token | 151655 |",
        "151655",
        "images and videos have the same placeholder, id 151,655",
    ),
    (
        "qwen3-vl",
        "| min_pixels | 65536 px |",
        "| min_pixels | 65536000 px |",
        "65536000 px",
        "no image has an area of at least 65,536,000 and at most 16,777,216 px",
    ),
    (
        "qwen3-vl",
        "`(height / factor) * (width / factor)`",
        "`(height / factor) * (width / factor) + 1`",
        "`(height / factor) * (width / factor) + 1`",
        "`image_tokens` counts 65 for an image of 256 × 256 px, encoder and alignment make 64 of it",
    ),
    (
        "llava-next",
        "| tile_tokens | `(encoder.image_size / encoder.patch_size)^2` = 576 | derived |",
        "| tile_tokens | 144 | assumed: for a test |",
        "144",
        "a tile is counted as 144 tokens, encoder and alignment make 576 of it",
    ),
    (
        "clip",
        "| features | pooled",
        "| features | tokens",
        "tokens",
        "two towers are compared by one vector an image, but `features` hands on (N, 50, 768), all its tokens",
    ),
    (
        "ovis-2-5",
        "| in_dim | `encoder.dim * encoder.merge_size^2` = 4608 |",
        "| in_dim | 4609 |",
        "4609",
        "the head reads 4,609 channels, 2×2 patches of 1,152 are 4,608",
    ),
    (
        "llava",
        "| activation | silu |",
        "| mrope_sections | 24, 20, 20 | assumed: for a test |\n| activation | silu |",
        "24, 20, 20",
        "positions on several axes are read from the images' grids, and `vit` hands on none",
    ),
]


@pytest.mark.parametrize(("page", "old", "new", "marked", "message"), EDITS)
def test_what_cannot_work_is_found_at_its_cell(page: str, old: str, new: str, marked: str, message: str) -> None:
    texts = dict(shipped())
    path = f"knowledge/models/{page}.md"
    assert old in texts[path], f"{page}.md says no more: {old}"
    texts[path] = texts[path].replace(old, new, 1)
    outcome = run(texts)
    found = [one for one in outcome.found if one.rule == "shape-mismatch" and one.span.path == path]
    assert message in [one.message for one in found]
    assert {outcome.text(one) for one in found if one.message == message} == {marked}
    assert all(one.help for one in found)


def test_the_shipped_pages_fit() -> None:
    assert [one.message for one in run(shipped()).found if one.rule == "shape-mismatch"] == []


def test_a_cell_that_many_variants_take_is_found_once() -> None:
    texts = dict(shipped())
    path = "knowledge/models/qwen3-vl.md"
    texts[path] = texts[path].replace("| bos_token | 151643 |", "| bos_token | 999999 |")
    found = [one for one in run(texts).found if one.rule == "shape-mismatch"]
    assert len(found) == 1
