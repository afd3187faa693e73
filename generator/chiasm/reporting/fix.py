"""Applies safe fixes: a text and the fixes of its findings in, the mended text out."""

from __future__ import annotations

from collections.abc import Iterable

from chiasm.diagnostic import Fix


def fixed(text: str, fixes: Iterable[Fix]) -> str:
    """The text with every fix applied; of two fixes that overlap, the first by place is taken and the other left."""
    lines = text.split("\n")
    chosen: list[Fix] = []
    for fix in sorted(dict.fromkeys(fixes), key=lambda one: one.span):
        last = chosen[-1].span if chosen else None
        end = max(chosen[-1].through, chosen[-1].span.line) if chosen else 0
        if last is None or end < fix.span.line or (end, last.end) <= (fix.span.line, fix.span.column):
            chosen.append(fix)
    for fix in reversed(chosen):
        if fix.through:
            lines[fix.span.line - 1 : fix.through] = fix.replacement.split("\n")
            continue
        line = lines[fix.span.line - 1]
        lines[fix.span.line - 1] = line[: fix.span.column - 1] + fix.replacement + line[fix.span.end - 1 :]
    return "\n".join(lines)
