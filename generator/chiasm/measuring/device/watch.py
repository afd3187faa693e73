"""Counts what happens in a model while it runs: operations, results and vectors, by slot and sort of product.

Operations are those that torch's FlopCounterMode counts. A package's packed attention is one operation which that
counter does not know; it is counted by torch's own formula for attention, a sequence at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

Found = dict[str, int]
"""`quantity scope` → FLOP, bytes or rows, as `chiasm measure` names them."""


class Watch:
    """What happened in a model of a package; `lengths` are those of the sequences that its encoder packs."""

    def __init__(self, package: Any, lengths: Sequence[int]) -> None:
        self.package = package
        self.counter = _counter(package, lengths)
        self.flops: Counter[tuple[str, str]] = Counter()
        self.results: Counter[str] = Counter()
        """Bytes that come out of products with a weight and of attention, by slot."""
        self.rows: dict[str, int] = {}
        """Vectors that come out of a slot or of the patch embedding, or that the encoder's first block reads."""
        self._slot = ""
        self._before = 0

    @contextmanager
    def over(self, model: nn.Module) -> Iterator[None]:
        """Watches a model inside."""
        ops = self.package.ops
        with ExitStack() as stack:
            for slot, module in model.named_children():
                for method in _methods(module):
                    name = "head" if method == "logits" else slot
                    stack.enter_context(_replaced(module, method, self._entered(name, getattr(module, method))))
                for name, part in module.named_modules():
                    self._follow(stack, f"{slot}.{name}", part)
            for name in ("attention", "varlen_attention"):
                if hasattr(ops, name):
                    stack.enter_context(_replaced(ops, name, self._attended(getattr(ops, name))))
            stack.enter_context(self.counter)
            yield

    def _follow(self, stack: ExitStack, name: str, part: nn.Module) -> None:
        """Hooks of a layer: what a product with a weight costs and makes."""
        if name == "encoder.blocks.0":
            hook = part.register_forward_pre_hook(lambda _, given: self._seen("blocks", given[0]))
            stack.callback(hook.remove)
        if not isinstance(part, nn.Linear) and type(part).__name__ != "GateUp":
            return
        sort = "patches" if name.endswith("patch_embedding") else "mlp" if ".mlp." in name else "projections"

        def before(*_: Any) -> None:
            self._before = self.counter.get_total_flops()

        def after(_: nn.Module, __: Any, made: Tensor) -> None:
            self.flops[self._slot, sort] += self.counter.get_total_flops() - self._before
            self._keep(made)
            if sort == "patches":
                self._seen("patches", made)

        stack.callback(part.register_forward_pre_hook(before).remove)
        stack.callback(part.register_forward_hook(after).remove)

    def _entered(self, slot: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """A slot's method; what it calls of its own or of another slot's is its."""

        def watched(*given: Any, **named: Any) -> Any:
            if self._slot:
                return method(*given, **named)
            self._slot, before = slot, self.counter.get_total_flops()
            made = method(*given, **named)
            self.flops[slot, ""] += self.counter.get_total_flops() - before
            if slot == "head":
                self.results["head"] += made.numel() * made.element_size()
            else:
                self._seen(slot, made)
            self._slot = ""
            return made

        return watched

    def _attended(self, method: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def watched(*given: Any, **named: Any) -> Tensor:
            made = method(*given, **named)
            self._keep(made)
            return made

        return watched

    def _keep(self, made: Tensor) -> None:
        if self._slot != "head":
            self.results[self._slot] += made.numel() * made.element_size()

    def _seen(self, name: str, made: Any) -> None:
        first = made[0] if isinstance(made, tuple) else made
        if isinstance(first, Tensor) and first.ndim:
            self.rows[name] = first.numel() // first.shape[-1]

    def found(self, images: Mapping[str, Tensor]) -> Found:
        """What a pass over a whole sequence came to."""
        found = _by_sort(self.flops)
        found["flops total"] = self.counter.get_total_flops()
        found |= {f"activations {slot}": size for slot, size in self.results.items()}
        found["activations total"] = self.results.total()
        rows = self.rows
        found |= {f"rows {name}": count for name, count in rows.items()}
        found["rows images"] = images.get("image_grid_thw", images["pixel_values"]).shape[0]
        return found

    def decoded(self) -> Found:
        """What one more token a row came to."""
        found = {"flops decode": self.counter.get_total_flops()}
        for (slot, sort), count in _rest(self.flops).items():
            if count:
                found[f"flops decode.{'head' if slot == 'head' else sort}"] = count
        return found


def _by_sort(flops: Counter[tuple[str, str]]) -> Found:
    """FLOP by slot, and by sort of product within it."""
    found = {f"flops {slot}": count for (slot, sort), count in flops.items() if not sort and count}
    sorts = {(slot, sort): count for (slot, sort), count in _rest(flops).items() if slot not in ("head", "fusion")}
    return found | {f"flops {slot}.{sort}": count for (slot, sort), count in sorts.items() if count}


def _rest(flops: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """By slot and sort; what no product with a weight accounts for is attention."""
    whole = {slot: count for (slot, sort), count in flops.items() if not sort}
    rest: Counter[tuple[str, str]] = Counter({key: count for key, count in flops.items() if key[1]})
    for slot, count in whole.items():
        rest[slot, "attention"] = count - sum(part for (own, sort), part in flops.items() if sort and own == slot)
    return rest


def _counter(package: Any, lengths: Sequence[int]) -> FlopCounterMode:
    """Torch's counter, which is told what packed attention costs."""
    space = getattr(torch.ops, f"{package.__name__.replace('.', '_')}_attention")
    if not hasattr(space, "varlen_attention"):
        return FlopCounterMode(display=False)

    def packed(q: Sequence[int], k: Sequence[int], v: Sequence[int], *_: Any, **__: Any) -> int:
        assert q[0] == sum(lengths)  # noqa: S101, rows of text are of one length here, so nothing else is packed
        each = [[(1, x[1], length, x[2]) for x in (q, k, v)] for length in lengths]
        return sum(sdpa_flop_count(*shapes) for shapes in each)

    return FlopCounterMode(display=False, custom_mapping={space.varlen_attention: packed})


def _methods(module: nn.Module) -> list[str]:
    """What a slot's class itself offers to the model: `forward`, `logits`, `vision` …"""
    own = [name for kind in type(module).__mro__ if kind.__module__.startswith("generated.") for name in vars(kind)]
    public = dict.fromkeys(name for name in own if not name.startswith("_"))
    return [
        name for name in public if callable(getattr(module, name)) and not isinstance(getattr(module, name), nn.Module)
    ]


@contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """An attribute is another inside; a module's method comes back by taking the instance's own away."""
    had = name in vars(owner)
    before = vars(owner).get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if had:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
