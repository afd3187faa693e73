"""Regional compilation: one block of a stack is compiled, and all blocks of the stack run it.

`torch.compile(model)` compiles the same block again for every layer; `compile_blocks(model)` once, so that it takes as
long for 32 layers as for two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def compile_blocks(model: nn.Module, *, enabled: bool = True, **options: Any) -> nn.Module:
    """Compiles the blocks of every stack of `model` in place, when they are next called; `enabled=False` undoes it.

    What lies between the stacks runs as before. `options` are those of `torch.compile`: with `dynamic=True` no prompt
    length or number of images is compiled in. Call it after `checkpoint_activations` and before `parallel.shard`.
    """
    for stack in model.modules():
        if isinstance(stack, nn.ModuleList):
            for block in stack:
                forward = block.forward
                forward = forward.forward if isinstance(forward, Compiled) else forward
                block.forward = Compiled(forward, {"fullgraph": True, **options}) if enabled else forward
    return model


class Compiled:
    """A block's forward as `torch.compile` makes it; blocks of one class and shape share what was compiled."""

    def __init__(self, forward: Callable[..., Any], options: dict[str, Any]) -> None:
        self.forward = forward
        self.compiled = torch.compile(forward, **options)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """What the block makes of them."""
        return self.compiled(*args, **named)
