"""Counts what a call does instead of timing it: operators, host reads, bytes, graphs. Counts do not wobble."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules import module
from torch.overrides import TorchFunctionMode
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode

FREE = {"aten._unsafe_view.default", "aten.detach.default", "aten.alias.default", "aten.lift_fresh.default"}
"""Operators that compute nothing, besides views."""
ONE = {torch.rms_norm, nn.functional.rms_norm}
"""Functions that are one operator, whatever the processor's backend makes of them."""
WAITS = {"_local_scalar_dense", "nonzero", "masked_select", "is_nonzero", "equal", "_unique2", "unique_dim"}
"""Operators whose result the host has to wait for."""
READS = {torch.Tensor.tolist, torch.Tensor.numpy}
PRODUCTS = {
    "aten::addmm",
    "aten::mm",
    "aten::bmm",
    "aten::baddbmm",
    "aten::_scaled_dot_product_flash_attention_for_cpu",
}
"""Matrix products and attention, as the profiler calls them: both sides leave them to the same libraries."""


class _Whole(TorchFunctionMode):
    """Counts functions that stand for one operator, and host reads that dispatch none."""

    def __init__(self, seen: Operators) -> None:
        super().__init__()
        self.seen = seen

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        reads = func in READS
        if not reads and (func not in ONE or not self.seen.norms_once):
            return func(*args, **(kwargs or {}))
        outermost, self.seen.inside = not self.seen.inside, True
        try:
            return func(*args, **(kwargs or {}))
        finally:
            if outermost:
                self.seen.inside = False
                self.seen.reads += reads
                if not reads:
                    self.seen.operators[func.__name__] += 1


class Operators(TorchDispatchMode):
    """Operators that are dispatched while it is active: top-level, without views; and host reads.

    An `rms_norm` is one, called as a function or as a module of either library, whatever it is made of: a processor has
    no kernel for it. Without `norms_once` what it is made of counts.
    """

    def __init__(self, *, norms_once: bool = True) -> None:
        super().__init__()
        self.operators: Counter[str] = Counter()
        self.reads = 0
        self.inside = False
        self.norms_once = norms_once
        self._whole = _Whole(self)
        self._hooks: list[Any] = []

    def __enter__(self) -> Operators:
        if self.norms_once:
            self._hooks = [
                module.register_module_forward_pre_hook(lambda layer, _: self._norm(layer, inside=True)),
                module.register_module_forward_hook(lambda layer, *_: self._norm(layer, inside=False)),
            ]
        super().__enter__()
        self._whole.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._whole.__exit__(*error)
        super().__exit__(*error)
        for hook in self._hooks:
            hook.remove()

    def _norm(self, layer: nn.Module, *, inside: bool) -> None:
        if type(layer).__name__.endswith("RMSNorm"):
            self.inside = inside
            self.operators["rms_norm"] += inside

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.inside and not func.is_view and str(func) not in FREE:
            self.operators[str(func)] += 1
            self.reads += func.overloadpacket.__name__ in WAITS
            self.reads += "index" in str(func) and _masked(args)
        return func(*args, **(kwargs or {}))


def _masked(args: Any) -> bool:
    """An index by a boolean mask: how many elements it selects has to be read."""
    indices = args[1] if len(args) > 1 and isinstance(args[1], list | tuple) else ()
    return any(isinstance(i, torch.Tensor) and i.dtype == torch.bool for i in indices)


def operators(call: Callable[[], Any], *, norms_once: bool = True) -> Counter[str]:
    """How often each operator is dispatched."""
    with torch.no_grad(), Operators(norms_once=norms_once) as seen:
        call()
    return seen.operators


def host_reads(call: Callable[[], Any]) -> int:
    """How often the host asks for a value: on a device it would wait."""
    with torch.no_grad(), Operators() as seen:
        call()
    return seen.reads


def a_layer(deep: Callable[[], Any], shallow: Callable[[], Any], layers: int, *, norms_once: bool = True) -> float:
    """Operators of one layer: those of a model that has so many more layers, less those of the shallow one."""
    more, less = (operators(call, norms_once=norms_once).total() for call in (deep, shallow))
    return (more - less) / layers


@dataclass(frozen=True, slots=True)
class Allocated:
    """Memory of a call from torch's allocator: the most that was held at once, and all that was asked for, in bytes."""

    peak: int
    total: int


def allocated(call: Callable[[], Any]) -> Allocated:
    """Bytes above what was held before. What a library allocates by itself (oneDNN's scratch) is not seen."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as run:
        result = call()
        del result
    assert run.profiler is not None
    assert run.profiler.kineto_results is not None
    events = [e for e in run.profiler.kineto_results.events() if e.name() == "[memory]"]
    held = peak = total = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
        total += max(event.nbytes(), 0)
    return Allocated(peak, total)


def floor(call: Callable[[], Any]) -> dict[str, float]:
    """How much of transformers' call is matrix products and attention, and what the rest is worth at most.

    Where neither side has a faster product, a ratio cannot exceed the second figure.
    """
    with torch.no_grad(), profile(activities=[ProfilerActivity.CPU]) as run:
        call()
    events = run.key_averages()
    share = sum(e.self_cpu_time_total for e in events if e.key in PRODUCTS) / sum(e.self_cpu_time_total for e in events)
    return {
        "transformers: share of time in products and attention": share,
        "× eager if all else took no time": 1 / share,
    }


@dataclass(frozen=True, slots=True)
class Graphs:
    """What torch.compile captured: graphs, and breaks between them."""

    graphs: int
    breaks: int


def graphs(call: Callable[..., Any], inputs: list[dict[str, Any]], *, dynamic: bool | None = True) -> Graphs:
    """Graphs captured over a sweep of inputs, without generating code."""
    torch._dynamo.reset()
    captured = 0

    def backend(module: torch.fx.GraphModule, example: Any) -> Any:
        del example
        nonlocal captured
        captured += 1
        return module.forward

    torch._dynamo.utils.counters.clear()
    compiled = torch.compile(call, backend=backend, dynamic=dynamic)
    with torch.no_grad():
        for keywords in inputs:
            compiled(**keywords)
    breaks = sum(torch._dynamo.utils.counters["graph_break"].values())
    torch._dynamo.reset()
    return Graphs(captured, breaks)
