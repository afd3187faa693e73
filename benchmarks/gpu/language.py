"""Reading and writing on a GPU: prompts through a language model, and tokens behind a context.

Shapes: B rows, T tokens of a prompt, S steps, V vocabulary, L places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from benchmarks.gpu import pairs, work
from benchmarks.gpu.device import Site, Timed, kernels, waits
from benchmarks.workload import Contest, Goal, Ratio, Value, Workload
from benchmarks.workloads.decode import Dynamic, Pristine, Static

STEPS = 16
"""Tokens of a timed run."""
WITHOUT = "chiasm, without Triton"


@contextmanager
def without_triton(pair: pairs.Pair) -> Iterator[None]:
    """Inside, the package runs as where Triton is not installed."""
    fused = pair.module("fused")
    installed, fused.installed = fused.installed, lambda: False
    try:
        yield
    finally:
        fused.installed = installed


def prefill(site: Site, rows: int, tokens: int) -> Contest:
    """LLaVA-1.5-7B's prompt of so many tokens, the logits of its last."""
    pair = pairs.pair(site, "llava", "1.5-7b")
    model, rows, tokens = pair.ours, site.sized(rows, min(rows, 2)), site.sized(tokens, 12)
    ids = site.ids(pair.text.vocab_size - 64, rows, tokens)
    flops = work.prefill(pair.text, model.language_model.layers, rows, tokens)
    ideal = {"MFU": flops / site.rates["product"]}

    def reading(own: Any) -> Callable[[], Any]:
        return torch.no_grad()(lambda: own(input_ids=ids, logits_to_keep=1))

    def bare() -> Any:
        with without_triton(pair):
            return reading(model)()

    runs = {"transformers": reading(pair.theirs), "chiasm": reading(model), WITHOUT: bare}
    if site.compiled and tokens * rows < 1000:
        runs["transformers, compiled"] = reading(torch.compile(pair.theirs))
    racing = [
        Timed(name, "transformers" if name.startswith("tr") else "chiasm", run, output=_last, ideal=ideal)
        for name, run in runs.items()
    ]
    return Contest(
        racing,
        lambda: _last(pairs.exact(pair.theirs, lambda wide: wide(input_ids=ids, logits_to_keep=1))),
        counts=lambda: {"waits": waits(reading(model), site.device)},
        ratios=(
            Ratio("× eager", "transformers", "chiasm*"),
            Ratio("× best", "transformers*", "chiasm*"),
            Ratio("without Triton", "chiasm", WITHOUT),
        ),
        values=(Value("MFU", "chiasm*", "MFU"),),
    )


def _last(out: Any) -> Tensor:
    return out.logits[:, -1]  # type: ignore[no-any-return]


def replayed(site: Site, pair: pairs.Pair) -> None:
    """On the host a step that was recorded is run again, so that the way there is run too."""
    if not site.dry:
        return

    def record(run: Callable[[], Tensor], *_: Any) -> Callable[[], Tensor]:
        return run

    graphs = pair.module("graphs")
    graphs._record, graphs._pool = record, bool


class Steps:
    """Decoding by the package: a graph a step, or its kernels one by one; a run gives logits (S,B,V)."""

    def __init__(self, pair: pairs.Pair, kept: Pristine, ids_BS: Tensor, *, graphs: bool) -> None:
        self.model, self.kept, self.ids_BS = pair.ours, kept, ids_BS
        rows, context = ids_BS.shape[0], kept[0][0].shape[2]
        module = pair.module("graphs")
        size = {"rows": rows, "places": module.size(context + ids_BS.shape[1])}
        self.decoder = module.Decoder(self.model, **size) if graphs else None
        layers = self.model.language_model.layers
        self.cache = self.decoder.cache if self.decoder else pair.module("cache").Cache(layers, **size)

    def reset(self) -> None:
        context = self.kept[0][0].shape[2]
        for own, (k, v) in zip(self.cache.kept, self.kept, strict=True):
            own[:, :context] = torch.stack((k, v), 3).transpose(1, 2)
        self.cache.lengths_B.fill_(context)
        self.cache.positions_B.fill_(context)
        if self.decoder is not None:
            self.decoder.longest = context

    @torch.no_grad()
    def run(self) -> list[Tensor]:
        if self.decoder is None:
            return [self.model.decode(ids_B, self.cache) for ids_B in self.ids_BS.unbind(1)]
        return [self.decoder.step(self.model, ids_B).clone() for ids_B in self.ids_BS.unbind(1)]


def _pristine(site: Site, pair: pairs.Pair, rows: int, context: int) -> Pristine:
    text = pair.text
    shape = (rows, text.kv_heads, context, text.head_dim)
    return [(site.randn(*shape), site.randn(*shape)) for _ in range(text.layers)]


def decode(site: Site, package: str, preset: str, rows: int, context: int, *, compile_theirs: bool) -> Contest:
    """One more token a row, behind keys and values that are the same for all contestants."""
    pair = pairs.pair(site, package, preset)
    replayed(site, pair)
    rows, context = site.sized(rows, min(rows, 2)), site.sized(context, 12)
    kept = _pristine(site, pair, rows, context)
    ids = site.ids(pair.text.vocab_size - 64, rows, STEPS)
    size = kept[0][0].element_size()
    read = work.decode(pair.text, pair.ours.language_model.layers, rows, context + STEPS // 2, size)
    ideal = {"HBM": read / site.rates["copy"]}
    fused, racing = pair.module("fused"), []

    def add(name: str, runner: Any, run: Callable[[], Any] | None = None) -> None:
        side: Any = "transformers" if name.startswith("tr") else "chiasm"
        racing.append(
            Timed(name, side, run or runner.run, runner.reset, torch.stack, calls=STEPS, ideal=ideal)
        )  # fmt: skip

    add("transformers", Dynamic(pair.theirs, kept, ids))
    add("transformers static", Static(pair.theirs, kept, ids))
    if site.compiled and compile_theirs:
        static = Static(pair.theirs, kept, ids)
        static.call = _graphed(pair.theirs)
        add("transformers static, compiled", static)
    add("chiasm eager", Steps(pair, kept, ids, graphs=False))
    add("chiasm", Steps(pair, kept, ids, graphs=True))
    bare = Steps(pair, kept, ids, graphs=True)
    add(WITHOUT, bare, lambda: _bare(pair, bare))
    few = Steps(pair, kept, ids, graphs=True)
    fused.few_rows(pair.ours)
    few.reset()
    # Recorded now: what is switched off again stays in its graph.
    few.run()
    fused.few_rows(pair.ours, enabled=False)
    add("chiasm, few rows", few)
    return Contest(
        racing,
        lambda: _exactly(pair, kept, ids),
        ratios=(Ratio("× eager", "transformers", "chiasm*"), Ratio("× best", "transformers*", "chiasm*")),
        values=(Value("HBM", "chiasm*", "HBM"), Value("tokens a second, a row", "chiasm*", "HBM", 1 / ideal["HBM"])),
    )


def _bare(pair: pairs.Pair, steps: Steps) -> list[Tensor]:
    with without_triton(pair):
        return steps.run()


def _graphed(model: Any) -> Callable[..., Any]:
    """transformers' forward at its best: compiled, and replayed as a CUDA graph."""
    call = torch.compile(model.forward, mode="reduce-overhead", fullgraph=True)

    def run(**inputs: Any) -> Any:
        torch.compiler.cudagraph_mark_step_begin()
        out = call(**inputs)
        # The next step is written over this one's.
        out.logits = out.logits.clone()
        return out

    return run


def _exactly(pair: pairs.Pair, kept: Pristine, ids: Tensor) -> Tensor:
    def steps(wide: Any) -> Tensor:
        dtype = next(wide.parameters()).dtype
        runner = Dynamic(wide, [(k.to(dtype), v.to(dtype)) for k, v in kept], ids)
        runner.reset()
        return torch.stack(runner.run())

    return pairs.exact(pair.theirs, steps)  # type: ignore[no-any-return]


def counted(site: Site) -> Contest:
    """Kernels of a decoder layer inside one step's graph, at a 2B model's widths, and what waits for the device."""
    found: dict[str, float] = {}
    for fewer in (False, True):
        total = {}
        for layers in (4, 8):
            pair = pairs.pair(site, "qwen3_vl", "2b", language_model={"layers": layers})
            replayed(site, pair)
            steps = Steps(pair, _pristine(site, pair, 1, 8), site.ids(100, 1, 2), graphs=True)
            pair.module("fused").few_rows(pair.ours, enabled=fewer)
            steps.reset()
            steps.run()
            steps.reset()
            total[layers] = kernels(steps.run, site.device).total() / 2
            steps.reset()
            found["waits in a step"] = waits(steps.run, site.device)
            pair.module("fused").few_rows(pair.ours, enabled=False)
        found["kernels a layer" + ", few rows" * fewer] = (total[8] - total[4]) / 4
    return Contest([], counts=lambda: found, ratios=())


def _decode(name: str, title: str, package: str, preset: str, rows: int, context: int, goals: Any) -> Workload:
    return Workload(
        name, title,
        lambda site: decode(site, package, preset, rows, context, compile_theirs=rows == 1), goals, quick=rows == 1,
    )  # fmt: skip


NEVER = Goal("waits", 0, 0, at_least=False)
ALIKE = Goal("without Triton", 0.95, 1.0)
WORKLOADS = (
    Workload(
        "prefill-7b-b1", "LLaVA-1.5-7B, 640 tokens", lambda site: prefill(site, 1, 640),
        (Goal("MFU", 0.5, 0.6), Goal("× best", 1.1, 1.3), ALIKE, NEVER), quick=True,
    ),
    Workload(
        "prefill-7b-b8", "LLaVA-1.5-7B, 8 × 640 tokens", lambda site: prefill(site, 8, 640),
        (Goal("MFU", 0.65, 0.75), ALIKE, NEVER),
    ),
    Workload(
        "prefill-7b-3k", "LLaVA-1.5-7B, 2,992 tokens", lambda site: prefill(site, 1, 2992),
        (Goal("MFU", 0.65, 0.75), ALIKE, NEVER),
    ),
    _decode(
        "decode-7b-b1", "LLaVA-1.5-7B, a token behind 640", "llava", "1.5-7b", 1, 640,
        (Goal("HBM", 0.75, 0.85), Goal("× eager", 2.5, 3.0), Goal("× best", 1.05, 1.2)),
    ),
    _decode(
        "decode-7b-b8", "LLaVA-1.5-7B, 8 tokens behind 640 each", "llava", "1.5-7b", 8, 640, (Goal("HBM", 0.7, 0.8),)
    ),
    _decode(
        "decode-2b-b1", "Qwen3-VL-2B, a token behind 1,088", "qwen3_vl", "2b", 1, 1088,
        (Goal("HBM", 0.45, 0.6), Goal("× eager", 5.0, 6.0), Goal("× best", 1.05, 1.2)),
    ),
    Workload(
        "decode-kernels", "kernels of a decoder layer in one token's graph", counted,
        (Goal("kernels a layer", 12, 8, at_least=False), Goal("waits in a step", 0, 0, at_least=False)), quick=True,
    ),
)  # fmt: skip
