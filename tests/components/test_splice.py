"""Splice puts visual tokens at placeholders, in order, and nothing else changes."""

from __future__ import annotations

import torch
from torch import Tensor

from chiasm.components.splice import Splice

WHERE = torch.tensor([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 0, 0, 1, 1]]).bool()


def scattered(x: Tensor, visual: Tensor) -> Tensor:
    """The reference's way: `masked_scatter`."""
    return x.masked_scatter(WHERE[..., None].expand_as(x), visual)


def test_equals_masked_scatter_and_its_gradient() -> None:
    x, visual = torch.randn(3, 5, 4, requires_grad=True), torch.randn(6, 4, requires_grad=True)
    ours, expected = Splice()(x, visual, WHERE), scattered(x, visual)
    assert torch.equal(ours, expected)
    weight = torch.randn(3, 5, 4)
    for got, want in zip(
        torch.autograd.grad((ours * weight).sum(), (x, visual)),
        torch.autograd.grad((expected * weight).sum(), (x, visual)),
        strict=True,
    ):
        assert torch.equal(got, want)


def test_images_may_come_one_by_one() -> None:
    x, visual = torch.randn(3, 5, 4), torch.randn(2, 3, 4)
    assert torch.equal(Splice()(x, visual, WHERE), scattered(x, visual.flatten(0, 1)))


def test_visual_tokens_take_the_precision_of_the_text() -> None:
    x, visual = torch.randn(3, 5, 4).bfloat16(), torch.randn(6, 4)
    assert torch.equal(Splice()(x, visual, WHERE), scattered(x, visual.bfloat16()))


def test_compiles_for_any_number_of_tokens() -> None:
    compiled = torch.compile(Splice(), fullgraph=True, dynamic=True, backend="aot_eager")
    for width in (5, 3):
        where = WHERE[:, :width]
        x, visual = torch.randn(3, width, 4), torch.randn(int(where.sum()), 4)
        assert torch.equal(compiled(x, visual, where), Splice()(x, visual, where))


def test_nothing_is_read_back_from_the_device() -> None:
    out = Splice()(torch.empty(3, 5, 4, device="meta"), torch.empty(6, 4, device="meta"), WHERE.to("meta"))
    assert out.shape == (3, 5, 4)
