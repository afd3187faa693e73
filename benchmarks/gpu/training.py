"""A training step on a GPU: 7B widths, half of the layers, every token learned from, AdamW.

Half of the layers, so that both libraries' optimizers fit beside each other; a layer's share of the time is the same.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch

from benchmarks.gpu import pairs, work
from benchmarks.gpu.device import Site, Timed
from benchmarks.workload import Contest, Goal, Ratio, Value, Workload

LAYERS, ROWS, TOKENS = 16, 2, 2048


class Step:
    """Forward, backward and the optimizer's step of one model."""

    def __init__(self, model: Any, ids: torch.Tensor, *, fused: bool) -> None:
        self.model, self.ids = model.train(), ids
        self.optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-6, fused=fused)

    def run(self) -> torch.Tensor:
        loss: torch.Tensor = self.model(input_ids=self.ids, labels=self.ids).loss
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def reset(self) -> None:
        self.optimizer.zero_grad(set_to_none=True)


def step(site: Site) -> Contest:
    """transformers with gradient checkpointing against ours with selective checkpointing, its blocks compiled."""
    pair = pairs.pair(site, "llava", "1.5-7b", language_model={"layers": LAYERS})
    rows, tokens = site.sized((ROWS, TOKENS), (2, 24))
    ids = site.ids(pair.text.vocab_size - 64, rows, tokens)
    flops = work.training(pair.text, pair.ours.language_model.layers, rows, tokens)
    ideal = {"MFU": flops / site.rates["product"], "MFU of 989 TFLOP/s": flops / 989e12}
    with warnings.catch_warnings():
        # Its name changes from release to release; the kept one works in all.
        warnings.simplefilter("ignore", FutureWarning)
        pair.theirs.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    pair.module("training").checkpoint_activations(pair.ours.language_model)
    if site.compiled:
        pair.module("compiling").compile_blocks(pair.ours.language_model)
    steps = {
        "transformers": Step(pair.theirs, ids, fused=not site.dry),
        "chiasm": Step(pair.ours, ids, fused=not site.dry),
    }
    racing = [Timed(name, name, one.run, one.reset, ideal=ideal) for name, one in steps.items()]  # type: ignore[arg-type]
    return Contest(
        racing,
        counts=lambda: _losses(steps),
        ratios=(
            Ratio("× transformers", "transformers", "chiasm"),
            Ratio("memory", "chiasm", "transformers", "peak GB"),
        ),
        values=(Value("MFU of 989 TFLOP/s", "chiasm", "MFU of 989 TFLOP/s"), Value("MFU", "chiasm", "MFU")),
    )


def _losses(steps: dict[str, Step]) -> dict[str, float]:
    """Both losses over the same weights and ids: they began equal, and were trained alike."""
    found = {}
    for name, one in steps.items():
        one.reset()
        with torch.no_grad():
            found[f"{name}: loss"] = float(one.model(input_ids=one.ids, labels=one.ids).loss)
    return found


WORKLOADS = (
    Workload(
        "training-7b", f"LLaVA-1.5-7B's widths, {LAYERS} layers: a step over {ROWS} × {TOKENS} tokens", step,
        (Goal("MFU of 989 TFLOP/s", 0.38, 0.45), Goal("memory", 0.6, 0.45, at_least=False)), rounds=5,
    ),
)  # fmt: skip
