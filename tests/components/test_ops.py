"""Every fast path equals its meaning, also where compilers and gradients see it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from chiasm.components import activations, attention, ops
from chiasm.components import loss as loss_module

OFFSETS = torch.tensor([0, 3, 3, 8, 15], dtype=torch.int32)


def heads(*shape: int, dtype: torch.dtype = torch.float32, grad: bool = False) -> Tensor:
    return torch.randn(*shape, dtype=dtype, requires_grad=grad)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def test_activations_by_name() -> None:
    x = torch.randn(5, 7)
    assert torch.equal(ops.activation("silu")(x), F.silu(x))
    assert torch.equal(ops.activation("gelu_tanh")(x), F.gelu(x, approximate="tanh"))
    assert torch.equal(ops.activation("relu_squared")(x), x.clamp_min(0) ** 2)
    torch.testing.assert_close(ops.activation("quick_gelu")(x), x / (1 + (-1.702 * x).exp()))
    with pytest.raises(ValueError, match=r"unknown activation 'mish'.*gelu, gelu_tanh, quick_gelu"):
        ops.activation("mish")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_rms_norm_equals_its_meaning(dtype: torch.dtype, grad: bool, weighted: bool) -> None:
    tolerance = {"rtol": 1e-2, "atol": 1e-2} if dtype.itemsize == 2 else {}
    weight = torch.randn(11, dtype=dtype) if weighted else None
    strided = torch.randn(2, 4, 3, 22, dtype=dtype)[:, 1:, :, ::2]
    for x in (torch.randn(3, 11, dtype=dtype), strided, torch.zeros(1, 11, dtype=dtype)):
        with torch.set_grad_enabled(grad):
            ours = ops.rms_norm(x, weight, 1e-5)
        assert ours.dtype == dtype
        torch.testing.assert_close(ours, ops.plain_rms_norm(x, weight, 1e-5), **tolerance)


@pytest.mark.parametrize("grad", [False, True])
def test_rms_norm_in_half_precision_errs_no_more_than_the_reference(grad: bool) -> None:
    x, weight = torch.randn(512, 96, dtype=torch.float64), torch.randn(96, dtype=torch.float64)
    xb, wb = x.bfloat16(), weight.bfloat16()
    exact = ops.plain_rms_norm(xb.double(), wb.double(), 1e-6)
    wide = xb.float()
    reference = wb * (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-6)).bfloat16()
    with torch.set_grad_enabled(grad):
        ours = ops.rms_norm(xb, wb, 1e-6)
    assert (ours.double() - exact).norm() <= 1.1 * (reference.double() - exact).norm()


def test_rotary_equals_its_meaning_and_complex_numbers() -> None:
    x, angles = torch.randn(2, 5, 3, 8), torch.randn(5, 1, 4)
    cos, sin = ops.rotary_tables(angles, torch.float32)
    fast = ops.rotary(x, cos, sin)
    torch.testing.assert_close(fast, ops.plain_rotary(x, cos, sin))
    turned = torch.complex(x[..., :4], x[..., 4:]) * torch.polar(torch.ones_like(angles), angles)
    torch.testing.assert_close(fast, torch.cat((turned.real, turned.imag), -1))


@pytest.mark.parametrize(
    ("queries", "causal", "masked"), [(5, True, False), (5, False, True), (1, False, True), (5, False, False)]
)
@pytest.mark.parametrize("kv_heads", [1, 2, 6])
def test_attention_equals_its_meaning(queries: int, causal: bool, masked: bool, kv_heads: int) -> None:
    q, k, v = heads(2, 6, queries, 8), heads(2, kv_heads, 5, 8), heads(2, kv_heads, 5, 8)
    mask = torch.rand(2, 1, queries, 5).gt(0.4) | torch.eye(5, dtype=torch.bool)[:queries] if masked else None
    fast = ops.attention(q, k, v, causal=causal, mask=mask, scale=0.3)
    torch.testing.assert_close(fast, ops.plain_attention(q, k, v, causal=causal, mask=mask, scale=0.3))


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_varlen_attention_and_its_gradient_equal_their_meaning(causal: bool, kv_heads: int) -> None:
    inputs = [heads(15, h, 6, dtype=torch.float64, grad=True) for h in (4, kv_heads, kv_heads)]
    fast = ops.varlen_attention(*inputs, OFFSETS, 15, causal)
    plain = ops.plain_varlen_attention(*inputs, OFFSETS, 15, causal)
    torch.testing.assert_close(fast, plain)
    seed = torch.randn_like(fast)
    for a, b in zip(torch.autograd.grad(fast, inputs, seed), torch.autograd.grad(plain, inputs, seed), strict=True):
        torch.testing.assert_close(a, b)


def test_varlen_attention_is_a_well_formed_operation() -> None:
    inputs = [heads(15, h, 6, grad=True) for h in (4, 2, 2)]
    torch.library.opcheck(attention._varlen_attention, (*inputs, OFFSETS, 15, True, 0.4))


def test_varlen_attention_compiles_in_one_graph() -> None:
    inputs = [heads(15, h, 8, grad=True) for h in (4, 2, 2)]
    compiled = torch.compile(ops.varlen_attention, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(*inputs, OFFSETS, 15, True), ops.varlen_attention(*inputs, OFFSETS, 15, True))
    compiled(*inputs, OFFSETS, 15, True).sum().backward()
    assert inputs[0].grad is not None


def test_splice_equals_its_meaning() -> None:
    embeds, where = torch.randn(3, 7, 5), torch.rand(3, 7).gt(0.5)
    visual = torch.randn(int(where.sum()), 5)
    assert torch.equal(ops.splice(embeds, visual, where), ops.plain_splice(embeds, visual, where))


@pytest.mark.parametrize("device_labels", [True, False])
@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_loss_equals_its_meaning(chunk: int, device_labels: bool) -> None:
    labels = torch.randint(0, 13, (21,)).masked_fill(torch.rand(21).gt(0.6), ops.IGNORED)
    grads = []
    for loss in (ops.linear_cross_entropy, ops.plain_linear_cross_entropy):
        torch.manual_seed(1)
        hidden, weight = torch.randn(21, 6, requires_grad=True), torch.randn(13, 6, requires_grad=True)
        value = loss(hidden, weight, labels.expand(1, -1)[0] if device_labels else labels, chunk)
        (value * 3).backward()
        grads.append((value.detach(), hidden.grad, weight.grad))
    for fast, plain in zip(*grads, strict=True):
        torch.testing.assert_close(fast, plain)


def test_nothing_labelled_costs_nothing() -> None:
    labels = torch.full((5,), ops.IGNORED)
    for loss in (ops.linear_cross_entropy, ops.plain_linear_cross_entropy):
        hidden, weight = torch.randn(5, 6, requires_grad=True), torch.randn(13, 6, requires_grad=True)
        value = loss(hidden, weight, labels, 2)
        value.backward()
        assert value.item() == 0
        assert not hidden.grad.any()
        assert not weight.grad.any()


def test_loss_gives_only_the_gradients_asked_for() -> None:
    hidden, weight, labels = torch.randn(9, 6, requires_grad=True), torch.randn(13, 6), torch.randint(0, 13, (9,))
    ops.linear_cross_entropy(hidden, weight, labels, 4).backward()
    assert hidden.grad is not None
    assert weight.grad is None
    torch.library.opcheck(loss_module._linear_cross_entropy, (hidden, weight.requires_grad_(), labels, 4, True, True))


def test_loss_never_stores_the_logits() -> None:
    rows, vocabulary, chunk = 96, 512, 8
    seen: list[int] = []

    class Largest(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            out = func(*args, **(kwargs or {}))
            seen.extend(t.numel() for t in torch.utils._pytree.tree_leaves(out) if isinstance(t, Tensor))
            return out

    hidden, weight = torch.randn(rows, 4, requires_grad=True), torch.randn(vocabulary, 4, requires_grad=True)
    with Largest():
        loss_module._linear_cross_entropy._init_fn(hidden, weight, torch.arange(rows), chunk, True, True)
    assert max(seen) == chunk * vocabulary


CACHE = (torch.tensor([[1], [0]]), torch.tensor([[2, 0, 4], [1, 3, 5]]))
"""Rows and places of two rows of three tokens, in a cache of two rows and seven places."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize("groups", [1, 3])
def test_heads_equal_their_meaning(dtype: torch.dtype, grad: bool, groups: int) -> None:
    angles = torch.randn(2, 3, 1, 1, 4)
    tolerance = {"rtol": 3e-2, "atol": 3e-2} if dtype == torch.bfloat16 else {}
    for turned, normed, kept, wide in itertools.product((False, True), repeat=4):
        whole = torch.randn(2, 4, 2, groups + 2, 8, dtype=dtype)
        tables = ops.rotary_tables(angles, torch.promote_types(dtype, torch.float32) if wide else dtype)
        norms = (torch.rand(8, dtype=dtype) + 1, torch.rand(8, dtype=dtype) + 1, 1e-5)
        caches = [torch.zeros(2, 7, 2, 2, 8, dtype=dtype) for _ in range(2)]
        expected, ours = (
            op(
                whole.clone()[:, 1:],
                tables if turned else None,
                norms if normed else None,
                (cache, *CACHE) if kept else None,
            )
            for op, cache in zip((ops.plain_heads, _recording(grad)), caches, strict=True)
        )
        torch.testing.assert_close(ours, expected, **tolerance)
        torch.testing.assert_close(caches[1], caches[0], **tolerance)
        assert bool(caches[1].any()) == kept


def _recording(grad: bool) -> Any:
    def op(*args: Any) -> Tensor:
        with torch.set_grad_enabled(grad):
            return ops.heads(*args)

    return op


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("groups", [1, 3])
def test_gradients_of_heads_equal_those_of_their_meaning(
    groups: int, normed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activations, "PIECE", 40)
    qkv = torch.randn(2, 3, 2, groups + 2, 8, dtype=torch.float64, requires_grad=True)
    tables = ops.rotary_tables(torch.randn(2, 3, 1, 1, 4), torch.float64)
    norms = tuple(torch.rand(8, dtype=torch.float64).requires_grad_() for _ in range(2))
    leaves = (qkv, *norms) if normed else (qkv,)
    seeds = [torch.randn(2, 3, 2, *shape, 8, dtype=torch.float64) for shape in ((groups,), (), ())]
    ours, expected = (
        torch.autograd.grad(op(qkv * 1, tables, (*norms, 1e-5) if normed else None), leaves, seeds)
        for op in (ops.heads, ops.plain_heads)
    )
    for one, other in zip(ours, expected, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rotating_some_tokens_at_a_time_changes_nothing(dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    qkv, angles = torch.randn(2, 7, 2, 4, 8).to(dtype), torch.randn(2, 7, 1, 1, 4)
    tables = ops.rotary_tables(angles, torch.float32)
    with torch.no_grad():
        whole = ops.heads(qkv.clone(), tables)
        monkeypatch.setattr(activations, "PIECE", 2 * 3 * 2 * 3 * 8)
        own = qkv.clone()
        parts = ops.heads(own, tables)
    assert len(activations.pieces(own[..., :-1, :], 1)) == 3
    assert all(map(torch.equal, parts, whole))
    assert torch.equal(own[..., -1, :], qkv[..., -1, :])


def test_keeping_writes_key_and_value_of_each_token_at_its_place() -> None:
    qkv, cache = torch.randn(2, 3, 2, 4, 8), torch.zeros(2, 7, 2, 2, 8)
    with torch.no_grad():
        tables = ops.rotary_tables(torch.randn(2, 3, 1, 1, 4), qkv.dtype)
        _, k, v = ops.heads(qkv.clone(), tables, None, (cache, *CACHE))
    assert torch.equal(cache[0, 3, :, 0], k[1, 1])
    assert torch.equal(cache[0, 3, :, 1], v[1, 1])
    assert torch.equal(v, qkv[..., -1, :])
    assert int(cache.any(-1).all(-1).all(-1).sum()) == 6


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("by_channel", [False, True])
def test_decode_attention_equals_its_meaning(dtype: torch.dtype, groups: int, by_channel: bool) -> None:
    q = torch.randn(2, 4, groups + 1, 8, dtype=dtype)[:, :, 1:]
    kept = torch.randn(2, 2, 4, *((8, 9) if by_channel else (9, 8)), dtype=dtype)
    kept = (kept.mT if by_channel else kept).permute(1, 3, 2, 0, 4)[:, :7]
    places = torch.tensor([6, 2])
    mask = torch.zeros(2, 7, dtype=dtype).masked_fill_(torch.arange(7) > places[:, None], -torch.inf)[:, None, None]
    ours, expected = (op(q, kept, places, mask) for op in (ops.decode_attention, ops.plain_decode_attention))
    torch.testing.assert_close(
        ours, expected, rtol=2e-2 if dtype == torch.bfloat16 else 1e-5, atol=1e-2 if dtype == torch.bfloat16 else 1e-6
    )
    alone = ops.decode_attention(q[1:], kept[1:, :3], places[1:], torch.zeros(1, 1, 1, 3, dtype=dtype))
    torch.testing.assert_close(ours[1:], alone)


@pytest.mark.parametrize("name", ["silu", "gelu", "relu_squared"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("grad", [False, True])
def test_gates_equal_their_meaning(name: str, dtype: torch.dtype, grad: bool) -> None:
    x = torch.randn(2, 3, 20, dtype=dtype)[..., ::2]
    expected = ops.plain_gated(x.clone(), name)
    with torch.set_grad_enabled(grad):
        ours = ops.gated(x.clone().requires_grad_(grad), name)
    torch.testing.assert_close(ours, expected, **({"rtol": 2e-2, "atol": 2e-2} if dtype == torch.bfloat16 else {}))
    if grad:
        y = x.double().requires_grad_()
        assert torch.autograd.gradcheck(lambda y: ops.gated(y, name), y)
