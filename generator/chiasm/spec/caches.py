"""What a language model keeps of every token it has read: a function a kind, numbers a token out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chiasm.spec.work import whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved


def _llama(own: Resolved) -> int:
    layers, groups, width = whole(own, "layers", "kv_heads", "head_dim")
    return layers * 2 * groups * width


def _opt(own: Resolved) -> int:
    layers, dim = whole(own, "layers", "dim")
    return layers * 2 * dim


CACHES: Mapping[str, Callable[[Resolved], int]] = {"llama": _llama, "opt": _opt}
"""By kind: elements of keys and values of one token, in all layers."""
