"""What must be done: floating-point operations and bytes, counted from a model's weights and an input's sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn


def matrices(module: nn.Module) -> int:
    """Numbers in the weights that tokens are multiplied with."""
    return sum(p.numel() for p in module.parameters() if p.ndim > 1)


def prefill(config: Any, layers: nn.Module, rows: int, tokens: int) -> float:
    """FLOP of a prompt through a decoder's layers, its last token through the head."""
    width = config.heads * config.head_dim
    # Scores and their sum over the values, for the half of the square that is not masked.
    attention = 2 * 2 * config.layers * width * tokens * tokens / 2
    return float(rows * (2 * matrices(layers) * tokens + attention + 2 * config.vocab_size * config.dim))


def decode(config: Any, layers: nn.Module, rows: int, context: int, size: int) -> float:
    """Bytes that one more token a row has to read: layers, head, keys and values."""
    kept = 2 * config.layers * config.kv_heads * config.head_dim
    return float(size * (matrices(layers) + config.vocab_size * config.dim + rows * context * kept))


def vision(config: Any, encoder: nn.Module, sequences: Sequence[int]) -> float:
    """FLOP of a tower over sequences that do not see each other; of its last blocks, only where they are run."""
    skipped = -1 - getattr(config, "feature_layer", -1)
    layers = config.layers - skipped
    weights = matrices(encoder.get_submodule("blocks")) * layers / config.layers
    return float(sum(2 * weights * n + 2 * 2 * layers * config.dim * n * n for n in sequences))


def training(config: Any, layers: nn.Module, rows: int, tokens: int) -> float:
    """FLOP of forward and backward over all positions, what is done twice to save memory not counted."""
    head = 2 * config.vocab_size * config.dim * tokens
    once = prefill(config, layers, 1, tokens) - 2 * config.vocab_size * config.dim + head
    return float(3 * rows * once)
