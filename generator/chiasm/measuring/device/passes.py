"""Builds a preset on the meta device and runs it there: a job in, what its weights and its passes come to out.

Shapes: B rows, T tokens.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from chiasm.measuring.device.watch import Found, Watch


class Job(TypedDict):
    """What is measured: a package and a preset of it, what it is given, and by which names its weights are summed."""

    package: str
    variant: str
    dtype: str
    batch: int
    images: Sequence[tuple[int, int]]
    """Width and height in px of every image of a row, as they come."""
    frames: int
    tokens: int
    context: int
    scopes: Mapping[str, Sequence[str]]
    """Scope → names of the modules and tensors that are in it."""
    run: bool
    """Run a forward pass and, where there is one, a decoding step; else weights are measured alone."""


def measure(job: Job) -> Found:
    """What one preset has and does. Raises ValueError where the package refuses what it is given."""
    package = importlib.import_module(f"generated.{job['package']}")
    dtype = getattr(torch, job["dtype"])
    with torch.device("meta"):
        model = package.Model(package.PRESETS[job["variant"]]).to(dtype).eval()
    found = _weights(model, job["scopes"])
    if job["run"]:
        with torch.no_grad():
            found |= _passes(package, model, job, dtype)
    return found


def _weights(model: nn.Module, scopes: Mapping[str, Sequence[str]]) -> Found:
    """Parameters and their bytes, by scope and in all; a tied table is one tensor."""
    named = dict(model.named_parameters())
    found: Found = {}
    for scope, names in {"total": ("",), **scopes}.items():
        own = [p for name, p in named.items() if any(_within(name, part) for part in names)]
        found[f"parameters {scope}"] = sum(p.numel() for p in own)
        found[f"bytes {scope}"] = sum(p.numel() * p.element_size() for p in own)
    return found


def _within(name: str, part: str) -> bool:
    return not part or name == part or name.startswith(f"{part}.")


def _passes(package: Any, model: Any, job: Job, dtype: torch.dtype) -> Found:
    """A pass over the whole sequence, and one more token in every row."""
    images, lengths = _images(package, model.config, job, dtype)
    watch = Watch(package, lengths)
    ids_BT = torch.empty(job["batch"], job["tokens"], dtype=torch.long, device="meta")
    generative = hasattr(model, "decode")
    with watch.over(model):
        if generative:
            # Every token through every layer; the head reads the last one of each row.
            model.language_model.logits(model.hidden(input_ids=ids_BT, **images)[:, -1])
        else:
            model(input_ids=ids_BT, **images)
    found = watch.found(images) | _budgeted(package, model.config, job)
    if generative:
        cache = importlib.import_module(f"{package.__name__}.cache").Cache(
            model.language_model.layers, rows=job["batch"], places=job["context"]
        )
        found["cache total"] = sum(kept.numel() * kept.element_size() for kept in cache.kept)
        watch = Watch(package, lengths)
        with watch.over(model):
            model.decode(ids_BT[:, 0], cache)
        found |= watch.decoded()
    return found


def _budgeted(package: Any, config: Any, job: Job) -> Found:
    """Visual tokens of each image of a row, by the package's own budget."""
    budget = importlib.import_module(f"{package.__name__}.budget")
    if not hasattr(budget, "image_tokens"):
        return {}
    sizes = [budget.image_tokens(config, **named) * frames for named, frames in _read(package, config, job)]
    return {f"tokens image {number}": tokens for number, tokens in enumerate(sizes, 1)}


def _read(package: Any, config: Any, job: Job) -> list[tuple[dict[str, int], int]]:
    """For each image of a row: the sides at which the package reads it, where they follow from its own; frames."""
    if not hasattr(config.encoder, "temporal_patch_size"):
        return [({}, 1)] * len(job["images"])
    reader = package.Processor.images_of(config)
    frames = -(-max(job["frames"], 1) // config.encoder.temporal_patch_size)
    sizes = [reader.size(height, width) for width, height in job["images"]]
    return [({"height": height, "width": width}, frames) for height, width in sizes]


def _images(package: Any, config: Any, job: Job, dtype: torch.dtype) -> tuple[dict[str, Tensor], list[int]]:
    """The tensors that stand for all rows' images, sized as the package's own preprocessing does it.

    Besides: the lengths of the sequences that a packing encoder makes of them.
    """
    encoder, count = config.encoder, job["batch"] * len(job["images"])
    if not hasattr(encoder, "temporal_patch_size"):
        side = encoder.image_size
        return {"pixel_values": torch.empty(count, encoder.channels, side, side, dtype=dtype, device="meta")}, []
    sides = _read(package, config, job) * job["batch"]
    grid = torch.tensor([(frames, *(side // encoder.patch_size for side in read.values())) for read, frames in sides])
    width = encoder.channels * encoder.temporal_patch_size * encoder.patch_size**2
    patches = torch.empty(int(grid.prod(-1).sum()), width, dtype=dtype, device="meta")
    lengths = [rows * columns for time, rows, columns in grid.tolist() for _ in range(time)]
    return {"pixel_values": patches, "image_grid_thw": grid}, lengths
