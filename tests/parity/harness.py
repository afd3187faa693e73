"""Compares a reference with the package generated for it, by the contract alone."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

TOLERANCE = 1e-5
IGNORED = -100


def package(name: str) -> Any:
    return importlib.import_module(f"generated.{name}")


def load(name: str, reference: nn.Module, folder: Path, cls: str = "Model", **keys: Any) -> Any:
    """Save the reference as transformers does, load it as a user of the package does."""
    reference.save_pretrained(folder)  # type: ignore[operator]
    return getattr(package(name), cls).from_pretrained(folder, **keys)


def error(ours: Tensor, theirs: Tensor) -> float:
    """Largest difference over the largest absolute value."""
    ours, theirs = ours.detach().double(), theirs.detach().double()
    return float((ours - theirs).abs().max() / theirs.abs().max().clamp_min(1e-30))


def real(logits: Tensor, mask: Tensor | None) -> Tensor:
    """The rows at real positions, (M, V)."""
    return logits.flatten(0, 1) if mask is None else logits[mask.bool()]


def labels_of(inputs: dict[str, Tensor]) -> Tensor:
    """Labels at text positions of real tokens, ignored elsewhere."""
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    return torch.where((mask == 1) & (ids < 120), ids, torch.full_like(ids, IGNORED))


def released_gradients(model: Any) -> dict[str, Tensor]:
    """Gradients under released names: written in the place of the weights, saved and read back."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        return {k: v for file in sorted(Path(folder).glob("*.safetensors")) for k, v in load_file(file).items()}
