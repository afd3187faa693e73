"""Writes a resolved value as a page would state it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chiasm.spec.model import Entry, Plain


def written(value: Plain) -> str:
    """A value as a page would state it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(written(one) for one in value) or "none"
    if isinstance(value, float):
        return f"{value}".removesuffix(".0").replace("e-0", "e-")
    return "–" if value is None else f"{value}"


def stated(entry: Entry) -> str:
    """An entry's value, with the formula that gives it."""
    text = written(entry.value) if entry.value is not None or not entry.formula else "by the image's size"
    if entry.formula:
        return f"{entry.formula.source} = {text}" if entry.value is not None else entry.formula.source
    return text
