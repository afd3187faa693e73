"""Positions equal the reference's; packing is undone exactly."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from chiasm.components import positions

IMAGE, START = 95, 97


def rows(*texts: list[Any], left: bool) -> tuple[Tensor, Tensor]:
    """Ids and mask of ragged rows, padded with 0."""
    longest = max(len(text) for text in texts)
    ids, mask = torch.zeros(len(texts), longest, dtype=torch.long), torch.zeros(len(texts), longest, dtype=torch.long)
    for row, text in enumerate(texts):
        place = slice(longest - len(text), None) if left else slice(len(text))
        ids[row, place], mask[row, place] = torch.tensor(text), 1
    return ids, mask


def image(height: int, width: int) -> list[int]:
    return [START, *[IMAGE] * (height * width // 4), 98]


@pytest.mark.parametrize("left", [True, False])
def test_multimodal_positions_equal_the_reference(left: bool) -> None:
    qwen = pytest.importorskip("transformers.models.qwen3_vl.modeling_qwen3_vl")
    config = qwen.Qwen3VLConfig(vision_config={"spatial_merge_size": 2})
    owner = type(
        "Owner", (), {"config": config, "get_vision_position_ids": qwen.Qwen3VLModel.get_vision_position_ids}
    )()
    grid = torch.tensor([[1, 4, 6], [1, 8, 2], [1, 2, 2], [1, 6, 6]])
    ids, mask = rows([5, *image(4, 6), 7, 8, *image(8, 2)], [1, 2, 3], [*image(2, 2), *image(6, 6), 9, 9], left=left)
    where = ids == IMAGE
    theirs, delta = qwen.Qwen3VLModel.get_rope_index(owner, ids, where.int(), image_grid_thw=grid, attention_mask=mask)
    ours = positions.multimodal(where, mask, grid, 2)
    assert torch.equal(ours, theirs)
    assert torch.equal(ours.amax((0, 2)) + 1, delta[:, 0] + mask.sum(-1))


def test_multimodal_positions_without_a_mask() -> None:
    ids, mask = rows([5, *image(4, 4), 7], [6, *image(2, 8), 9], left=True)
    grid = torch.tensor([[1, 4, 4], [1, 2, 8]])
    assert mask.all()
    where = ids == IMAGE
    assert torch.equal(positions.multimodal(where, mask, grid, 2), positions.multimodal(where, None, grid, 2))


def test_sequential_positions_skip_padding() -> None:
    mask = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 0]])
    assert positions.sequential(mask, mask).tolist() == [[[-1, -1, 0, 1], [0, 1, 2, -1]]]
    assert positions.sequential(None, mask[:, :3]).tolist() == [[[0, 1, 2], [0, 1, 2]]]


def test_packing_leaves_padding_out_and_comes_back() -> None:
    mask = torch.tensor([[0, 1, 1], [0, 0, 0], [1, 1, 1]])
    packing, square = positions.layout(mask, mask.device)
    assert packing is not None
    assert square is None
    x = torch.randn(3, 3, 2)
    assert packing.pack(x).shape == (1, 5, 2)
    assert torch.equal(packing.unpack(packing.pack(x)), x * mask[..., None])
    assert packing.segments.offsets.tolist() == [0, 2, 2, 5]
    assert packing.segments.longest == 3
    assert packing.rows.tolist() == [0, 0, 2, 2, 2]
    assert packing.places.tolist() == [0, 1, 0, 1, 2]


def test_nothing_happens_where_nothing_is_padding() -> None:
    assert positions.layout(None, torch.device("cpu")) == (None, None)
    assert positions.layout(torch.ones(2, 3), torch.device("cpu")) == (None, None)


def test_a_mask_on_a_device_is_not_read() -> None:
    packing, square = positions.layout(torch.ones(2, 3, device="meta"), torch.device("meta"))
    assert packing is None
    assert square is not None
    assert square.shape == (2, 1, 3, 3)


def test_compiled_masks_are_not_read() -> None:
    compiled = torch.compile(positions.layout, fullgraph=True, backend="eager")
    packing, square = compiled(torch.tensor([[0, 1, 1]]), torch.device("cpu"))
    assert packing is None
    assert square is not None
    assert square[0, 0].int().tolist() == [[0, 0, 0], [0, 1, 0], [0, 1, 1]]


@pytest.mark.parametrize(("label", "packed"), [(-100, True), (5, False)])
def test_padding_runs_where_a_label_is_predicted_from_it(label: int, packed: bool) -> None:
    mask, labels = torch.tensor([[0, 1, 1]]), torch.tensor([[-100, label, 7]])
    packing, square = positions.layout(mask, mask.device, labels=labels)
    assert (packing is not None) == packed
    assert (square is None) == packed
