"""Judges what a system's weights take: `14.1 GiB in bfloat16` in, a remark with parameters times bytes out.

A GB may be meant as a GiB, a GiB never as a GB. Memory that something takes may hold more than the weights, never less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache

from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.plain.trained import counts, size
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex

WIDTHS = {"bf16": 2, "bfloat16": 2, "fp16": 2, "float16": 2, "half precision": 2, "fp32": 4, "float32": 4}
"""Bytes of a number."""
LOOSE = Fraction(2**30, 10**9)
"""What a GB is worth to those who mean a GiB."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "width": regex(rf"(?i)\b(?:{'|'.join(WIDTHS)})\b"),
        "weights": regex(r"(?i)\b(?:weights|parameters|checkpoint)\b"),
        "takes": regex(r"(?i)\b(?:takes?|needs?|requires?|uses?|occup\w+|fits?)\b"),
        "other": regex(
            r"(?i)\b(?:per|each|shard\w*|offload\w*|activations?|cache|kv|lora|adapters?|optimi[sz]er|"
            r"gradients?|train\w*|fine-?tun\w*|"
            r"quanti[sz]\w*|int[48]|[48]-bit|encoder|tower|projector|language model|llm|gpus?|save[sd]?|less|"
            r"fewer|more|than)\b"
        ),
    }


def weights(text: str, placed: Sequence[Placed], asked: Callable[[], About | None]) -> Iterator[Remark]:
    """A remark on the one number of bytes in a sentence that names a type of numbers."""
    table = _patterns()
    sizes = [one for one in placed if one.quantity.unit == "bytes" and one.quantity.high is None]
    widths = {WIDTHS[found[0].lower()] for found in table["width"].finditer(text)}
    if len(sizes) != 1 or len(widths) != 1 or doubted(text) or table["other"].search(text):
        return
    whole, takes = table["weights"].search(text), table["takes"].search(text)
    about = asked() if whole or takes else None
    if about is None:
        return
    keys, (width,) = {variant.key for variant in about.variants}, widths
    totals = sorted(
        {one.value for one in counts(about.spec) if one.what == "total" and one.variant in keys and not one.source}
    )
    if not totals:
        return
    one, said = sizes[0], sizes[0].quantity
    loose = "i" not in said.text.lower()
    for total in totals:
        true = total * width
        slack = said.tolerance + true / (10 if said.approximate else 50)
        if abs(said.value - true) <= slack or (loose and abs(said.value * LOOSE - true) <= slack):
            yield Remark("proved", one.start, one.end, f"{size(total)} parameters × {width} bytes = {_bytes(true)}")
            return
    if not whole and said.value >= totals[0] * width * Fraction(9, 10):
        return
    true = totals[0] * width
    reason = f"{about.spec.title} has {size(totals[0])} parameters; × {width} bytes they are {_bytes(true)}"
    yield Remark(
        "refuted", one.start, one.end, reason, _bytes(true), f"write {_bytes(true)}, or say what else is counted"
    )


def _bytes(value: Fraction) -> str:
    return f"{float(value / 10**9):.1f} GB ({float(value / 2**30):.1f} GiB)"
