"""The Triton kernels against their meaning: interpreted on the host (`test_kernels`), compiled on CUDA (`tests/cuda`).

The interpreter multiplies bfloat16 matrices wrongly: there, kernels with a matrix product run in the other precisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from tests.components import test_generation, test_llama, test_opt
from torch import Tensor
from torch.nn import functional as F

from chiasm.components import fused, layers, ops

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
ALL = pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
MULTIPLIED = [torch.float32, torch.float16, *([torch.bfloat16] if DEVICE.type == "cuda" else [])]
PRODUCTS = pytest.mark.parametrize("dtype", MULTIPLIED, ids=str)
ALLOWED = {torch.float32: 3e-6, torch.float16: 1.5e-3, torch.bfloat16: 1e-2}
"""Of a result's length: rounding of the type, a few times."""


@pytest.fixture(autouse=True)
def _here() -> Iterator[None]:
    torch.manual_seed(0)
    with DEVICE:
        yield


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The host stands for a device that may take the fast paths; names of the kernels' launchers that were used."""
    used: list[str] = []

    def counted(name: str, launch: Any) -> Any:
        return lambda *args, **options: (used.append(name), launch(*args, **options))[1]

    monkeypatch.setattr(fused, "ready", lambda x: not torch.is_grad_enabled())
    for name in ("gated", "quick_gelu", "rotate_and_keep", "decode_attention", "product"):
        monkeypatch.setattr(fused, name, counted(name, getattr(fused, name)))
    return used


def close(ours: Tensor, exact: Tensor) -> bool:
    """Equal up to rounding of our type; also the shapes."""
    assert ours.shape == exact.shape
    difference = (ours.double() - exact.double()).norm() / exact.double().norm()
    return bool(difference <= ALLOWED[ours.dtype])


def normed(x: Tensor, weight: Tensor) -> Tensor:
    return ops.plain_rms_norm(x.double(), weight.double(), 1e-5)


@ALL
@pytest.mark.parametrize("width", [3, 64, 1500])
def test_gate(width: int, dtype: torch.dtype) -> None:
    gate_up = torch.randn(2, 3, 2 * width + 4, dtype=dtype)[..., : 2 * width]
    gate, up = gate_up.double().chunk(2, -1)
    assert close(fused.gated(gate_up), F.silu(gate) * up)


@ALL
def test_quick_gelu_in_place(dtype: torch.dtype) -> None:
    x = torch.randn(3, 1700, dtype=dtype)
    exact = ops.plain_activate(x.double(), "quick_gelu")
    assert fused.quick_gelu(x) is x
    assert close(x, exact)
    strided = torch.randn(64, 6, dtype=dtype).t()
    assert close(fused.quick_gelu(strided), ops.plain_activate(strided.double(), "quick_gelu"))


@ALL
@pytest.mark.parametrize(("norm", "turn", "keep"), [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1)])
@pytest.mark.parametrize(("tokens", "groups", "width"), [(1, 1, 8), (3, 3, 20), (1, 6, 64)])
def test_norms_rotation_and_cache(
    tokens: int, groups: int, width: int, norm: int, turn: int, keep: int, dtype: torch.dtype
) -> None:
    batch, heads, places = 2, 3, 7
    qkv = torch.randn(batch, tokens, heads, groups + 2, width, dtype=dtype)
    cos, sin = ops.rotary_tables(torch.randn(1 if tokens > 1 else batch, tokens, 1, 1, width // 2), dtype)
    q_weight, k_weight = torch.rand(2, width, dtype=dtype).add(0.5).unbind()
    held = torch.zeros(batch, places, heads, 2, width, dtype=dtype)
    where = torch.stack([torch.randperm(places)[:tokens] for _ in range(batch)])
    rows = torch.arange(batch).flip(0)[:, None]
    norms = (q_weight, k_weight, 1e-5) if norm else None
    ours = fused.rotate_and_keep(qkv, (cos, sin) if turn else None, norms, (held, rows, where) if keep else None)
    wide = qkv.double()
    q, k = wide[..., :-2, :], wide[..., -2:-1, :]
    if norm:
        q, k = normed(q, q_weight), normed(k, k_weight)
    exact = torch.cat((q, k), -2)
    assert close(ours, ops.plain_rotary(exact, cos.double(), sin.double()) if turn else exact)
    if keep:
        wanted = torch.zeros_like(held)
        wanted[rows, where] = torch.stack((ours[..., -1, :], qkv[..., -1, :]), -2)
        assert torch.equal(held, wanted)


@PRODUCTS
@pytest.mark.parametrize("shares", [1, 2, 8])
@pytest.mark.parametrize(("batch", "heads", "groups", "width", "places"), [
    (3, 2, 3, 8, 70), (1, 1, 1, 20, 200), (2, 2, 4, 128, 33), (2, 1, 17, 16, 130), (2, 2, 1, 64, 1),
])  # fmt: skip
def test_attention_of_one_token(
    batch: int, heads: int, groups: int, width: int, places: int, shares: int, dtype: torch.dtype
) -> None:
    q = torch.randn(batch, heads, groups + 1, width, dtype=dtype)[:, :, :-1]
    keys = torch.randn(batch, heads, places, width, dtype=dtype)
    values = torch.randn(batch, places, heads, width, dtype=dtype).transpose(1, 2)
    last = torch.randint(0, places, (batch,))
    last[0], last[-1] = places - 1, 0
    seen = torch.arange(places) <= last[:, None]
    # What is not taken is not read.
    for held in (keys, values):
        held.masked_fill_(~seen[:, None, :, None], torch.nan)
    ours = fused.decode_attention(q, keys, values, last, shares=shares)
    mask = seen[:, None, None]
    exact = ops.plain_attention(
        q.double(), keys.nan_to_num().double(), values.nan_to_num().double(), mask=mask, scale=None
    )
    assert close(ours, exact)


@PRODUCTS
@pytest.mark.parametrize(("norm", "bias", "residual", "gated"), [
    (0, 0, 0, 0), (0, 0, 1, 0), (1, 1, 0, 1), (1, 1, 1, 1),
])  # fmt: skip
@pytest.mark.parametrize(("inner", "outer"), [(48, 20), (600, 21)])
@pytest.mark.parametrize("rows", [1, 3, 16])
def test_product_of_few_rows(
    rows: int, inner: int, outer: int, norm: int, bias: int, residual: int, gated: int, dtype: torch.dtype
) -> None:
    pair = (2,) if gated else ()
    x, gain = torch.randn(rows, inner, dtype=dtype), torch.rand(inner, dtype=dtype) + 0.5
    weight = torch.randn(*pair, outer, inner, dtype=dtype) * inner**-0.5
    added, stream = torch.randn(*pair, outer, dtype=dtype), torch.randn(rows, outer, dtype=dtype)
    ours = fused.product(
        x, weight, added if bias else None, norm=(gain, 1e-5) if norm else None,
        residual=stream if residual else None, gated=bool(gated),
    )  # fmt: skip
    exact = normed(x, gain) if norm else x.double()
    exact = F.linear(exact, weight.double().flatten(0, -2), added.double().flatten() if bias else None)
    if gated:
        gate, up = exact.chunk(2, -1)
        exact = F.silu(gate) * up
    assert close(ours, exact + stream.double() if residual else exact)


def test_a_large_row_in_half_precision_does_not_overflow() -> None:
    x, gain = torch.randn(2, 64, dtype=torch.float16) * 2000, torch.full((64,), 100.0, dtype=torch.float16)
    weight = torch.randn(8, 64, dtype=torch.float16) / 64
    ours = fused.product(x, weight, norm=(gain, 1e-5))
    assert close(ours, F.linear(normed(x, gain), weight.double()))


@pytest.mark.parametrize(("family", "rows"), [("qwen2", 1), ("qwen3", 3)])
def test_few_rows_gives_the_logits_of_the_readable_block(rows: int, family: str, everywhere: list[str]) -> None:
    """Biases, grouped heads and norms of queries and keys, over the same ragged cache."""
    logits = []
    for enabled in (False, True):
        model = test_generation.TextModel(test_llama.twin(test_llama.reference(family)))
        ids, mask = test_generation.prompt(rows)
        cache = test_generation.Cache(model.language_model.layers, rows=rows, places=16)
        with torch.enable_grad():
            model.hidden(ids, mask, cache=cache)
        fused.few_rows(model, enabled=enabled)
        del everywhere[:]
        with torch.no_grad():
            logits.append(torch.stack([model.decode(ids[:, -1], cache) for _ in range(3)]))
        depth = len(model.language_model.layers)
        assert everywhere.count("product") == (3 * 4 * depth if enabled else 0)
    torch.testing.assert_close(logits[1], logits[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("family", "rows"), [("qwen2", 1), ("qwen3", 3), ("opt", 3)])
def test_a_model_by_kernels_gives_the_logits_of_the_readable_one(
    rows: int, family: str, everywhere: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ragged prompt and the steps behind it, every operation by its kernel."""
    twin = test_opt.twin(test_opt.reference()) if family == "opt" else test_llama.twin(test_llama.reference(family))
    model = test_generation.TextModel(twin)
    ids, mask = test_generation.prompt(rows)

    @torch.no_grad()
    def run() -> Tensor:
        cache = test_generation.Cache(model.language_model.layers, rows=rows, places=16)
        prompt = model.language_model.logits(model.hidden(ids, mask, cache=cache))[mask.bool()]
        return torch.cat([prompt, *(model.decode(ids[:, -1], cache) for _ in range(3))])

    ours = run()
    depth = len(model.language_model.layers)
    wanted = {"rotate_and_keep": 4 * depth, "decode_attention": 3 * depth, "gated": 4 * depth}
    wanted["gated"] *= family != "opt"
    assert {name: everywhere.count(name) for name in wanted} == wanted
    monkeypatch.setattr(fused, "ready", lambda x: False)
    torch.testing.assert_close(ours, run(), rtol=1e-4, atol=1e-5)


def test_a_tower_by_kernels_gives_the_features_of_the_readable_one(
    everywhere: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = layers.MLP(24, 40, activation="quick_gelu")
    layers.initialize(layer, std=0.3)
    x = torch.randn(2, 5, 24)
    with torch.no_grad():
        ours = layer(x)
        assert everywhere == ["quick_gelu"]
        monkeypatch.setattr(fused, "ready", lambda x: False)
        torch.testing.assert_close(ours, layer(x), rtol=1e-4, atol=1e-6)


def test_a_touched_block_is_left_alone(everywhere: list[str]) -> None:
    model = test_generation.TextModel(test_llama.twin(test_llama.reference("llama")))
    blocks = model.language_model.layers
    fused.few_rows(model)
    cache = test_generation.Cache(blocks, rows=1, places=8)
    seen: list[Any] = []
    blocks[0].mlp.down.register_forward_hook(lambda *_: seen.append(1))
    with torch.no_grad():
        model.decode(torch.tensor([5]), cache)
    assert len(seen) == 1
    assert everywhere.count("product") == 4 * (len(blocks) - 1)
    fused.few_rows(model, enabled=False)
    del everywhere[:]
    with torch.no_grad():
        model.decode(torch.tensor([5]), cache)
    assert "product" not in everywhere
