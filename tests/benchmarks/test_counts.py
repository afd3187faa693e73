"""What is counted of functions whose operators, reads and bytes are known."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from benchmarks import counts


def test_views_are_free_and_rms_norm_is_one() -> None:
    x, weight = torch.randn(4, 8), torch.ones(8)

    def call() -> Tensor:
        y = nn.functional.rms_norm(x, (8,), weight)
        y = y.view(2, 16).transpose(0, 1).reshape(4, 8)
        return torch.relu(y) + 1

    found = counts.operators(call)
    assert found["rms_norm"] == 1
    assert found["aten.relu.default"] == found["aten.add.Tensor"] == 1
    # The reshape of a transposed tensor copies.
    assert found.total() == 4, found


def test_a_module_of_the_norm_is_one_too() -> None:
    norm = nn.RMSNorm(8)
    x = torch.ones(2, 8)
    assert counts.operators(partial(norm, x)) == {"rms_norm": 1}
    assert counts.operators(partial(norm, x), norms_once=False).total() > 3


class ScaledRMSNorm(nn.Module):
    """One of its own making, as either library has."""

    def forward(self, x: Tensor) -> Tensor:
        return x * x.pow(2).mean(-1, keepdim=True).add(1e-6).rsqrt() * 2


def test_a_norm_of_a_models_own_making_is_one_too() -> None:
    model = nn.Sequential(ScaledRMSNorm(), nn.ReLU(), ScaledRMSNorm())
    assert counts.operators(partial(model, torch.ones(2, 8))) == {"rms_norm": 2, "aten.relu.default": 1}
    assert counts.operators(partial(model, torch.ones(2, 8)), norms_once=False).total() == 13


def test_a_product_with_a_bias_is_one() -> None:
    layer = nn.Linear(8, 4)
    x = torch.randn(2, 3, 8)
    assert counts.operators(partial(layer, x)).total() == 1


def test_a_layer_is_what_more_layers_add() -> None:
    def stack(layers: int) -> Tensor:
        x = torch.ones(2)
        for _ in range(layers):
            x = torch.relu(x) * 2
        return x

    assert counts.a_layer(partial(stack, 5), partial(stack, 2), 3) == 2


def test_every_read_of_the_host_is_seen() -> None:
    x = torch.arange(4.0)
    reads = {
        "item": x[0].item,
        "tolist": x.tolist,
        "bool": lambda: bool((x > 2).any()),
        "int": lambda: int(x[1]),
        "nonzero": partial(torch.nonzero, x),
        "a mask as an index": lambda: x[x > 1],
        "masked_select": lambda: x.masked_select(x > 1),
    }
    assert {name: counts.host_reads(call) for name, call in reads.items()} == dict.fromkeys(reads, 1)
    assert counts.host_reads(partial(torch.sum, x)) == 0
    assert counts.host_reads(lambda: x[torch.tensor([0, 2])]) == 0


def test_bytes_asked_for_and_held_at_once() -> None:
    x = torch.zeros(1000)

    def call() -> Tensor:
        y = x + 1
        z = y + 1
        del y
        return z + 1

    found = counts.allocated(call)
    # Two of three at once; scalars are small change.
    assert 8000 <= found.peak < 8200
    assert 12000 <= found.total < 12400


def test_graphs_and_breaks() -> None:
    def smooth(x: Tensor) -> Tensor:
        return torch.relu(x) + 1

    def broken(x: Tensor) -> Tensor:
        y = torch.relu(x)
        torch._dynamo.graph_break()
        return y + 1

    sweep = [{"x": torch.ones(size)} for size in (3, 5, 7)]
    assert counts.graphs(smooth, sweep) == counts.Graphs(1, 0)
    found = counts.graphs(broken, sweep)
    assert found.graphs == 2
    assert found.breaks == 1
