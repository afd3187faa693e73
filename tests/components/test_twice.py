"""A tied table that is read twice has the gradient that two uses of it have, and no second one in memory."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from chiasm.components import ops
from chiasm.components.leaves import Embedding

ROWS, DIM = 31, 8


def table(dtype: torch.dtype = torch.float32, unlearned: int | None = None) -> Embedding:
    torch.manual_seed(0)
    made = Embedding(ROWS, DIM, unlearned=unlearned, tied=True)
    made.weight = torch.nn.Parameter(torch.randn(ROWS, DIM, dtype=torch.float64).to(dtype))
    return made


def loss(made: Embedding, ids: Tensor, *, fast: bool, product: bool = True, chunk: int | None = None) -> Tensor:
    rows, weight = ops.twice(made.weight) if fast else ops.plain_twice(made.weight)
    hidden = torch.tanh(made(ids, rows))
    return ops.linear_cross_entropy(hidden, weight, ids.roll(1), chunk) if product else hidden.float().square().sum()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("unlearned", [None, 3])
@pytest.mark.parametrize("chunk", [None, 2])
@pytest.mark.parametrize("product", [True, False])
def test_gradients_are_those_of_two_plain_uses(
    dtype: torch.dtype, unlearned: int | None, chunk: int | None, product: bool
) -> None:
    ids = torch.tensor([3, 3, 5, 0, 30, 3, 7])
    found = []
    for fast in (True, False):
        made = table(dtype, unlearned)
        loss(made, ids, fast=fast, product=product, chunk=chunk).backward()
        assert made.weight.grad is not None
        assert made.weight.grad.layout == torch.strided
        found.append(made.weight.grad)
    allowed = 2e-2 if dtype == torch.bfloat16 else 1e-6
    assert (found[0] - found[1]).abs().max() <= allowed * found[1].abs().max()


def test_two_passes_add_up_and_a_kept_graph_gives_the_same_again() -> None:
    ids = torch.tensor([1, 2, 2])
    made, plain = table(), table()
    for _ in range(2):
        loss(made, ids, fast=True).backward()
    total = loss(plain, ids, fast=False)
    total.backward(retain_graph=True)
    total.backward()
    assert made.weight.grad is not None
    assert plain.weight.grad is not None
    torch.testing.assert_close(made.weight.grad, plain.weight.grad)
    again = table()
    kept = loss(again, ids, fast=True)
    kept.backward(retain_graph=True)
    kept.backward()
    assert again.weight.grad is not None
    torch.testing.assert_close(again.weight.grad, plain.weight.grad)


def test_a_gradient_can_be_differentiated() -> None:
    ids = torch.tensor([1, 2, 2])
    found = []
    for fast in (True, False):
        made = table(torch.float64)
        rows, weight = ops.twice(made.weight) if fast else ops.plain_twice(made.weight)
        # A sparse look-up has no second derivative of its own: the product carries it.
        total = F.linear(made(ids).detach(), weight).square().sum() + made(ids, rows).sum()
        (grad,) = torch.autograd.grad(total, made.weight, create_graph=True)
        found.append(torch.autograd.grad(grad.square().sum(), made.weight)[0])
    torch.testing.assert_close(found[0], found[1])


def test_nothing_is_split_where_nothing_is_learned() -> None:
    made = table()
    with torch.no_grad():
        assert ops.twice(made.weight) == (made.weight, made.weight)
    made.weight.requires_grad_(False)
    assert all(one is made.weight for one in ops.twice(made.weight))


def test_the_sum_is_made_where_the_product_s_gradient_lies() -> None:
    made = table()
    rows, weight = ops.twice(made.weight)
    lies: list[int] = []
    weight.register_hook(lambda grad: lies.append(grad.data_ptr()))
    hidden = made(torch.tensor([1, 2]), rows)
    ops.linear_cross_entropy(hidden, weight, torch.tensor([4, 5])).backward()
    assert made.weight.grad is not None
    assert lies == [made.weight.grad.data_ptr()]
