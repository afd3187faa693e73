"""The hot operations, each twice: `plain_…` says what it means, the name without `plain_` is the fast path.

Shapes: B batch, T queries, S keys, N packed tokens, H heads, K key/value heads, D width (of a head in attention),
M rows, V vocabulary. Both forms of an operation take the same arguments and return the same numbers. Attention and the
loss have modules of their own.
"""

from __future__ import annotations

from .activations import activate, activation, plain_activate
from .attention import (
    attention,
    plain_attention,
)
from .products import Packed, linear, plain_linear

__all__ = [
    "Packed", "activate", "activation", "attention", "linear", "plain_activate", "plain_attention", "plain_linear",
]  # fmt: skip
