"""Less memory in training: which of a forward pass's results are kept for the backward pass, and which are made again.

`checkpoint_activations(model)` changes a model in place. Call it before `compile_blocks`, and both before
`parallel.shard`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

PRODUCTS = ("aten.mm.default", "aten.addmm.default", "aten.bmm.default")


def checkpoint_activations(module: nn.Module, *, enabled: bool = True, every: int = 2) -> None:
    """Trades time for memory: layers of a stack keep attention and one in `every` matrix products, and redo the rest.

    `every=1` keeps all products and redoes only what is cheap; `enabled=False` undoes it.
    """
    for stack in module.modules():
        if isinstance(stack, nn.ModuleList):
            for layer in stack:
                # A wrapped forward stands in the instance, above the class's.
                layer.__dict__.pop("forward", None)
                if enabled:
                    layer.forward = partial(_checkpointed, layer.forward, every)


def _checkpointed(forward: Callable[..., Any], every: int, *args: Any, **options: Any) -> Any:
    # Imported where it is used: inference does without.
    from torch.utils import checkpoint as remat  # noqa: PLC0415

    if not torch.is_grad_enabled():
        return forward(*args, **options)
    products = {True: 0, False: 0}

    def policy(ctx: Any, operation: Any, *_: Any, **__: Any) -> Any:
        name = str(operation)
        if name in PRODUCTS or "linear" in name:
            products[ctx.is_recompute] += 1
            keep = products[ctx.is_recompute] % every == 0
        else:
            keep = "attention" in name
        return remat.CheckpointPolicy.MUST_SAVE if keep else remat.CheckpointPolicy.PREFER_RECOMPUTE

    contexts = partial(remat.create_selective_checkpoint_contexts, policy)
    return remat.checkpoint(forward, *args, use_reentrant=False, context_fn=contexts, **options)
