"""Checkpoints of tiny references, saved, changed and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers as tf
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.parity.references import CASES, case

tf.utils.logging.disable_progress_bar()

DIFFERENT = {c.name: c for c in CASES if "padd" not in c.name or c.name == "llava-no-padding"}
SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 36,
    "intermediate_size": 52,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "image_size": 32,
    "patch_size": 10,
}
Change = Callable[[dict[str, Tensor]], None]


def weights(folder: Path) -> dict[str, Tensor]:
    return {name: tensor for file in sorted(folder.glob("*.safetensors")) for name, tensor in load_file(file).items()}


def same(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def saved(folder: Path, name: str = "llava") -> Path:
    torch.manual_seed(0)
    case(name).build().save_pretrained(folder)  # type: ignore[operator]
    return folder


def changed(folder: Path, change: Change, name: str = "llava") -> Path:
    """A saved reference whose tensors were tampered with."""
    tensors = weights(saved(folder, name))
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def configured(folder: Path, name: str = "llava", **keys: Any) -> Path:
    """A saved reference whose config.json says something else at dotted keys (`__` for a dot); ... removes one."""
    file = saved(folder, name) / "config.json"
    config = json.loads(file.read_text())
    for key, value in keys.items():
        *parents, last = key.split("__")
        part = config
        for parent in parents:
            part = part[parent]
        if value is ...:
            part.pop(last)
        else:
            part[last] = value
    file.write_text(json.dumps(config))
    return folder
