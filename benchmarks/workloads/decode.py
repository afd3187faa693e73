"""Decoding: one more token a row, behind a context whose keys and values are the same for all contestants.

Shapes: B rows, K key/value heads, L places, E width of a head, V vocabulary, S steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import transformers as tf
from torch import Tensor

from benchmarks import counts
from benchmarks.contestants import compiled, models, submodule
from benchmarks.models import GROUPED, LLAVA, NARROW, Reference, ours, saved, theirs, tiny_llava
from benchmarks.workload import Contest, Contestant, Goal, Setting, Workload

STEPS = 4
"""Tokens of a timed run."""
Pristine = list[tuple[Tensor, Tensor]]


def pristine(config: Any, rows: int, context: int, dtype: torch.dtype) -> Pristine:
    """Keys and values (B,K,L,E) of every layer, as if so many tokens had been read."""
    text = config.get_text_config(decoder=True)
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    shape = (rows, text.num_key_value_heads, context, head)
    generator = torch.Generator().manual_seed(3)
    made = [torch.randn(shape, generator=generator).to(dtype) for _ in range(2 * text.num_hidden_layers)]
    return list(zip(made[::2], made[1::2], strict=True))


class Dynamic:
    """transformers' default cache; a run gives logits (S,B,V)."""

    def __init__(self, model: Any, kept: Pristine, ids_BS: Tensor) -> None:
        self.model, self.kept, self.ids_BS = model, kept, ids_BS
        self.call: Callable[..., Any] = model
        self.cache: Any = tf.DynamicCache(config=model.config)

    def reset(self) -> None:
        for layer, (k, v) in zip(self.cache.layers, self.kept, strict=True):
            if not layer.is_initialized:
                layer.lazy_initialization(k, v)
            layer.keys, layer.values = k, v

    @torch.no_grad()
    def run(self) -> list[Tensor]:
        return [
            self.call(
                input_ids=self.ids_BS[:, i : i + 1], past_key_values=self.cache, use_cache=True, logits_to_keep=1
            ).logits[:, 0]
            for i in range(self.ids_BS.shape[1])
        ]


class Static(Dynamic):
    """transformers' static cache, as large as needed."""

    def __init__(self, model: Any, kept: Pristine, ids_BS: Tensor) -> None:
        super().__init__(model, kept, ids_BS)
        self.places = kept[0][0].shape[2] + ids_BS.shape[1]
        self.cache = tf.StaticCache(config=model.config, max_cache_len=self.places)

    def reset(self) -> None:
        for layer, (k, v) in zip(self.cache.layers, self.kept, strict=True):
            if not layer.is_initialized:
                layer.lazy_initialization(k, v)
            layer.keys[:, :, : k.shape[2]] = k
            layer.values[:, :, : k.shape[2]] = v
            layer.cumulative_length.fill_(k.shape[2])


class Ours:
    """A generated package's cache; a run gives logits (S,B,V)."""

    def __init__(self, model: Any, kept: Pristine, ids_BS: Tensor) -> None:
        self.kept, self.ids_BS = kept, ids_BS
        self.call: Callable[[Tensor, Any], Tensor] = model.decode
        module = submodule(model, "cache")
        rows, context = ids_BS.shape[0], kept[0][0].shape[2]
        self.cache = module.Cache(model.language_model.layers, rows=rows, places=context + ids_BS.shape[1])

    def reset(self) -> None:
        context = self.kept[0][0].shape[2]
        for (keys, values), (k, v) in zip(_tensors(self.cache), self.kept, strict=True):
            keys[:, :, :context] = k
            values[:, :, :context] = v
        self.cache.lengths_B.fill_(context)
        self.cache.positions_B.fill_(context)

    @torch.no_grad()
    def run(self) -> list[Tensor]:
        return [self.call(self.ids_BS[:, i], self.cache) for i in range(self.ids_BS.shape[1])]


def _tensors(cache: Any) -> list[tuple[Tensor, Tensor]]:
    """Keys and values (B,K,L,E) of every layer, as views."""
    return [(kept[..., 0, :].transpose(1, 2), kept[..., 1, :].transpose(1, 2)) for kept in cache.kept]


def contestant(name: str, runner: Dynamic | Ours, call: Callable[..., Any] | None = None) -> Contestant:
    """A runner, with another call in the place of its model's where one is given."""
    if call is not None:
        runner.call = call
    return Contestant(
        name, "chiasm" if isinstance(runner, Ours) else "transformers", runner.run, runner.reset,
        output=torch.stack, calls=runner.ids_BS.shape[1],
    )  # fmt: skip


def prepare(setting: Setting, reference: Reference, rows: int, context: int, steps: int) -> Contest:
    path = saved(reference, setting.dtype, setting.folder)
    model = theirs(reference, path)
    kept = pristine(model.config, rows, context, setting.torch_dtype)
    vocabulary = model.config.get_text_config().vocab_size
    ids = torch.randint(3, min(vocabulary, 32_000), (rows, steps), generator=torch.Generator().manual_seed(5))
    racing = [
        contestant("transformers", Dynamic(model, kept, ids)),
        contestant("transformers static", Static(model, kept, ids)),
    ]
    if (call := compiled(model.forward, setting)) is not None:
        racing.append(contestant("transformers static, compiled", Static(model, kept, ids), call))
    for name, own in models(reference, path, rows=rows).items():
        racing.append(contestant(name, Ours(own, kept, ids)))
        # Of blocked weights, which are for several rows, a compiler knows nothing.
        if (name == "chiasm" or rows == 1) and (call := compiled(own.decode, setting)) is not None:
            racing.append(contestant(f"{name}, compiled", Ours(own, kept, ids), call))

    def exact() -> Tensor:
        double = Dynamic(theirs(reference, path, dtype=torch.float64), [(k.double(), v.double()) for k, v in kept], ids)
        double.reset()
        return torch.stack(double.run())

    def counted() -> dict[str, float]:
        step = ids[:, :1]
        found = {}
        for name, runner in (("", Ours(own, kept, step)), ("transformers: ", Dynamic(model, kept, step))):
            runner.reset()
            found[f"{name}MB allocated a step"] = counts.allocated(runner.run).total / 1e6
        return found

    return Contest(racing, exact, counted)


def count_operators(setting: Setting) -> Mapping[str, float]:
    """Operators of a decoder layer in one step, and values that the host reads."""
    runners: dict[tuple[str, int], Dynamic | Ours] = {}
    for layers in (2, 6):
        reference = tiny_llava(layers)
        path = saved(reference, "fp32", setting.folder)
        model = theirs(reference, path)
        kept, ids = pristine(model.config, 2, 8, torch.float32), torch.full((2, 1), 5)
        runners["transformers", layers] = Dynamic(model, kept, ids)
        runners["static", layers] = Static(model, kept, ids)
        runners["chiasm", layers] = Ours(ours(reference, path), kept, ids)
    for runner in runners.values():
        runner.reset()

    def a_layer(name: str, *, norms_once: bool = True) -> float:
        for layers in (2, 6):
            runners[name, layers].reset()
        return counts.a_layer(runners[name, 6].run, runners[name, 2].run, 4, norms_once=norms_once)

    found: dict[str, float] = {}
    for side, name in (("", "chiasm"), ("transformers: ", "transformers"), ("transformers static: ", "static")):
        found[f"{side}operators a layer"] = a_layer(name)
        found[f"{side}operators a layer, inside norms too"] = a_layer(name, norms_once=False)
    runners["chiasm", 6].reset()
    found["host reads"] = counts.host_reads(runners["chiasm", 6].run)
    return found


def _counting(setting: Setting) -> Contest:
    return Contest([], counts=lambda: count_operators(setting), ratios=())


def _goals(rows: int) -> tuple[Goal, ...]:
    if rows > 1:
        return (Goal("× eager", 1.35, None), Goal("× best", 1.05, 1.3))
    return (
        Goal("× eager", 1.2, None, dtypes=("fp32",)),
        Goal("× best", 1.0, None, dtypes=("fp32",)),
        Goal("× eager", 1.4, 1.9, dtypes=("bf16",), rests_on="avx512_bf16"),
        Goal("× best", 1.15, 1.3, dtypes=("bf16",), rests_on="avx512_bf16"),
    )


TOGETHER = Goal("× eager, geometric mean", None, 2.5)
"""Of all workloads of eight rows in one precision; their own goals hold for each."""


def _workload(reference: Reference, kind: str, rows: int, context: int) -> Workload:
    quick = (rows, kind, context) in {(1, "multi-head", 640), (8, "grouped", 2048)}
    return Workload(
        f"decode-b{rows}-{kind}-{context}",
        f"decode a token: batch {rows}, {kind}, {context} tokens before it",
        lambda setting: prepare(setting, reference, rows, context, STEPS),
        _goals(rows),
        quick=quick,
    )


WORKLOADS = (
    *(
        _workload(reference, kind, rows, context)
        for reference, kind in ((LLAVA, "multi-head"), (GROUPED, "grouped"))
        for rows in (1, 8)
        for context in (640, 2048)
    ),
    Workload(
        "decode-small-width",
        "decode a token: width 128, 32 layers, batch 1, 128 tokens before it",
        lambda setting: prepare(setting, NARROW, 1, 128, 8),
        (Goal("× eager", 1.5, 2.0), Goal("× best", None, 1.3)),
        dtypes=("fp32",),
    ),
    Workload(
        "decode-operators",
        "operators of a decoder layer",
        _counting,
        (Goal("operators a layer", 16, 13, at_least=False), Goal("host reads", 0, 0, at_least=False)),
        dtypes=("fp32",),
        quick=True,
        unit="",
    ),
)
