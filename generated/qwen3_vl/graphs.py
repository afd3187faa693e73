"""CUDA graphs: a function's kernels recorded once and launched together, and decoding made of such launches.

Shapes: B rows, V vocabulary. A graph reads and writes the same memory every time: inputs are copied
to where it reads them, and an output is valid until the next launch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from itertools import chain
from typing import Any, Self
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from . import fused
from .cache import Cache

KEPT = 2
"""Decoders of a model that are kept when they are not in use, each with its cache."""

LEAST = 256
"""Places of the smallest cache, and of the shortest part of one that a graph looks at."""


def capture(function: Callable[..., Tensor], *inputs: Tensor) -> Callable[..., Tensor]:
    """A function of tensors on CUDA, without gradients, as one graph: it takes inputs of these shapes and types."""
    static = [x.clone() for x in inputs]
    with torch.no_grad():
        replay = _record(lambda: function(*static), static[0].device)

    def launch(*given: Tensor) -> Tensor:
        for here, x in zip(static, given, strict=True):
            if here.shape != x.shape or here.dtype != x.dtype:
                raise ValueError(f"captured for {tuple(here.shape)} {here.dtype}, got {tuple(x.shape)} {x.dtype}")
            here.copy_(x)
        return replay()

    return launch


class Decoder:
    """The steps of `Generation.decode` over a cache of its own, one graph for every length of it that is looked at.

    Where attention reads only the places that are taken, that is one graph; else one for every power of two.
    """

    def __init__(self, model: Any, *, rows: int, places: int) -> None:
        self.rows, self.places = rows, places
        # Tensors that outlive the caller's inference mode must not be its own.
        with torch.inference_mode(False):
            self.cache = Cache(model.language_model.layers, rows=rows, places=places)
            self.device = self.cache.lengths_B.device
            self.ids_B = torch.zeros(rows, dtype=torch.long, device=self.device)
        self.longest = 0
        """Places taken in the longest row: known to the host, since reading it from the device would wait."""
        self.fingerprint = _fingerprint(model)
        self._graphs: dict[int, Callable[[], Tensor]] = {}
        self._pool: Any = None

    @classmethod
    def of(cls, model: Any, *, rows: int, places: int, longest: int) -> Self | None:
        """One with room for `places` in each of `rows` rows, whose longest prompt has `longest` tokens.

        An idle one of the model is used again unless a weight has moved since. None where steps cannot be recorded:
        off CUDA, sharded, compiled or under autocast.
        """
        if not _recordable(model):
            return None
        room, now = size(places), _fingerprint(model)
        with _LOCK:
            # A graph knows its weights by address.
            idle = [one for one in _IDLE.get(model, ()) if one.fingerprint == now]
            found = next((one for one in idle if type(one) is cls and (one.rows, one.places) == (rows, room)), None)
            _IDLE[model] = [one for one in idle if one is not found][-(KEPT - 1) :]
        decoder = cls(model, rows=rows, places=room) if found is None else found
        decoder.cache.clear()
        decoder.longest = longest
        return decoder

    def step(self, model: Any, ids_B: Tensor) -> Tensor:
        """Logits (B,V) after one more token in every row, valid until the next step."""
        reach = self._reach()
        self.ids_B.copy_(ids_B)
        if reach not in self._graphs:
            self._graphs[reach] = self._recorded(model, reach)
        logits_BV = self._graphs[reach]()
        self.longest += 1
        return logits_BV

    def release(self, model: Any) -> None:
        """Keeps it for the model's next prompts of this size."""
        with _LOCK:
            _IDLE[model] = [*_IDLE.get(model, ()), self][-KEPT:]

    def _reach(self) -> int:
        """How many places the next step looks at."""
        if self.longest >= self.places:
            raise ValueError(f"the cache has {self.places} places, all of them taken")
        return self.places if fused.installed() else min(size(self.longest + 1), self.places)

    def _recorded(self, model: Any, reach: int) -> Callable[[], Tensor]:
        cache = self.cache.first(reach)
        counters = (self.cache.lengths_B, self.cache.positions_B)
        with torch.inference_mode(False), torch.no_grad():
            kept = [x.clone() for x in counters]

            def rewind() -> None:
                # What warming up wrote into the cache, the step itself writes again.
                for counter, was in zip(counters, kept, strict=True):
                    counter.copy_(was)

            if self._pool is None:
                self._pool = _pool(self.device)

            def run() -> Tensor:
                with fused.overwriting():
                    logits_BV: Tensor = model.decode(self.ids_B, cache)
                return logits_BV

            return _record(run, self.device, self._pool, rewind)


def size(places: int) -> int:
    """At least so many places: a power of two up to 4096, then a multiple of 2048."""
    return max(LEAST, 1 << (places - 1).bit_length()) if places <= 4096 else -(-places // 2048) * 2048


def forget(model: nn.Module) -> None:
    """Frees what is kept of a model's decoding: graphs and caches that are not in use."""
    with _LOCK:
        _IDLE.pop(model, None)


_IDLE: WeakKeyDictionary[nn.Module, list[Decoder]] = WeakKeyDictionary()
_LOCK = threading.Lock()


def _recordable(model: Any) -> bool:
    text = model.language_model
    return (
        all(type(p) is nn.Parameter and p.is_cuda for p in text.parameters())
        and all(part._compiled_call_impl is None for part in text.modules())  # noqa: SLF001
        and not torch.compiler.is_compiling()
        and not torch.is_autocast_enabled("cuda")
    )


def _fingerprint(model: Any) -> Hashable:
    """What a graph of decoding depends on: where each tensor is, and what runs."""
    text = model.language_model
    tensors = tuple((t.data_ptr(), t.dtype, t.shape) for t in chain(text.parameters(), text.buffers()))
    code = tuple(
        (id(m), id(m.__dict__.get("forward")), len(m._forward_hooks), len(m._forward_pre_hooks))  # noqa: SLF001
        for m in text.modules()
    )
    return tensors, code


def _pool(device: torch.device) -> Any:
    """One memory pool for the graphs of a decoder: only one of them runs at a time."""
    with torch.cuda.device(device):
        return torch.cuda.graph_pool_handle()


def _record(
    run: Callable[[], Tensor], device: torch.device, pool: Any = None, rewind: Callable[[], None] = lambda: None
) -> Callable[[], Tensor]:
    """`run` as a graph. It runs before that, so that libraries allocate and kernels are compiled outside of it."""
    with torch.cuda.device(device):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(2):
                run()
                rewind()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
                out = run()
        except RuntimeError as error:
            error.add_note("the steps could not be recorded; `generate(…, graphs=False)` runs them one by one")
            raise

    def replay() -> Tensor:
        with torch.cuda.device(device):
            graph.replay()
        return out

    return replay
