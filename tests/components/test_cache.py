"""The cache: rows are left-aligned, places are written once, steps are counted in place."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from chiasm.components import cache as cache_module
from chiasm.components.cache import Cache
from chiasm.components.layers import Block, Context, initialize
from chiasm.components.positions import layout, sequential


def stack() -> nn.ModuleList:
    torch.manual_seed(0)
    blocks = nn.ModuleList(
        [Block(12, heads=3, mlp_dim=8, activation="gelu", norm_eps=1e-5, causal=True) for _ in range(2)]
    )
    initialize(blocks, std=0.3)
    return blocks.requires_grad_(False)


def run(blocks: nn.ModuleList, x: torch.Tensor, context: Context) -> torch.Tensor:
    for i, block in enumerate(blocks):
        x = block(x, context, i)
    return x


def test_a_ragged_prompt_lies_at_the_left() -> None:
    blocks, mask = stack(), torch.tensor([[0, 0, 1, 1], [1, 1, 1, 0]])
    x = torch.randn(2, 4, 12)
    cache = Cache(blocks, rows=2, places=6)
    packing, _ = layout(mask, mask.device)
    assert packing is not None
    slots = cache.prompt(sequential(mask, mask), packing)
    run(blocks, packing.pack(x), Context(segments=packing.segments, slots=slots))
    written = cache.kept[0].abs().sum((2, 3, 4)) > 0
    assert written.tolist() == [[True, True] + [False] * 4, [True] * 3 + [False] * 3]
    assert cache.lengths_B.tolist() == [2, 3]
    assert cache.positions_B.tolist() == [2, 3]


@pytest.mark.parametrize("many", [1, cache_module.MANY])
def test_steps_equal_one_pass(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MANY", many)
    blocks, x = stack(), torch.randn(2, 7, 12)
    whole = run(blocks, x, Context())
    cache = Cache(blocks, rows=2, places=9)
    assert (cache.kept[0].stride(-1) != 1) == (many == 1)
    prompt = run(blocks, x[:, :4], Context(slots=cache.prompt(sequential(None, x[:, :4, 0]), None)))
    torch.testing.assert_close(prompt, whole[:, :4])
    for step in range(4, 7):
        out = run(blocks, x[:, step : step + 1], Context(mask=cache.visible(), slots=cache.step()))
        cache.advance()
        torch.testing.assert_close(out, whole[:, step : step + 1])
    assert cache.visible()[:, 0, 0].tolist() == [[0.0] * 8 + [-torch.inf]] * 2


def test_many_keys_lie_channel_by_channel_in_single_precision_on_a_host() -> None:
    narrow = stack()
    places = cache_module.MANY // 24 + 1
    assert Cache(narrow, rows=2, places=places).kept[0].shape == (2, places, 3, 2, 4)
    assert Cache(narrow, rows=2, places=places).kept[0].stride(1) == 1
    assert Cache(narrow, rows=2, places=places // 2).kept[0].stride(-1) == 1
    assert Cache(narrow.bfloat16(), rows=2, places=places).kept[0].stride(-1) == 1
