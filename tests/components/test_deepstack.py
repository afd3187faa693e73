"""DeepStack splices like Splice, and adds its taps as Qwen3-VL does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import torch
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLTextModel

from chiasm.components.deepstack import DeepStack
from chiasm.components.splice import Splice

WHERE = torch.tensor([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 1, 1]]).bool()


def test_it_splices() -> None:
    x, visual = torch.randn(3, 5, 4), torch.randn(6, 4)
    assert torch.equal(DeepStack(layers=2)(x, visual, WHERE), Splice()(x, visual, WHERE))


def test_taps_are_added_at_visual_tokens() -> None:
    for dtype in (torch.float32, torch.bfloat16):
        x, deep = torch.randn(3, 5, 4).to(dtype), torch.randn(2, 6, 4).to(dtype)
        for layer in range(2):
            expected = Qwen3VLTextModel._deepstack_process(cast("Any", SimpleNamespace()), x, WHERE, deep[layer])
            assert torch.equal(DeepStack(layers=2).after(layer, x, deep, WHERE), expected)


def test_layers_beyond_the_last_tap_change_nothing() -> None:
    x, deep = torch.randn(3, 5, 4), torch.randn(2, 6, 4)
    assert DeepStack(layers=2).after(2, x, deep, WHERE) is x


def test_gradients_reach_the_taps() -> None:
    x, deep = torch.randn(3, 5, 4, requires_grad=True), torch.randn(1, 6, 4, requires_grad=True)
    weight = torch.randn(3, 5, 4)
    (DeepStack(layers=1).after(0, x, deep, WHERE) * weight).sum().backward()
    assert x.grad is not None
    assert deep.grad is not None
    assert torch.equal(x.grad, weight)
    assert torch.equal(deep.grad[0], weight[WHERE])
