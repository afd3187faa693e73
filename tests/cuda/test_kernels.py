"""The Triton kernels, compiled: the cases that the interpreter runs elsewhere, and sizes of real models."""

from __future__ import annotations

import importlib.util

import pytest
import torch
from torch.nn import functional as F

from chiasm.components import fused, ops
from tests.components import interpreted_kernels
from tests.components.interpreted_kernels import *  # noqa: F403 - its cases are this module's

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: torch.cuda.is_available() is false"),
    pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed"),
]
close = interpreted_kernels.close


@pytest.mark.parametrize(("heads", "groups", "places"), [(32, 1, 1024), (8, 4, 4096), (8, 2, 2048), (1, 12, 700)])
@pytest.mark.parametrize("batch", [1, 8])
def test_attention_over_a_real_cache(batch: int, heads: int, groups: int, places: int) -> None:
    q = torch.randn(batch, heads, groups, 128, dtype=torch.bfloat16)
    kept = torch.randn(batch, places, heads, 2, 128, dtype=torch.bfloat16)
    keys, values = kept.permute(3, 0, 2, 1, 4)
    last = torch.randint(0, places, (batch,))
    mask = (torch.arange(places) <= last[:, None])[:, None, None]
    exact = ops.plain_attention(q.double(), keys.double(), values.double(), mask=mask)
    assert close(fused.decode_attention(q, keys, values, last), exact)


@pytest.mark.parametrize(
    ("inner", "outer", "gated"), [(4096, 12_288, False), (11_008, 4096, False), (2048, 6144, True)]
)
@pytest.mark.parametrize("rows", [1, 2, 8, 16])
def test_products_of_real_widths(rows: int, inner: int, outer: int, gated: int) -> None:
    x = torch.randn(rows, inner, dtype=torch.bfloat16)
    weight = torch.randn(*((2,) if gated else ()), outer, inner, dtype=torch.bfloat16) * inner**-0.5
    gain, residual = torch.rand(inner, dtype=torch.bfloat16), torch.randn(rows, outer, dtype=torch.bfloat16)
    ours = fused.product(x, weight, norm=(gain, 1e-6), residual=residual, gated=bool(gated))
    exact = F.linear(interpreted_kernels.normed(x, gain), weight.double().flatten(0, -2))
    if gated:
        gate, up = exact.chunk(2, -1)
        exact = F.silu(gate) * up
    assert close(ours, exact + residual.double())


def test_results_do_not_move_between_runs() -> None:
    """Nothing is added in an order that depends on which program is first."""
    q = torch.randn(2, 8, 4, 128, dtype=torch.bfloat16)
    keys, values = torch.randn(2, 2, 8, 3000, 128, dtype=torch.bfloat16).unbind()
    last = torch.tensor([2999, 1234])
    first = fused.decode_attention(q, keys, values, last)
    assert all(torch.equal(fused.decode_attention(q, keys, values, last), first) for _ in range(20))
