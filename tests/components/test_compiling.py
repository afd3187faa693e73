"""Regional compilation, by counting graphs: as many for five layers as for two, the same numbers, undone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch._dynamo.testing import CompileCounter, CompileCounterWithBackend

from chiasm.components.cache import Cache
from chiasm.components.compiling import Compiled, compile_blocks
from chiasm.components.layers import initialize
from chiasm.components.llama import Llama
from chiasm.components.training import checkpoint_activations

DIM = 24


@pytest.fixture(autouse=True)
def _fresh() -> None:
    torch._dynamo.reset()


def llama(layers: int) -> Llama:
    model = Llama(
        vocab_size=31, context=64, dim=DIM, layers=layers, heads=6, kv_heads=2, head_dim=4, mlp_dim=40,
        activation="silu", norm_eps=1e-6, rope_theta=1e4, tied=True, qk_norm=True,
    )  # fmt: skip
    torch.manual_seed(0)
    initialize(model)
    return model


@torch.no_grad()
def steps(model: Llama, lengths: tuple[int, ...]) -> list[Tensor]:
    """Hidden states of a prompt of each length and of two more tokens."""
    out = []
    for length in lengths:
        cache = Cache(model.layers, rows=2, places=40)
        x = torch.randn(2, length, DIM, generator=torch.Generator().manual_seed(length))
        positions = torch.arange(length).expand(1, 2, length)
        out.append(model(x, model.context(positions, slots=cache.prompt(positions, None))))
        for _ in range(2):
            context = model.context(cache.positions_B[None, :, None], mask=cache.visible(), slots=cache.step())
            out.append(model(x[:, :1].clone(), context))
            cache.advance()
    return out


@pytest.mark.parametrize("layers", [2, 5])
def test_all_layers_and_lengths_share_a_prompts_and_a_steps_graph(layers: int) -> None:
    model, lengths = llama(layers), (3, 5, 8, 13)
    expected = steps(model, lengths)
    counter = CompileCounter()
    compile_blocks(model, backend=counter, dynamic=True)
    for ours, theirs in zip(steps(model, lengths), expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert counter.frame_count == 2


def test_undone_and_done_again() -> None:
    model, counter = llama(2), CompileCounter()
    compile_blocks(compile_blocks(model, backend=counter), backend=counter)
    assert not isinstance(model.layers[0].forward.forward, Compiled)
    compile_blocks(model, enabled=False)
    steps(model, (3,))
    assert counter.frame_count == 0


def test_training_with_recomputation() -> None:
    model = llama(3)
    x = torch.randn(2, 7, DIM, requires_grad=True)
    wanted = (x, *model.layers.parameters())

    def gradients() -> tuple[Tensor, ...]:
        context = model.context(torch.arange(7).expand(1, 2, 7))
        return torch.autograd.grad(model(x, context).square().sum(), wanted)

    expected = gradients()
    backend: Any = CompileCounterWithBackend("aot_eager")
    checkpoint_activations(model)
    compile_blocks(model, backend=backend)
    for ours, theirs in zip(gradients(), expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert backend.frame_count == 1
