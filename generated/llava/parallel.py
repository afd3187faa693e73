"""Many devices: parameters sharded over data-parallel ranks (FSDP2), heads over tensor-parallel ranks.

`shard(model)` and `split(model)` change a model in place, after its weights are loaded and before an optimizer is made.
Both at once: `split` over one dimension of a device mesh, then `shard` over the other.
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

COLUMNS = {"qkv": 0, "q": 0, "kv": 0, "up": 0, "gate_up": 1}
"""Layers that make heads or hidden units, and the axis along which these lie: every rank makes its own share."""
ROWS = {"out": 1, "down": 1}
"""Layers that read heads or hidden units: what the ranks make of their shares is added up."""
BETWEEN = ("q_norm", "k_norm")
"""Layers whose weights all heads share: each rank sees the gradient of its own heads only."""
ENTRANCES = ("memory", "joint")
"""Methods besides `forward` by which a block is entered."""

Group = dist.ProcessGroup | None


def shard(model: nn.Module, mesh: DeviceMesh | None = None, **options: Any) -> nn.Module:
    """Spread parameters, gradients and optimizer state over `mesh` (all ranks when None), gathered a block at a time.

    `options` are those of `torch.distributed.fsdp.fully_shard`: `mp_policy`, `reshard_after_forward`, `offload_policy`.
    """
    for block in blocks(model):
        fully_shard(block, mesh=mesh, **options)
        for method in ENTRANCES:
            if callable(getattr(block, method, None)):
                register_fsdp_forward_method(block, method)
    # A scalar (the scale of a contrastive model) cannot be cut: every rank keeps it and averages its gradient.
    scalars = {parameter for parameter in model.parameters() if parameter.ndim == 0}
    for scalar in scalars:
        group = None if mesh is None else mesh.get_group()
        scalar.register_post_accumulate_grad_hook(partial(_average, group=group))
    fully_shard(model, mesh=mesh, ignored_params=scalars, **options)
    return model


def blocks(model: nn.Module) -> Iterator[nn.Module]:
    """The repeated parts of a model: members of its module lists."""
    yield from (block for module in model.modules() if isinstance(module, nn.ModuleList) for block in module)


def plan(model: nn.Module, whole: Sequence[str] = ()) -> dict[str, int]:
    """Parameter → the axis along which `split` cuts it; all others stay whole, as do the modules named in `whole`.

    Queries, keys and values lie grouped by key/value head, and gate beside up, so a contiguous share of either is a
    layer of fewer heads or hidden units: no weight has to be reordered. The bias of a layer that adds shares up is not
    cut either: the first rank keeps it.
    """
    axes: dict[str, int] = {}
    for path, columns, rows in _pairs(model, whole):
        for name in columns:
            for suffix, _ in model.get_submodule(path + name).named_parameters():
                axes[f"{path}{name}.{suffix}"] = COLUMNS[name]
        axes |= {f"{path}{name}.weight": ROWS[name] for name in rows}
    return axes


def split(model: nn.Module, group: Group = None, *, whole: Sequence[str] = ()) -> nn.Module:
    """Leave each rank of `group` its share of every layer's heads and hidden units: one model in as many parts.

    The model is as loaded, the same on every rank; all ranks keep the modules named in `whole` (`"encoder"`) undivided.

    Raises:
        ValueError: heads or hidden units that the ranks cannot share evenly.
    """
    axes, ranks = plan(model, whole), dist.get_world_size(group)
    for path, columns, rows in list(_pairs(model, whole)):
        parent = model.get_submodule(path.removesuffix("."))
        for layer, name in ((model.get_submodule(path + name), name) for name in columns):
            together = getattr(layer, "together", getattr(parent, "head_dim", 1))
            units = layer.get_parameter("weight").shape[COLUMNS[name]] // together
            if units % ranks:
                why = f"which {ranks} ranks cannot share evenly; a module named in `whole` is not divided"
                raise ValueError(f"{path}{name} has {units} heads or hidden units, {why}")
            layer.register_forward_pre_hook(partial(_enter, group=group))
        for layer in (model.get_submodule(path + name) for name in rows):
            layer.forward = partial(_joined, layer.forward, group=group)
            if dist.get_rank(group) > 0:
                layer.register_parameter("bias", None)
        for norm in (getattr(parent, name, None) for name in BETWEEN):
            for parameter in () if norm is None else norm.parameters():
                parameter.register_hook(partial(_total, group=group))
    for name, axis in axes.items():
        path, _, suffix = name.rpartition(".")
        layer, parameter = model.get_submodule(path), model.get_parameter(name)
        # Cloned, or the share would keep the whole tensor alive.
        share = parameter.detach().chunk(ranks, dim=axis)[dist.get_rank(group)].clone()
        layer.register_parameter(suffix, nn.Parameter(share, requires_grad=parameter.requires_grad))
        if isinstance(layer, nn.Linear) and suffix == "weight":
            layer.out_features, layer.in_features = share.shape
    return model


def gathered(model: nn.Module, group: Group = None, *, whole: Sequence[str] = ()) -> dict[str, Tensor]:
    """The parameters of the model before `split`, from the shares of all ranks; complete on the first rank."""
    axes = plan(model, whole)
    found = {name: parameter.detach() for name, parameter in model.named_parameters()}
    for name in axes:
        shares = [torch.empty_like(found[name]) for _ in range(dist.get_world_size(group))]
        dist.all_gather(shares, found[name].contiguous(), group=group)
        found[name] = torch.cat(shares, dim=axes[name])
    return found


def _pairs(model: nn.Module, whole: Sequence[str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Path of each module that has layers of both sorts, and their names; one with weights of its own stays whole."""
    for path, module in model.named_modules():
        names = [name for name, _ in module.named_children()]
        columns, rows = [n for n in names if n in COLUMNS], [n for n in names if n in ROWS]
        kept = any(f"{path}.".startswith(f"{name}.") for name in whole) or any(True for _ in module.parameters(False))
        if columns and rows and not kept:
            yield f"{path}." if path else "", columns, rows


def _average(parameter: Tensor, group: Group) -> None:
    if parameter.grad is not None:
        dist.all_reduce(parameter.grad, group=group)
        parameter.grad /= dist.get_world_size(group)


def _total(tensor: Tensor, *, group: Group) -> Tensor:
    total = tensor.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total, group=group)
    return total


def _enter(_: nn.Module, inputs: tuple[Tensor, ...], *, group: Group) -> tuple[Any, ...]:
    return (_Copied.apply(inputs[0], group), *inputs[1:])  # type: ignore[no-untyped-call]


def _joined(share: Callable[[Tensor], Tensor], x: Tensor, residual: Tensor | None = None, *, group: Group) -> Tensor:
    total: Tensor = _Summed.apply(share(x), group)  # type: ignore[no-untyped-call]
    # Every rank has the whole residual: it is added once, to the sum.
    return total if residual is None else residual + total


class _Copied(torch.autograd.Function):
    """Every rank reads the same: forward nothing happens, backward what the ranks ask for is added up."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, group: Group) -> Tensor:
        ctx.group = group
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return _total(grad, group=ctx.group), None


class _Summed(torch.autograd.Function):
    """Shares are added up: backward, every rank's share has the gradient of the sum."""

    @staticmethod
    def forward(_: Any, x: Tensor, group: Group) -> Tensor:
        return _total(x, group=group)

    @staticmethod
    def backward(_: Any, grad: Tensor) -> tuple[Tensor, None]:
        return grad, None
