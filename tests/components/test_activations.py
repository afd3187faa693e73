"""Activations by name: the fast path equals the meaning, and overwrites only what nobody else will read."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from chiasm.components import activations

names = pytest.mark.parametrize("name", activations.ACTIVATIONS)
EVERYWHERE = torch.cat([torch.linspace(-30, 30, 4001), torch.tensor([0.0, -1e-20, 1e4, -1e4, torch.inf])])


@names
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_the_fast_path_equals_the_meaning(name: str, dtype: torch.dtype) -> None:
    x = EVERYWHERE.to(dtype)
    wanted = activations.plain_activate(x.clone(), name)
    with torch.no_grad():
        got = activations.activate(x.clone(), name)
    assert got.dtype == dtype
    torch.testing.assert_close(got, wanted)


def test_some_rows_at_a_time_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.randn(2, 7, 16, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(activations, "PIECE", 3 * 2 * 16)
    assert [part.shape[1] for part in activations.pieces(x)] == [3, 3, 1]
    with torch.no_grad():
        got = activations.activate(x.clone(), "gelu_tanh")
    torch.testing.assert_close(got, activations.plain_activate(x, "gelu_tanh"))


@names
def test_strided_products_too(name: str) -> None:
    x = torch.randn(6, 10, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        got = activations.activate(x.clone()[:, ::2], name)
    torch.testing.assert_close(got, activations.plain_activate(x[:, ::2], name))


@names
def test_where_gradients_are_recorded_nothing_is_overwritten(name: str) -> None:
    x = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    kept = x.clone()
    activations.activate(x, name)
    assert torch.equal(x, kept)


@names
def test_gradients_are_those_of_the_meaning(name: str) -> None:
    x = torch.randn(40, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: activations.activate(x, name), (x,))


class Made(TorchDispatchMode):
    """The largest number of values that live in a tensor made meanwhile, other than `own`."""

    def __init__(self, own: torch.Tensor) -> None:
        super().__init__()
        self.own, self.tensors = own.untyped_storage().data_ptr(), set[int]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if out.numel() > 1:
            self.tensors.add(out.untyped_storage().data_ptr())
        return out


@pytest.mark.parametrize(
    ("name", "fresh"), [("gelu", 0), ("gelu_tanh", 1), ("quick_gelu", 0), ("relu", 0), ("silu", 0)]
)
def test_hardly_any_memory_is_asked_for(name: str, fresh: int) -> None:
    x = torch.randn(64, 64)
    with torch.no_grad(), Made(x) as made:
        out = activations.activate(x, name)
    assert out.data_ptr() == x.data_ptr()
    assert len(made.tensors - {made.own}) == fresh


def test_an_unknown_name() -> None:
    with pytest.raises(ValueError, match=r"unknown activation 'mish'.*gelu, gelu_tanh, quick_gelu"):
        activations.activation("mish")
