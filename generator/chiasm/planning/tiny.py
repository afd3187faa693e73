"""Shrinks a variant to sizes for tests: every slot's values in, consistent small ones out.

Fields mean the same in every kind, so one rule a field name serves kinds that are not written yet: heads divide widths,
channels of rotary axes fill half a head, taps are blocks, ids are rows of the table, areas are whole tokens.
"""

from __future__ import annotations

from collections.abc import Mapping

from chiasm.spec.model import Plain

HEAD_DIM = 16
"""Even, and a multiple of four: a two-dimensional rotary embedding takes it in quarters."""

VOCABULARY = 128
SIZES: Mapping[str, int] = {
    "vocab_size": VOCABULARY,
    "text_vocab_size": VOCABULARY,
    "context": 256,
    "text_context": 32,
    "layers": 4,
    "num_queries": 5,
    "mlp_dim": 37,
    "joint_dim": 21,
    "positions": 16,
    "patch_size": 4,
    "image_size": 12,
}
"""Largest value of a field; 0 stays 0, since it stands for "none"."""

RESERVED = 16
"""Ids below this are kept as they are (begin, end, padding)."""


def shrunk(values: Mapping[str, Mapping[str, Plain]]) -> dict[str, dict[str, Plain]]:
    """Small values of every slot; names, booleans and what has no size stay."""
    small = {slot: {name: _size(name, value) for name, value in fields.items()} for slot, fields in values.items()}
    for fields in small.values():
        _heads(fields)
        _taps(fields)
    _ids(small)
    _areas(small)
    return small


def _size(name: str, value: Plain) -> Plain:
    if isinstance(value, int) and not isinstance(value, bool) and name in SIZES:
        return min(value, SIZES[name])
    return value


def _heads(fields: dict[str, Plain]) -> None:
    """Three heads, or four in two groups; a width without heads becomes an odd one."""
    heads, grouped = fields.get("heads"), fields.get("kv_heads")
    if heads is None:
        if isinstance(fields.get("dim"), int):
            fields["dim"] = 23
        return
    count = 4 if grouped is not None and grouped != heads else 3
    fields |= {"heads": count, "dim": count * HEAD_DIM}
    if grouped is not None:
        fields["kv_heads"] = 2 if grouped != heads else count
    if "head_dim" in fields:
        fields["head_dim"] = HEAD_DIM
    sections = fields.get("mrope_sections")
    if isinstance(sections, tuple) and len(sections) == 3:
        fields["mrope_sections"] = (HEAD_DIM // 2 - 4, 2, 2)


def _taps(fields: dict[str, Plain]) -> None:
    """Taps are the first blocks, and one block follows them."""
    taps, layers = fields.get("taps"), fields.get("layers")
    if isinstance(taps, tuple) and isinstance(layers, int):
        fields["taps"] = tuple(range(min(len(taps), layers - 1)))
    layer = fields.get("feature_layer")
    if isinstance(layer, int) and isinstance(layers, int):
        fields["feature_layer"] = max(-layers, min(layer, layers - 1))


def _ids(small: dict[str, dict[str, Plain]]) -> None:
    """Ids beyond the small table move to its end, in order; equal ids stay equal."""
    moved: dict[int, int] = {}
    for fields in small.values():
        for name, value in fields.items():
            if name.endswith("_token") and isinstance(value, int) and not isinstance(value, bool) and value >= RESERVED:
                fields[name] = moved.setdefault(value, VOCABULARY - 1 - len(moved))


def _areas(small: dict[str, dict[str, Plain]]) -> None:
    """From four to 36 tokens an image, in squares of the encoder's patches and the alignment's merge."""
    encoder, budget = small.get("encoder", {}), small.get("budget", {})
    patch, merge = encoder.get("patch_size"), encoder.get("merge_size", 1)
    if "min_pixels" in budget and isinstance(patch, int) and isinstance(merge, int):
        side = patch * merge
        budget |= {"factor": side, "min_pixels": 4 * side**2, "max_pixels": 36 * side**2}
