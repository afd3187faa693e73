"""A training step: ids and labels in, the loss and every gradient out; seconds, and memory above the weights.

Shapes: B rows, T tokens, V vocabulary.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import counts
from benchmarks.measure import timed_call
from benchmarks.models import TRAINED, ours, saved, theirs
from benchmarks.workload import Contest, Contestant, Goal, Ratio, Sample, Setting, Side, Value, Workload

TOKENS = 2048
IGNORED = -100


class Step:
    """Forward and backward; what is compared is the loss and the size of two gradients."""

    def __init__(self, model: Any, table: nn.Parameter, inner: nn.Parameter, labels_BT: Tensor) -> None:
        self.model, self.table, self.inner = model, table, inner
        ids = torch.randint(3, 151_000, (1, TOKENS), generator=torch.Generator().manual_seed(2))
        self.inputs = {"input_ids": ids, "labels": labels_BT}
        self.loss = torch.zeros(())

    def reset(self) -> None:
        self.model.zero_grad(set_to_none=True)

    def step(self) -> None:
        loss = self.model(**self.inputs).loss
        loss.backward()
        self.loss = loss.detach()

    def run(self) -> Sample:
        """Seconds, and memory above the weights: a step is so long that noting allocations costs it nothing."""
        samples: list[Sample] = []
        found = counts.allocated(lambda: samples.append(timed_call(self.step)))
        return replace(samples[0], extra={"MB": found.peak / 1e6})

    def output(self, sample: Sample) -> Tensor:
        del sample
        assert self.table.grad is not None
        assert self.inner.grad is not None
        made = torch.stack([self.loss.float(), self.table.grad.float().norm(), self.inner.grad.float().norm()])
        self.reset()
        return made


def labels(count: int) -> Tensor:
    """Labels (B,T) of the last so many tokens."""
    made = torch.full((1, TOKENS), IGNORED)
    made[:, -count:] = torch.randint(3, 151_000, (1, count), generator=torch.Generator().manual_seed(4))
    return made


def prepare(setting: Setting, labelled: int) -> Contest:
    path = saved(TRAINED, setting.dtype, setting.folder)
    # Nothing is dropped at random in either; checkpointing asks for this mode.
    model, own = theirs(TRAINED, path).train(), ours(TRAINED, path).train()
    text = model.model.language_model
    steps = {
        "transformers": Step(model, text.embed_tokens.weight, text.layers[0].mlp.down_proj.weight, labels(labelled)),
        "chiasm": Step(own, own.language_model.embedding.weight, _down(own), labels(labelled)),
    }
    racing = [
        Contestant(name, _side(name), step.run, step.reset, output=step.output, own_clock=True)
        for name, step in steps.items()
    ]

    def checkpointed() -> dict[str, float]:
        step = steps["transformers"]
        step.reset()
        model.gradient_checkpointing_enable()
        return {"transformers, checkpointed: MB at peak above the weights": step.run().extra["MB"]}

    ratios = (
        Ratio("× eager", "transformers", "chiasm*"),
        Ratio("× less memory", "transformers", "chiasm", "MB"),
    )
    values = (
        Value("transformers: MB at peak above the weights", "transformers", "MB"),
        Value("MB at peak above the weights", "chiasm", "MB"),
    )
    return Contest(racing, None, checkpointed if labelled < TOKENS else None, ratios, values, slow=True)


def _side(name: str) -> Side:
    return "chiasm" if name.startswith("chiasm") else "transformers"


def _down(model: Any) -> nn.Parameter:
    return model.language_model.layers[0].mlp.down.weight  # type: ignore[no-any-return]


WORKLOADS = (
    Workload(
        "train-few-labels", "a step over 2,048 tokens, 256 labelled, vocabulary 152k (1024 wide, 6 layers)",
        lambda s: prepare(s, 256), (Goal("× eager", 2.0, 3.0), Goal("× less memory", 3.0, 4.0)),
        dtypes=("fp32",), rounds=3, unit="s",
    ),
    Workload(
        "train-all-labels", "a step over 2,048 tokens, all labelled, vocabulary 152k (1024 wide, 6 layers)",
        lambda s: prepare(s, TOKENS), (Goal("× eager", 1.0, 1.15), Goal("× less memory", 3.0, 3.5)),
        dtypes=("fp32",), rounds=2, unit="s",
    ),
)  # fmt: skip
