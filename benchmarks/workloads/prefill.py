"""Reading prompts: images and text in, the last token's logits and a filled cache out.

Shapes: B rows, T tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from benchmarks import counts
from benchmarks.contestants import compiled, models, submodule
from benchmarks.models import LLAVA, LLAVA_IMAGE, QWEN, QWEN_IMAGE, Reference, saved, theirs
from benchmarks.workload import Contest, Contestant, Goal, Ratio, Setting, Workload
from benchmarks.workloads.vision import patches

Inputs = dict[str, Tensor]
LENGTHS = {"25": (110, 90, 60, 100), "50": (160, 40, 56, 64), "68": (250, 30, 22, 18)}
"""Percent of padding → tokens of each row: as many real tokens each."""


def text(count: int, seed: int = 2) -> Tensor:
    """Ids that are no placeholder."""
    return torch.randint(3, 31_000, (count,), generator=torch.Generator().manual_seed(seed))


def llava_prompt(dtype: torch.dtype) -> Inputs:
    """One image of 576 tokens and 64 of text."""
    ids = torch.cat([text(8), torch.full((576,), LLAVA_IMAGE), text(56, seed=4)])[None]
    pixels = torch.randn(1, 3, 336, 336, generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "pixel_values": pixels.to(dtype)}


def qwen_prompt(dtype: torch.dtype) -> Inputs:
    """One image of 512 px, which is 256 tokens, and 384 of text."""
    image = torch.cat([torch.tensor([151_652]), torch.full((256,), QWEN_IMAGE), torch.tensor([151_653])])
    ids = torch.cat([text(8), image, text(374, seed=4)])[None]
    kinds = (ids == QWEN_IMAGE).int()
    return {"input_ids": ids, **patches(((32, 32),), 3 * 2 * 16 * 16, dtype), "mm_token_type_ids": kinds}


def ragged_prompts(lengths: Sequence[int]) -> Inputs:
    """Rows of text, padded on the left to the longest."""
    ids, mask = torch.zeros(len(lengths), max(lengths), dtype=torch.long), torch.zeros(len(lengths), max(lengths))
    for row, length in enumerate(lengths):
        ids[row, -length:], mask[row, -length:] = text(length, seed=row), 1
    return {"input_ids": ids, "attention_mask": mask.long()}


def last_logits(model: Any, inputs: Inputs) -> Callable[[], Tensor]:
    """Ours: the prompt into a cache, then the last token's logits, as `generate` does it."""
    cache = submodule(model, "cache").Cache
    rows, tokens = inputs["input_ids"].shape

    @torch.no_grad()
    def run() -> Tensor:
        kept = cache(model.language_model.layers, rows=rows, places=tokens + 1)
        return model.prefill(**{"attention_mask": None, **inputs}, cache=kept)  # type: ignore[no-any-return]

    return run


def their_logits(call: Callable[..., Any], inputs: Inputs, **keys: Any) -> Callable[[], Tensor]:
    """transformers: the prompt into a cache of its own, and the last token's logits."""

    @torch.no_grad()
    def run() -> Tensor:
        return call(**inputs, use_cache=True, **{"logits_to_keep": 1, **keys}).logits[:, -1]  # type: ignore[no-any-return]

    return run


def prepare(setting: Setting, reference: Reference, inputs: Inputs, *, race_compiled: bool = True) -> Contest:
    path = saved(reference, setting.dtype, setting.folder)
    model = theirs(reference, path)
    racing = [_their("transformers", their_logits(model, inputs))]
    if race_compiled and (call := compiled(model.forward, setting)) is not None:
        racing.append(_their("transformers, compiled", their_logits(call, inputs)))
    ours = models(reference, path)
    racing += [Contestant(name, "chiasm", last_logits(own, inputs), output=_same) for name, own in ours.items()]

    def exact() -> Tensor:
        double = theirs(reference, path, dtype=torch.float64)
        return their_logits(double, {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()})()

    def counted() -> dict[str, float]:
        peaks = {"": last_logits(ours["chiasm"], inputs), "transformers: ": their_logits(model, inputs)}
        peaks["transformers, all logits: "] = their_logits(model, inputs, logits_to_keep=0)
        found = {f"{name}MB at peak above the weights": counts.allocated(run).peak / 1e6 for name, run in peaks.items()}
        return (
            found
            | {"transformers: operators": counts.operators(peaks["transformers: "]).total()}
            | {"operators": counts.operators(peaks[""]).total()}
        )

    return Contest(racing, exact, counted, slow=True)


def default(setting: Setting) -> Contest:
    """transformers as its documentation calls it: logits of every token are computed."""
    inputs = llava_prompt(setting.torch_dtype)
    path = saved(LLAVA, setting.dtype, setting.folder)
    model = theirs(LLAVA, path)
    racing = [
        _their("transformers", their_logits(model, inputs)),
        _their("transformers, all logits", their_logits(model, inputs, logits_to_keep=0)),
    ]
    return Contest(racing, None, ratios=(Ratio("× all logits", "transformers, all logits", "transformers"),), slow=True)


def _their(name: str, run: Callable[[], Tensor]) -> Contestant:
    return Contestant(name, "transformers", run, output=_same)


def _same(out: Tensor) -> Tensor:
    return out


def _ragged(percent: str, lengths: Sequence[int]) -> Workload:
    padding = 1 - sum(lengths) / (len(lengths) * max(lengths))
    goal = Goal("× eager", round(1 / (1 - padding), 3), round(1.3 / (1 - padding), 3))
    return Workload(
        f"prefill-ragged-{percent}",
        f"read {len(lengths)} prompts of {min(lengths)} to {max(lengths)} tokens ({padding:.0%} would be padding)",
        lambda s: prepare(s, LLAVA, ragged_prompts(lengths), race_compiled=False),
        (goal,),
        quick=percent == "50",
    )


WORKLOADS = (
    Workload(
        "prefill-multi-head", "read 640 tokens, an image among them (LLaVA)",
        lambda s: prepare(s, LLAVA, llava_prompt(s.torch_dtype)), (Goal("× eager", 1.05, 1.20),), quick=True,
    ),
    Workload(
        "prefill-grouped", "read 642 tokens, an image among them (Qwen3-VL)",
        lambda s: prepare(s, QWEN, qwen_prompt(s.torch_dtype), race_compiled=False), (Goal("× eager", 1.05, 1.20),),
    ),
    Workload("prefill-all-logits", "what transformers' default costs it", default, dtypes=("fp32",), rounds=3),
    *(_ragged(percent, lengths) for percent, lengths in LENGTHS.items()),
)  # fmt: skip
