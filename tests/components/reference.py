"""Compares one component with the module of transformers that it stands for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Names = Mapping[str, str | Sequence[str]]
"""Module or parameter of the component → the reference's, several where one of ours packs them."""

TOLERANCE = 1e-5


def shaken(module: nn.Module, seed: int = 0) -> nn.Module:
    """Every parameter random, biases and norms too: nothing is right because it is zero or one."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in module.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        parameter.data = noise * 0.2 + (1 if "norm" in name and name.endswith("weight") else 0)
    return module.eval()


def load(ours: nn.Module, theirs: nn.Module, names: Names) -> None:
    """Copy the reference's weights through each layer's own packing; every parameter must be named."""
    state = dict(theirs.named_parameters())
    missing = {name for name, _ in ours.named_parameters()}
    for name, part, suffix, parameter, sources in _entries(ours, names):
        parts = [state[source].detach() for source in sources]
        value = part.pack(suffix, parts) if hasattr(part, "pack") else parts[0].reshape(parameter.shape)
        assert value.shape == parameter.shape, (name, value.shape, parameter.shape)
        parameter.data = value.clone()
        missing.remove(name)
    assert not missing, sorted(missing)


def _entries(ours: nn.Module, names: Names) -> list[tuple[str, Any, str, nn.Parameter, list[str]]]:
    found: list[tuple[str, Any, str, nn.Parameter, list[str]]] = []
    parameters = dict(ours.named_parameters())
    for name, sources in names.items():
        sources = [sources] if isinstance(sources, str) else list(sources)
        if name in parameters:
            owner, _, leaf = name.rpartition(".")
            found.append((name, ours.get_submodule(owner), leaf, parameters[name], sources))
            continue
        module = ours.get_submodule(name)
        for suffix, parameter in module.named_parameters(recurse=False):
            # torch's own attention spells `in_proj_weight` with an underscore.
            spelled = [f"{s}{'_' if s.endswith('in_proj') else '.'}{suffix}" for s in sources]
            found.append((f"{name}.{suffix}", module, suffix, parameter, spelled))
    return found


def error(ours: Tensor, theirs: Tensor) -> float:
    """Largest difference over the largest absolute value."""
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    ours, theirs = ours.detach().double(), theirs.detach().double()
    return float((ours - theirs).abs().max() / theirs.abs().max())


def assert_same(
    ours: nn.Module,
    theirs: nn.Module,
    names: Names,
    run: Callable[[nn.Module, torch.dtype], Tensor],
    run_theirs: Callable[[nn.Module, torch.dtype], Tensor],
) -> None:
    """Same output in fp32, same gradients, and in bf16 no further from fp64 than the reference is."""
    load(ours, theirs, names)
    out, expected = run(ours, torch.float32), run_theirs(theirs, torch.float32)
    assert error(out, expected) < TOLERANCE
    weights = torch.randn(expected.shape, generator=torch.Generator().manual_seed(5))
    (out * weights).sum().backward()
    (expected * weights).sum().backward()
    _assert_same_gradients(ours, theirs, names)
    with torch.no_grad():
        exact = run_theirs(copy.deepcopy(theirs).double(), torch.float64)
        reference = run_theirs(copy.deepcopy(theirs).bfloat16(), torch.bfloat16)
        rounded = run(copy.deepcopy(ours).bfloat16(), torch.bfloat16)
    assert rounded.dtype == torch.bfloat16
    assert _distance(rounded, exact) <= 1.1 * _distance(reference, exact)


def _distance(x: Tensor, exact: Tensor) -> float:
    return float((x.double() - exact).norm())


def _assert_same_gradients(ours: nn.Module, theirs: nn.Module, names: Names) -> None:
    state = dict(theirs.named_parameters())
    pairs: list[tuple[str, Tensor, Tensor]] = []
    for name, part, suffix, parameter, sources in _entries(ours, names):
        expected = [_grad(state[source]) for source in sources]
        grad = _grad(parameter)
        got = part.unpack(suffix, grad, len(sources)) if hasattr(part, "unpack") else [grad]
        pairs += [(name, g.reshape(e.shape), e) for g, e in zip(got, expected, strict=True)]
    largest = max(float(e.abs().max()) for _, _, e in pairs)
    worst = max(pairs, key=lambda pair: float((pair[1] - pair[2]).abs().max()))
    assert float((worst[1] - worst[2]).abs().max()) < TOLERANCE * largest, worst[0]


def _grad(parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def blocks(ours: str, theirs: str, count: int, layer: Names) -> dict[str, list[str]]:
    """Names of `count` blocks from those of one."""
    return {
        f"{ours}.{i}.{name}": [f"{theirs}.{i}.{s}" for s in ([source] if isinstance(source, str) else source)]
        for i in range(count)
        for name, source in layer.items()
    }
