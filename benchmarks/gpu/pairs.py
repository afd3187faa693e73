"""The same random weights in both libraries, made on the device: nothing is downloaded."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import transformers as tf

from benchmarks.gpu.device import Site


@dataclass(frozen=True)
class Pair:
    """A generated model and transformers' model of the same weights, neither of them training."""

    package: Any
    ours: Any
    theirs: Any

    @property
    def text(self) -> Any:
        """Settings of the language model."""
        return self.ours.config.language_model

    def module(self, name: str) -> Any:
        """A module of the generated package."""
        return importlib.import_module(f"{self.package.__name__}.{name}")


_KEPT: dict[str, Pair] = {}
"""The last pair: workloads of one model follow each other."""


def pair(site: Site, package: str, preset: str, **changes: Any) -> Pair:
    """A preset with changed slots, say `language_model={"layers": 2}`; the tiny one on the host."""
    name = f"{package} {preset} {sorted(changes.items())}"
    if name not in _KEPT:
        forget()
        module = importlib.import_module(f"generated.{package}")
        config = module.PRESETS["tiny"] if site.dry else module.PRESETS[preset]
        if not site.dry:
            config = replace(
                config, **{slot: replace(getattr(config, slot), **values) for slot, values in changes.items()}
            )
        ours = _ours(site, module, config)
        _KEPT[name] = Pair(module, ours, _theirs(site, ours))
    return _KEPT[name]


def forget() -> None:
    """Frees the pair that was kept."""
    _KEPT.clear()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _ours(site: Site, module: Any, config: Any) -> Any:
    with torch.device("meta"):
        model = module.Model(config)
    model = model.to(site.torch_dtype).to_empty(device=site.device)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.02)
            if parameter.ndim == 1:
                parameter.add_(1)
    importlib.import_module(f"{module.__name__}.layers").rebuild(model, site.device)
    return model.eval()


def _theirs(site: Site, ours: Any) -> Any:
    """transformers' model, from a state dict of the released names."""
    naming = importlib.import_module(f"{type(ours).__module__.rpartition('.')[0]}.naming")
    state = {}
    for entry in naming.entries_of(ours, "hub"):
        owner, leaf = naming.owner(ours, entry.ours)
        parts = naming.unpack(ours, entry.ours, getattr(owner, leaf).detach(), len(entry.theirs))
        for name, part, shape in zip(entry.theirs, parts, entry.shapes, strict=True):
            state[name] = part.reshape(shape).contiguous()
    reference = ours.config.to_reference()
    cls = getattr(tf, reference["architectures"][0])
    config = cls.config_class.from_dict(reference)
    model: Any = cls.from_pretrained(
        None, config=config, state_dict=state, dtype=site.torch_dtype, attn_implementation="sdpa"
    )
    return model.to(site.device).eval()


def exact(model: Any, call: Callable[[Any], Any]) -> Any:
    """What a model gives in double precision (single, where doubles would not fit beside the others)."""
    import copy  # noqa: PLC0415

    small = sum(p.numel() for p in model.parameters()) < 2e9
    wide = copy.deepcopy(model).to(torch.float64 if small else torch.float32)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.no_grad():
            return call(wide)
    finally:
        torch.set_float32_matmul_precision(before)
        del wide
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
