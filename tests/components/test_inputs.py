"""Bad input is refused with its place and both numbers, on the host only."""

from __future__ import annotations

import pytest
import torch

from chiasm.components import inputs

IDS = torch.tensor([[5, 6, 7], [1, 2, 3]])


def test_good_text_passes() -> None:
    inputs.check_text(IDS, torch.ones_like(IDS), vocab_size=8, context=3)
    inputs.check_text(torch.tensor([[900, 1]]), None, vocab_size=8, context=3, also=900)


def test_bad_text_is_refused() -> None:
    with pytest.raises(ValueError, match=r"row 0 has id 7 at place 2, the table has ids below 7"):
        inputs.check_text(IDS, None, vocab_size=7, context=3)
    with pytest.raises(ValueError, match=r"row 1 has id -1 at place 0"):
        inputs.check_text(torch.tensor([[0], [-1]]), None, vocab_size=7, context=3)
    with pytest.raises(ValueError, match="a sequence of 3 tokens is longer than the context of 2"):
        inputs.check_text(IDS, None, vocab_size=9, context=2)
    with pytest.raises(ValueError, match=r"attention_mask has the shape \(2, 2\), input_ids \(2, 3\)"):
        inputs.check_text(IDS, IDS[:, :2], vocab_size=9, context=3)
    with pytest.raises(ValueError, match=r"torch.int64 \(3,\), expected integers \(batch, tokens\)"):
        inputs.check_text(IDS[0], None, vocab_size=9, context=3)


def test_bad_pixels_are_refused() -> None:
    inputs.check_images(torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"pixel_values are torch.uint8"):
        inputs.check_images(torch.zeros(2, 3, dtype=torch.uint8))
    with pytest.raises(ValueError, match="2 of 6 pixel values are not finite"):
        inputs.check_images(torch.tensor([1, torch.nan, 2, torch.inf, 3, 4]), values=True)


@pytest.mark.parametrize(
    ("rows", "sizes", "message"),
    [
        ([4, 2], [2, 2, 2], None),
        ([0, 6], [4, 2], None),
        ([0, 0], [], None),
        ([5, 2], [4, 2], "row 0 has 5 image placeholders, but 2 images with 6 visual tokens"),
        ([6, 0], [4, 3], "row 0 has 6 image placeholders, but 2 images with 7 visual tokens"),
        ([4, 3], [4, 2], "row 1 has 3 image placeholders, but 1 image with 2 visual tokens"),
        ([0, 3], [], "row 1 has 3 image placeholders, but no image"),
        ([4, 0], [4, 2], "2 images have 6 visual tokens, but the rows have 4 image placeholders"),
        ([0, 0], [4], "1 images have 4 visual tokens, but the rows have 0 image placeholders"),
    ],
)
def test_placeholders_are_counted_a_row_at_a_time(rows: list[int], sizes: list[int], message: str | None) -> None:
    where = torch.arange(8) < torch.tensor(rows)[:, None]
    if message is None:
        inputs.check_placeholders(where, sizes)
    else:
        with pytest.raises(ValueError, match=message):
            inputs.check_placeholders(where, sizes)


def test_a_model_without_image_token_has_no_placeholders() -> None:
    assert inputs.placeholders(IDS, 6).sum() == 1
    with pytest.raises(ValueError, match="names no image token"):
        inputs.placeholders(IDS, None)


def test_values_on_a_device_are_not_read() -> None:
    ids = torch.zeros(2, 3, dtype=torch.long, device="meta")
    inputs.check_text(ids, None, vocab_size=1, context=3)
    inputs.check_placeholders(ids == 0, [5])
    assert not inputs.readable(ids)
    assert not torch.compile(inputs.readable, backend="eager", fullgraph=True)(torch.zeros(2))


def test_a_mask_is_ones_and_zeros() -> None:
    with pytest.raises(ValueError, match=r"attention_mask holds -1000000000\.0"):
        inputs.check_text(IDS, torch.tensor([[0, 0, -1e9], [0, 0, 0]]), vocab_size=8, context=3)
    with pytest.raises(ValueError, match=r"torch.bool \(2, 3\), expected integers"):
        inputs.check_text(IDS > 2, None, vocab_size=8, context=3)


def test_labels_are_ids_or_not_learned() -> None:
    inputs.check_labels(None, IDS, vocab_size=8)
    inputs.check_labels(torch.where(IDS > 2, IDS, -100), IDS, vocab_size=8)
    with pytest.raises(ValueError, match=r"row 0 has label 7 at place 2, expected ids below 7, or -100"):
        inputs.check_labels(IDS, IDS, vocab_size=7)
    with pytest.raises(ValueError, match=r"row 1 has label -5 at place 0"):
        inputs.check_labels(torch.tensor([[1], [-5]]), torch.zeros(2, 1), vocab_size=7)
    with pytest.raises(ValueError, match=r"labels are torch.int64 \(2, 2\), expected integers \(2, 3\)"):
        inputs.check_labels(IDS[:, :2], IDS, vocab_size=9)


def test_a_grid_is_whole_blocks() -> None:
    inputs.check_grid(torch.tensor([[1, 4, 6]]), 2)
    with pytest.raises(ValueError, match=r"image 1 has a grid of \[1, 3, 8\] patches, expected whole blocks of 2 × 2"):
        inputs.check_grid(torch.tensor([[1, 4, 6], [1, 3, 8]]), 2)
    with pytest.raises(ValueError, match=r"image 0 has a grid of \[1, -2, -4\]"):
        inputs.check_grid(torch.tensor([[1, -2, -4]]), 2)
    for grid in (torch.tensor([[4, 6]]), torch.tensor([[1.0, 4.0, 6.0]])):
        with pytest.raises(ValueError, match=r"image_grid_thw is torch\..* expected integers \(images, 3\)"):
            inputs.check_grid(grid, 2)


def test_a_placeholder_in_padding_is_refused() -> None:
    inputs.check_padding(IDS == 7, torch.tensor([[0, 1, 1], [0, 1, 1]]))
    with pytest.raises(ValueError, match="row 0 has 1 image placeholders in its padding"):
        inputs.check_padding(IDS == 5, torch.tensor([[0, 1, 1], [1, 1, 1]]))


def test_no_image_is_none() -> None:
    with pytest.raises(ValueError, match="None stands for none"):
        inputs.check_images(torch.zeros(0, 3, 4, 4))
