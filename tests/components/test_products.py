"""Products with a weight: whatever its order in memory and wherever the residual is added, the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from chiasm.components import products
from chiasm.components.layers import Embedding, GateUp, Linear, initialize
from chiasm.components.products import Packed, linear, plain_linear, prepack

BLOCKED = hasattr(torch.ops.mkldnn, "_reorder_linear_weight") and torch.backends.mkldnn.is_available()


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def pack(weight: Tensor, rows: tuple[int, int] = (1, 64)) -> Packed:
    blocked = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), rows[1])
    return Packed(blocked, weight, weight._version, rows)


def operands(
    shape: tuple[int, ...], dtype: torch.dtype, order: str, *, bias: bool, residual: bool
) -> dict[str, Tensor | None]:
    weight = products.ORDERS[order](torch.randn(24, shape[-1], dtype=dtype))
    return {
        "x": torch.randn(*shape[:-1], 2 * shape[-1], dtype=dtype)[..., ::2],
        "weight": weight,
        "bias": torch.randn(24, dtype=dtype) if bias else None,
        "residual": torch.randn(*shape[:-1], 24, dtype=dtype) if residual else None,
    }


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("shape", [(16,), (3, 16), (2, 5, 16), (1, 1, 16)])
@pytest.mark.parametrize("order", products.ORDERS)
def test_linear_equals_its_meaning(dtype: torch.dtype, shape: tuple[int, ...], order: str) -> None:
    for bias, residual in product((False, True), repeat=2):
        if len(shape) == 1:
            continue
        given = operands(shape, dtype, order, bias=bias, residual=residual)
        expected, ours = plain_linear(**given), linear(**given)  # type: ignore[arg-type]
        assert (ours.shape, ours.dtype) == (expected.shape, expected.dtype)
        tolerance = {"rtol": 2e-2, "atol": 5e-2} if dtype == torch.bfloat16 else {}
        torch.testing.assert_close(ours, expected, **tolerance)


def test_gradients_equal_those_of_the_meaning() -> None:
    given = operands((2, 5, 16), torch.float64, "by rows", bias=False, residual=True)
    leaves = [t.requires_grad_() for t in given.values() if t is not None]
    seed = torch.randn(2, 5, 24, dtype=torch.float64)
    expected = torch.autograd.grad(plain_linear(**given), leaves, seed)  # type: ignore[arg-type]
    for ours, theirs in zip(torch.autograd.grad(linear(**given), leaves, seed), expected, strict=True):  # type: ignore[arg-type]
        torch.testing.assert_close(ours, theirs)


def test_autocast_keeps_the_residuals_precision() -> None:
    given = operands((2, 5, 16), torch.float32, "by rows", bias=False, residual=True)
    with torch.autocast("cpu", torch.bfloat16):
        given["x"] = given["x"].bfloat16()  # type: ignore[union-attr]
        out = linear(**given)  # type: ignore[arg-type]
        assert torch.equal(out, plain_linear(**given))  # type: ignore[arg-type]
    assert out.dtype == torch.float32


@pytest.mark.skipif(not BLOCKED, reason="this torch has no blocked products")
@pytest.mark.parametrize("rows", [1, 2, 7, 64])
def test_blocked_weights_change_no_number(rows: int) -> None:
    for bias, residual in product((False, True), repeat=2):
        given = operands((1, rows, 32), torch.float32, "by rows", bias=bias, residual=residual)
        packed = pack(given["weight"])  # type: ignore[arg-type]
        with torch.no_grad():
            assert packed.serves(given["x"])  # type: ignore[arg-type]
            ours = linear(**given, packed=packed)  # type: ignore[arg-type]
        torch.testing.assert_close(ours, plain_linear(**given))  # type: ignore[arg-type]


@pytest.mark.skipif(not BLOCKED, reason="this torch has no blocked products")
def test_a_blocked_weight_serves_only_what_it_was_made_for() -> None:
    layer = Linear(32, 32, bias=False)
    initialize(layer)
    layer.packed = pack(layer.weight, (2, 8))
    with torch.no_grad():
        assert layer.packed.serves(torch.randn(4, 32))
        assert not layer.packed.serves(torch.randn(1, 32))
        assert not layer.packed.serves(torch.randn(3, 3, 32))
        assert not layer.packed.serves(torch.randn(4, 32, dtype=torch.float64))
        assert deepcopy(layer).packed is None
        x = torch.randn(4, 32)
        layer.weight.add_(1)
        assert not layer.packed.serves(x)
        torch.testing.assert_close(layer(x), x @ layer.weight.T)
    assert not layer.packed.serves(torch.randn(4, 32))  # gradients are recorded


class Model(nn.Module):
    """One of each that can be packed: two alike, a table that is read and multiplied, and one that is only read."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.tied = Embedding(40, 32), Embedding(40, 32, tied=True)
        self.layers = nn.ModuleList(Linear(32, 48, bias=False) for _ in range(2))
        self.gate_up = GateUp(32, 24, bias=True)
        initialize(self, std=0.3)

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.tied.logits(x), *(layer(x) for layer in self.layers), self.gate_up(x)]


@pytest.mark.parametrize("favourite", ["by rows", "by columns", "blocked"])
def test_prepacking_takes_the_fastest_order_and_changes_nothing_else(
    favourite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if favourite == "blocked" and not BLOCKED:
        pytest.skip("this torch has no blocked products")

    def seconds(trials: Mapping[str, Callable[[], None]]) -> dict[str, float]:
        for run in trials.values():
            run()
        return {name: 1.0 if name == favourite else 2.0 for name in trials}

    monkeypatch.setattr(products, "SMALLEST", 0)
    monkeypatch.setattr(products, "_seconds", seconds)
    model, x = Model(), torch.randn(3, 32)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        plain = model(x)
        assert prepack(model, rows=3) is model
        for ours, expected in zip(model(x), plain, strict=True):
            torch.testing.assert_close(ours, expected)
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    multiplied = [model.tied, *model.layers, model.gate_up]
    assert [layer.packed is not None for layer in multiplied] == [favourite == "blocked"] * 4
    assert model.read.packed is None
    turned = [not layer.weight.is_contiguous() for layer in multiplied]
    assert turned == [False, *([favourite == "by columns"] * 3)]
    loss = sum(y.sum() for y in model(x))
    loss.backward()  # type: ignore[union-attr]
    assert all(layer.weight.grad is not None for layer in multiplied)


def test_small_weights_and_weights_without_memory_stay_as_they_are() -> None:
    with torch.device("meta"):
        model = Linear(2048, 2048, bias=False)
    assert prepack(model).packed is None  # type: ignore[union-attr]
    assert prepack(Linear(32, 32, bias=False)).packed is None  # type: ignore[union-attr]
