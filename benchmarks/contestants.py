"""Ways of running a model: to add one, add a line to OURS; a workload then races it beside the others."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.models import Reference, ours, package
from benchmarks.workload import Setting

Way = Callable[[Any, int], Any]


def _packed(model: Any, rows: int) -> Any:
    """The same with its weights laid out for decoding so many rows, once, by an explicit call."""
    return model.prepack(rows=rows)


OURS: Mapping[str, Way] = {"chiasm": lambda model, _: model, "chiasm packed": _packed}
"""Name → what is done to a model that was loaded. What is compiled is a method of one of these."""


def models(reference: Reference, path: Path, *, rows: int = 0) -> dict[str, Any]:
    """Our model in each way that there is for decoding so many rows; without rows as it was loaded."""
    has = hasattr(package(reference).Model, "prepack")
    ways = {name: way for name, way in OURS.items() if name == "chiasm" or (rows and has)}
    return {name: way(ours(reference, path), rows) for name, way in ways.items()}


def compiled(call: Callable[..., Any], setting: Setting, *, dynamic: bool | None = None) -> Callable[..., Any] | None:
    """The call as torch.compile makes it; None where compilation was not asked for."""
    return torch.compile(call, dynamic=dynamic) if setting.compiled else None


def compiled_steps(
    model: Any, ids: Tensor, pixels: Tensor, *, regions: bool
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Our compiled prefill and step, as a whole or a block at a time; called once they compile."""
    cache = submodule(model, "cache").Cache
    kept = cache(model.language_model.layers, rows=ids.shape[0], places=ids.shape[1] + 8)
    if regions:
        submodule(model, "compiling").compile_blocks(model, dynamic=True)
        prefill, step = model.hidden, model.decode
    else:
        prefill, step = torch.compile(model.hidden, fullgraph=True), torch.compile(model.decode, fullgraph=True)
    return lambda: prefill(ids, pixel_values=pixels, cache=kept), lambda: step(ids[:, 0], kept)


def submodule(model: Any, name: str) -> Any:
    """A module of the package that a model comes from."""
    return importlib.import_module(f"{type(model).__module__.rpartition('.')[0]}.{name}")
