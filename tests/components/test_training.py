"""Memory in training, counted in bytes: what a gated MLP and a checkpointed stack keep, what the loss holds at most."""

from __future__ import annotations

import pytest
import torch
from tests.components.memory import Alive
from torch import Tensor, nn

from chiasm.components import gating, ops
from chiasm.components import loss as loss_module
from chiasm.components.layers import Attention, Context, GatedMLP, initialize
from chiasm.components.llama import Llama
from chiasm.components.training import checkpoint_activations

T, D, F = 64, 32, 96
FLOAT = 4


def mlp(activation: str = "silu") -> tuple[GatedMLP, Tensor]:
    torch.manual_seed(0)
    made = GatedMLP(D, F, activation=activation, bias=True)
    for parameter in made.parameters():
        parameter.data.normal_()
    return made, torch.randn(1, T, D, requires_grad=True)


def test_a_gated_mlp_keeps_gate_and_up_alone() -> None:
    layer, x = mlp()
    with Alive() as alive:
        out = layer(x)
    assert alive.now() <= (2 * F + D) * T * FLOAT + 1024
    out.sum().backward()


def test_a_norm_keeps_what_it_was_given_alone() -> None:
    x, weight = torch.randn(1, T, D, requires_grad=True), torch.randn(D, requires_grad=True)
    given = x * 1
    with Alive() as alive:
        out = ops.rms_norm(given, weight, 1e-6)
    assert alive.now() <= (out.numel() + T) * FLOAT + 1024
    ours = torch.autograd.grad(out, (x, weight), torch.ones_like(out))
    theirs = torch.autograd.grad(ops.plain_rms_norm(x, weight, 1e-6), (x, weight), torch.ones_like(out))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


def test_attention_keeps_queries_keys_and_values_alone() -> None:
    layer = Attention(D, heads=4, kv_heads=2, causal=True, bias=False)
    initialize(layer)
    x = torch.randn(1, T, D, requires_grad=True)
    tables = ops.rotary_tables(torch.randn(1, T, 1, 1, 4), x.dtype)
    with Alive() as alive:
        out = layer(x, Context(rotary=tables))
    # Beside them their average, the log of each softmax's denominator, and the result; not the product they come from.
    assert alive.now() <= (D + D // 2 + D // 2 + D + 4 + D) * T * FLOAT + 1024
    out.sum().backward()


@pytest.mark.parametrize("activation", ["silu", "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared"])
def test_what_is_made_again_changes_no_gradient(activation: str) -> None:
    layer, x = mlp(activation)
    grad = torch.randn(1, T, D)
    wanted = (x, *layer.parameters())
    ours = torch.autograd.grad(layer(x), wanted, grad)
    plain = layer.down(ops.plain_gated(layer.gate_up(x), activation))
    for one, other in zip(ours, torch.autograd.grad(plain, wanted, grad), strict=True):
        torch.testing.assert_close(one, other)


def test_frozen_weights_and_a_kept_graph() -> None:
    layer, x = mlp()
    layer.down.requires_grad_(False)
    out = layer(x).square().sum()
    first = torch.autograd.grad(out, (x, layer.gate_up.weight), retain_graph=True)
    again = torch.autograd.grad(out, (x, layer.gate_up.weight))
    assert all(map(torch.equal, first, again))


def test_who_decides_what_is_kept_is_asked_for_all_of_it() -> None:
    layer, x = mlp()
    seen: list[torch.Size] = []

    def pack(saved: Tensor) -> Tensor:
        seen.append(saved.shape)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept):
        layer(x)
    assert any(shape[-1] == F and shape.numel() == T * F for shape in seen)


def test_what_is_no_copy_is_kept() -> None:
    """A tensor of another memory is kept as it is, also where it has the same size."""
    weight = torch.randn(T, F, requires_grad=True)
    x = torch.randn(T, F, requires_grad=True) * 1
    out = gating.redone(lambda tensor: tensor * weight, x, lambda: x.detach() * 0)
    assert torch.equal(torch.autograd.grad(out.sum(), x)[0], weight)


def stack() -> tuple[Llama, Tensor]:
    model = Llama(
        vocab_size=11, context=64, dim=D, layers=3, heads=4, kv_heads=2, head_dim=8, mlp_dim=F, activation="silu",
        norm_eps=1e-6, rope_theta=1e4, tied=True,
    )  # fmt: skip
    torch.manual_seed(1)
    initialize(model)
    return model, torch.randn(1, T, D, requires_grad=True)


def kept(model: Llama, x: Tensor) -> tuple[int, list[Tensor]]:
    context = model.context(torch.arange(T)[None, None])
    with Alive() as alive:
        out = model(x, context)
    return alive.now(), list(torch.autograd.grad(out.square().sum(), (x, *model.layers.parameters())))


def test_less_is_kept_the_more_is_made_again() -> None:
    model, x = stack()
    whole, grads = kept(model, x)
    sizes = [whole]
    for every in (1, 2):
        checkpoint_activations(model, every=every)
        size, again = kept(model, x)
        sizes.append(size)
        for one, other in zip(again, grads, strict=True):
            torch.testing.assert_close(one, other)
    assert sizes[0] > sizes[1] > sizes[2]


def rows(labelled: int) -> tuple[Tensor, Tensor, Tensor]:
    hidden, weight = torch.randn(96, 8, requires_grad=True), torch.randn(512, 8, requires_grad=True)
    labels = torch.full((96,), ops.IGNORED)
    labels[:labelled] = 3
    return hidden, weight, labels


@pytest.fixture
def few_logits(monkeypatch: pytest.MonkeyPatch) -> int:
    """Sixteen rows of 512 logits at a time."""
    monkeypatch.setattr(loss_module, "LOGITS", 16 * 512)
    return 16 * 512


class Loss(nn.Module):
    """The loss, in a place where its body can be watched."""

    def forward(self, hidden: Tensor, weight: Tensor, labels: Tensor, *, head: bool) -> Tensor:
        """The mean."""
        body = loss_module._linear_cross_entropy._init_fn
        chunk = loss_module.LOGITS // weight.shape[0]
        return body(hidden, weight, labels, chunk, True, head)[0]


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("labelled", [0, 12, 96])
def test_the_loss_holds_one_chunk_of_logits(few_logits: int, labelled: int, head: bool) -> None:
    hidden, weight, labels = rows(labelled)
    with Alive() as alive:
        Loss()(hidden, weight, labels, head=head)
    gradients = hidden.numel() + (weight.numel() if head else 0)
    # Beside the chunk: the labelled rows and the gradient of a chunk's.
    assert alive.most <= (few_logits + gradients + 3 * hidden.numel()) * FLOAT + 4096


def test_the_gradient_of_a_trained_head_is_not_copied() -> None:
    hidden, weight, labels = rows(96)
    value = ops.linear_cross_entropy(hidden, weight, labels)
    with Alive() as alive:
        value.backward()
    assert alive.most < weight.nbytes
    expected = ops.plain_linear_cross_entropy(hidden, weight, labels)
    torch.testing.assert_close(weight.grad, torch.autograd.grad(expected, weight)[0])


def test_a_kept_graph_gives_its_gradients_again() -> None:
    hidden, weight, labels = rows(96)
    value = ops.linear_cross_entropy(hidden, weight, labels) * 3
    first = torch.autograd.grad(value, (hidden, weight), retain_graph=True)
    again = torch.autograd.grad(value, (hidden, weight))
    assert all(map(torch.equal, first, again))
