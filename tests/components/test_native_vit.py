"""NativeVisionTransformer and PatchMerger equal Qwen3-VL's vision model on ragged images."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from tests.components.reference import TOLERANCE, assert_same, blocks, error, load, shaken
from torch import Tensor, nn
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLVisionModel

from chiasm.components.layers import initialize
from chiasm.components.native_vit import NativeVisionTransformer
from chiasm.components.patch_merger import PatchMerger

BLOCK = {
    "norm1": "norm1", "norm2": "norm2", "attention.qkv": "attn.qkv", "attention.out": "attn.proj",
    "mlp.up": "mlp.linear_fc1", "mlp.down": "mlp.linear_fc2",
}  # fmt: skip
MERGER = {"norm": "norm", "up": "linear_fc1", "down": "linear_fc2"}
GRID = torch.tensor([[1, 4, 6], [1, 8, 2], [1, 6, 6], [1, 2, 2]])


class Vision(nn.Module):
    """Encoder and alignment, which the reference has in one."""

    def __init__(
        self, *, taps: tuple[int, ...] = (0, 2, 3), merge: int = 2, positions: int = 25, heads: int = 4
    ) -> None:
        super().__init__()
        self.encoder = NativeVisionTransformer(
            patch_size=3, temporal_patch_size=2, channels=3, merge_size=merge, dim=48, layers=5, heads=heads,
            mlp_dim=70, activation="gelu_tanh", norm_eps=1e-6, positions=positions, rope_theta=10000.0, taps=taps,
        )  # fmt: skip
        self.alignment = PatchMerger(
            in_dim=48, out_dim=40, merge_size=merge, taps=len(taps), activation="gelu", norm_eps=1e-6
        )

    def forward(self, pixel_values: Tensor, grid: Tensor) -> tuple[Tensor, Tensor]:
        tokens, deep = self.alignment(self.encoder(pixel_values, grid))
        return tokens, torch.stack(deep) if deep else tokens.new_empty(0, *tokens.shape)


def reference(*, taps: tuple[int, ...] = (0, 2, 3), merge: int = 2, positions: int = 25, heads: int = 4) -> nn.Module:
    config: Any = transformers.Qwen3VLConfig(
        vision_config={
            "depth": 5, "hidden_size": 48, "intermediate_size": 70, "num_heads": heads, "patch_size": 3,
            "spatial_merge_size": merge, "temporal_patch_size": 2, "out_hidden_size": 40,
            "num_position_embeddings": positions, "deepstack_visual_indexes": list(taps),
        }
    )  # fmt: skip
    return shaken(Qwen3VLVisionModel(config.vision_config))


def names(taps: int = 3) -> dict[str, Any]:
    own = {"encoder.patch_embedding": "patch_embed.proj", "encoder.positions": "pos_embed.weight"}
    mergers = {f"alignment.merger.{a}": f"merger.{b}" for a, b in MERGER.items()}
    return (
        own
        | mergers
        | blocks("encoder.blocks", "blocks", 5, BLOCK)
        | blocks("alignment.deep", "deepstack_merger_list", taps, MERGER)
    )


def patches(grid: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(int(grid.prod(1).sum()), 54, generator=torch.Generator().manual_seed(4)).to(dtype)


def both(grid: Tensor) -> Any:
    """Tokens and deep features in one tensor, of ours and of the reference."""

    def ours(model: nn.Module, dtype: torch.dtype) -> Tensor:
        tokens, deep = model(patches(grid, dtype), grid)
        return torch.cat([tokens[None], deep])

    def theirs(model: Any, dtype: torch.dtype) -> Tensor:
        out = model(patches(grid, dtype), grid_thw=grid)
        return torch.stack([out.pooler_output, *out.deepstack_features])

    return ours, theirs


@pytest.mark.parametrize(
    ("keywords", "grid"),
    [
        ({}, GRID),
        ({}, torch.tensor([[1, 2, 10]])),
        ({"taps": (1,), "positions": 49, "heads": 3}, GRID),
        ({"taps": (), "merge": 1, "heads": 6}, torch.tensor([[1, 1, 1], [1, 5, 3], [1, 1, 7]])),
        ({"merge": 3}, torch.tensor([[1, 3, 9], [1, 6, 3]])),
        ({}, torch.tensor([[3, 4, 2], [1, 2, 6]])),
        ({}, torch.tensor([[1, 4, 6], [1, 6, 4], [1, 2, 2], [1, 2, 2], [1, 2, 2], [1, 4, 6]])),
    ],
    ids=["ragged", "flat", "one-tap", "no-tap-no-merge", "merge-3", "frames", "runs-of-equals"],
)
def test_ragged_images(keywords: dict[str, Any], grid: Tensor) -> None:
    taps = len(keywords.get("taps", (0, 2, 3)))
    assert_same(Vision(**keywords), reference(**keywords), names(taps), *both(grid))


def test_the_order_of_images_is_kept() -> None:
    model = Vision()
    initialize(model)
    pixels = patches(GRID)
    together = model(pixels, GRID)[0].split((GRID.prod(1) // 4).tolist())
    for index, part in enumerate(pixels.split(GRID.prod(1).tolist())):
        assert error(together[index], model(part, GRID[index : index + 1])[0]) < TOLERANCE


def test_a_grid_that_does_not_fit_the_patches() -> None:
    with pytest.raises(ValueError, match="there are 79 patches, image_grid_thw holds 80"):
        Vision()(patches(GRID)[:79], GRID)


def test_positions_must_be_a_square() -> None:
    with pytest.raises(ValueError, match="24 learned positions are not a square"):
        Vision(positions=24)


def test_compiles_to_one_graph_for_any_images() -> None:
    model = Vision()
    load(model, reference(), names())
    compiled = torch.compile(model, fullgraph=True, dynamic=True, backend="aot_eager")
    for grid in (GRID, torch.tensor([[1, 6, 2], [1, 2, 4]])):
        expected = model(patches(grid), grid)
        for got, want in zip(compiled(patches(grid), grid), expected, strict=True):
            assert error(got, want) < TOLERANCE


def test_exports() -> None:
    model = Vision()
    initialize(model)
    count, images = 4 * torch.export.Dim("blocks", min=2), torch.export.Dim("images", min=2)
    exported = torch.export.export(model, (patches(GRID), GRID), dynamic_shapes=({0: count}, {0: images}))
    grid = torch.tensor([[1, 6, 2], [1, 2, 4]])
    assert error(exported.module()(patches(grid), grid)[1], model(patches(grid), grid)[1]) < TOLERANCE


def test_nothing_is_read_back_from_the_device() -> None:
    """On meta, any `.item()`, `.tolist()` or data-dependent shape would fail."""
    with torch.device("meta"):
        model = Vision()
        tokens, deep = model(torch.empty(80, 54), torch.empty(4, 3, dtype=torch.long))
    assert tokens.shape == (20, 40)
    assert deep.shape == (3, 20, 40)
