"""PatchMerger's shapes and order; its numbers are compared with Qwen3-VL's in test_native_vit."""

from __future__ import annotations

import pytest
import torch

from chiasm.components.layers import Features, initialize
from chiasm.components.patch_merger import PatchMerger


def merger(taps: int) -> PatchMerger:
    model = PatchMerger(in_dim=6, out_dim=10, merge_size=2, taps=taps, activation="gelu", norm_eps=1e-6)
    initialize(model)
    return model


@pytest.mark.parametrize("taps", [0, 1, 3])
def test_four_neighbours_become_one_token(taps: int) -> None:
    features = Features(torch.randn(20, 6), torch.randn(taps, 20, 6).unbind())
    tokens, deep = merger(taps)(features)
    assert tokens.shape == (5, 10)
    assert [tap.shape for tap in deep] == [(5, 10)] * taps


def test_a_token_depends_on_its_own_block_only() -> None:
    model, x = merger(1), torch.randn(20, 6)
    before = model(Features(x, (x,)))
    x = x.clone()
    x[5] += torch.randn(6)
    after = model(Features(x, (x,)))
    for old, new in ((before.tokens, after.tokens), (before.deep[0], after.deep[0])):
        assert (old != new).any(1).tolist() == [False, True, False, False, False]


def test_each_tap_has_its_own_merger() -> None:
    x = torch.randn(8, 6)
    deep = merger(2)(Features(x, (x, x))).deep
    assert not torch.allclose(deep[0], deep[1])


def test_taps_without_a_merger_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        merger(1)(Features(torch.randn(8, 6), torch.randn(2, 8, 6).unbind()))
