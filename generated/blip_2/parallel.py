"""Many devices: parameters sharded over data-parallel ranks (FSDP2), heads over tensor-parallel ranks.

`shard(model)` and `split(model)` change a model in place, after its weights are loaded and before an optimizer is made.
Both at once: `split` over one dimension of a device mesh, then `shard` over the other. `recompute` trades time for
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

COLUMNS = {"qkv": 0, "q": 0, "kv": 0, "up": 0, "gate_up": 1}
"""Layers that make heads or hidden units, and the axis along which these lie: every rank makes its own share."""

ROWS = {"out": 1, "down": 1}
"""Layers that read heads or hidden units: what the ranks make of their shares is added up."""

BETWEEN = ("q_norm", "k_norm")
"""Layers whose weights all heads share: each rank sees the gradient of its own heads only."""

ENTRANCES = ("memory", "joint")
"""Methods besides `forward` by which a block is entered."""


# --- data parallel ------------------------------------------------------------------------------------------------


def shard(model: nn.Module, mesh: DeviceMesh | None = None, **options: Any) -> nn.Module:
    """Spread parameters, gradients and optimizer state over `mesh`, gathered a block at a time.

    Args:
        model: its blocks are the members of its module lists.
        mesh: of one dimension; all ranks when None.
        options: of `torch.distributed.fsdp.fully_shard`: `mp_policy`, `reshard_after_forward`, `offload_policy`.
    """
    for block in blocks(model):
        fully_shard(block, mesh=mesh, **options)
        for method in ENTRANCES:
            if callable(getattr(block, method, None)):
                register_fsdp_forward_method(block, method)
    # A scalar (the scale of a contrastive model) cannot be cut: every rank keeps it and averages its gradient.
    scalars = {parameter for parameter in model.parameters() if parameter.ndim == 0}
    group = None if mesh is None else mesh.get_group()
    for scalar in scalars:
        scalar.register_post_accumulate_grad_hook(partial(_average, group=group))
    fully_shard(model, mesh=mesh, ignored_params=scalars, **options)
    return model


def blocks(model: nn.Module) -> Iterator[nn.Module]:
    """The repeated parts of a model: members of its module lists."""
    for module in model.modules():
        if isinstance(module, nn.ModuleList):
            yield from module


def _average(parameter: Tensor, group: dist.ProcessGroup | None) -> None:
    if parameter.grad is not None:
        dist.all_reduce(parameter.grad, group=group)
        parameter.grad /= dist.get_world_size(group)


# --- tensor parallel ----------------------------------------------------------------------------------------------


def plan(model: nn.Module, whole: Sequence[str] = ()) -> dict[str, int]:
    """Parameter → the axis along which `split` cuts it; all others stay whole, as do the modules named in `whole`.

    Queries, keys and values lie grouped by key/value head, and gate beside up, so a contiguous share of either is a
    layer of fewer heads or hidden units: no weight has to be reordered. The bias of a layer that adds shares up is not
    cut either: the first rank keeps it.
    """
    axes: dict[str, int] = {}
    for prefix, columns, rows in _pairs(model, whole):
        for name in columns:
            for suffix, _ in model.get_submodule(prefix + name).named_parameters():
                axes[f"{prefix}{name}.{suffix}"] = COLUMNS[name]
        for name in rows:
            axes[f"{prefix}{name}.weight"] = ROWS[name]
    return axes


def split(model: nn.Module, group: dist.ProcessGroup | None = None, *, whole: Sequence[str] = ()) -> nn.Module:
    """Leave each rank its share of every layer's heads and hidden units: the same model, in as many parts as ranks.

    Args:
        model: as loaded; the same on every rank.
        group: the ranks that share it; all when None.
        whole: names of modules that every rank keeps undivided (`"encoder"`).

    Raises:
        ValueError: heads or hidden units that the ranks cannot share evenly.
    """
    axes = plan(model, whole)
    for prefix, columns, rows in list(_pairs(model, whole)):
        parent = model.get_submodule(prefix.removesuffix("."))
        for name in columns:
            layer = model.get_submodule(prefix + name)
            together = getattr(layer, "together", getattr(parent, "head_dim", 1))
            _check(prefix + name, layer.get_parameter("weight").shape[COLUMNS[name]], together, group)
            layer.register_forward_pre_hook(partial(_enter, group=group))
        for name in rows:
            layer = model.get_submodule(prefix + name)
            layer.register_forward_hook(partial(_leave, group=group))
            if dist.get_rank(group) > 0:
                layer.register_parameter("bias", None)
        for name in BETWEEN:
            for parameter in getattr(parent, name).parameters() if getattr(parent, name, None) is not None else ():
                parameter.register_hook(partial(_total, group=group))
    for name, axis in axes.items():
        _cut(model, name, axis, group)
    return model


def gathered(
    model: nn.Module, group: dist.ProcessGroup | None = None, *, whole: Sequence[str] = ()
) -> dict[str, Tensor]:
    """The parameters of the model before `split`, from the shares of all ranks; complete on the first rank."""
    axes = plan(model, whole)
    found: dict[str, Tensor] = {}
    for name, parameter in model.named_parameters():
        if name in axes:
            shares = [torch.empty_like(parameter) for _ in range(dist.get_world_size(group))]
            dist.all_gather(shares, parameter.detach().contiguous(), group=group)
            found[name] = torch.cat(shares, dim=axes[name])
        else:
            found[name] = parameter.detach()
    return found


def _pairs(model: nn.Module, whole: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Prefix of each module that has layers of both sorts, and their names; one with weights of its own stays whole."""
    for prefix, module in model.named_modules():
        if any(f"{prefix}.".startswith(f"{name}.") for name in whole):
            continue
        names = [name for name, _ in module.named_children()]
        columns, rows = [n for n in names if n in COLUMNS], [n for n in names if n in ROWS]
        if columns and rows and not any(True for _ in module.parameters(recurse=False)):
            yield f"{prefix}." if prefix else "", columns, rows


def _check(name: str, size: int, together: int, group: dist.ProcessGroup | None) -> None:
    ranks = dist.get_world_size(group)
    units = size // together
    if units % ranks:
        raise ValueError(
            f"{name} has {units} heads or hidden units, which {ranks} ranks cannot share evenly; "
            "a module named in `whole` is not divided"
        )


def _cut(model: nn.Module, name: str, axis: int, group: dist.ProcessGroup | None) -> None:
    path, _, suffix = name.rpartition(".")
    layer = model.get_submodule(path)
    parameter = layer.get_parameter(suffix)
    # Cloned, or the share would keep the whole tensor alive.
    share = parameter.detach().chunk(dist.get_world_size(group), dim=axis)[dist.get_rank(group)].clone()
    layer.register_parameter(suffix, nn.Parameter(share, requires_grad=parameter.requires_grad))
    if isinstance(layer, nn.Linear) and suffix == "weight":
        layer.out_features, layer.in_features = share.shape


def _enter(_: nn.Module, inputs: tuple[Tensor, ...], *, group: dist.ProcessGroup | None) -> tuple[Any, ...]:
    return (_Copied.apply(inputs[0], group), *inputs[1:])  # type: ignore[no-untyped-call]


def _leave(_: nn.Module, __: Any, output: Tensor, *, group: dist.ProcessGroup | None) -> Any:
    return _Summed.apply(output, group)  # type: ignore[no-untyped-call]


def _total(tensor: Tensor, *, group: dist.ProcessGroup | None) -> Tensor:
    total = tensor.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total, group=group)
    return total


class _Copied(torch.autograd.Function):
    """Every rank reads the same: forward nothing happens, backward what the ranks ask for is added up."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: dist.ProcessGroup | None) -> Tensor:
        ctx.group = group
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return _total(grad, group=ctx.group), None


class _Summed(torch.autograd.Function):
    """Shares are added up: backward, every rank's share has the gradient of the sum."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: dist.ProcessGroup | None) -> Tensor:
        del ctx
        return _total(x, group=group)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        del ctx
        return grad, None


# --- memory -------------------------------------------------------------------------------------------------------


def recompute(model: nn.Module) -> nn.Module:
    """Keep only the results of matrix products and attention for the backward pass; compute the rest of a block again.

    Call it before `shard`, so that a block gathers its parameters once for both.
    """
    for block in blocks(model):
        block.forward = _recomputed(block.forward)
    return model


def _recomputed(forward: Callable[..., Any]) -> Callable[..., Any]:
    contexts = partial(create_selective_checkpoint_contexts, _policy)
    return partial(checkpoint, forward, use_reentrant=False, context_fn=contexts)


def _policy(_: Any, operation: Any, *__: Any, **___: Any) -> CheckpointPolicy:
    name = str(operation)
    kept = name.startswith(("aten.mm", "aten.addmm", "aten.bmm")) or "attention" in name
    return CheckpointPolicy.MUST_SAVE if kept else CheckpointPolicy.PREFER_RECOMPUTE
