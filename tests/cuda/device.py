"""What tests on a device share: devices, tolerances, packages and inputs there, and what forbids to wait for it."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from tests.test_contract_generation import PACKAGES, pair

CUDA = torch.device("cuda")
HALF = (torch.float16, torch.bfloat16)
LENGTHS = (7, 1, 64, 0, 33, 130)
"""Sequences of a packed row: one of a token, one of none, one longer than a tile of the kernel."""
EXACT = 1e-4
"""Of fp32 on another device: other kernels add in another order."""


@contextmanager
def no_waiting() -> Iterator[None]:
    """Inside, whatever waits for the device is an error."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def to_cuda(inputs: dict[str, Tensor], dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    return {k: v.to(CUDA, dtype if v.is_floating_point() else v.dtype) for k, v in inputs.items()}


def on_cuda(name: str, dtype: torch.dtype = torch.float32) -> Any:
    return copy.deepcopy(pair(name)[1]).to(CUDA, dtype)


# --- kernels ------------------------------------------------------------------------------------------------------


def packed(dim: int, heads: int, kv_heads: int, dtype: torch.dtype) -> tuple[list[Tensor], Tensor]:
    seed = torch.Generator().manual_seed(dim)
    total = sum(LENGTHS)
    qkv = [torch.randn(total, n, dim, generator=seed).to(CUDA, dtype) for n in (heads, kv_heads, kv_heads)]
    ends = torch.tensor(LENGTHS).cumsum(0).int()
    return [x.requires_grad_() for x in qkv], torch.cat((ends.new_zeros(1), ends)).to(CUDA)


def prefilled(name: str, dtype: torch.dtype = torch.float32) -> tuple[Any, Any, Tensor]:
    """A model, its cache after a prompt, and the first ids after it."""
    module = importlib.import_module(f"generated.{name}.cache")
    model, inputs = on_cuda(name, dtype), to_cuda(PACKAGES[name][1](), dtype)
    mask = inputs.pop("attention_mask").cpu()
    rows, tokens = inputs["input_ids"].shape
    cache = module.Cache(model.language_model.layers, rows=rows, places=tokens + 12)
    with torch.no_grad():
        hidden = model.hidden(attention_mask=mask, cache=cache, **inputs)
        return model, cache, model.language_model.logits(hidden[:, -1]).argmax(-1)
