"""LinearProjector is one linear layer."""

from __future__ import annotations

import torch
from tests.components.reference import assert_same, shaken
from torch import nn

from chiasm.components.linear_projector import LinearProjector


class Reference(nn.Module):
    def __init__(self, *, bias: bool) -> None:
        super().__init__()
        self.mm_projector = nn.Linear(13, 22, bias=bias)


def test_with_and_without_bias() -> None:
    x = torch.randn(3, 9, 13, generator=torch.Generator().manual_seed(0))
    for bias in (True, False):
        assert_same(
            LinearProjector(in_dim=13, out_dim=22, bias=bias),
            shaken(Reference(bias=bias)),
            {"proj": "mm_projector"},
            lambda model, dtype: model(x.to(dtype)),
            lambda model, dtype: model.mm_projector(x.to(dtype)),  # type: ignore[operator]
        )
