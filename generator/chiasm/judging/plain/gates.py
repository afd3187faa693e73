"""Judges what a tanh gate passes: `a gate of 1 lets 100% through` in, a remark with tanh(1) = 76% out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import cache

from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.regex import regex


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    flags = re.IGNORECASE
    return {
        "gate": regex(
            r"(?:\b(?:tanh[ -])?gat(?:e|es|ing)(?: (?:parameter|value|scalar|weight))?(?: (?:of|"
            r"in) [A-Z][\w-]*)?(?: value)?(?: α| alpha)?|\balpha\b|α)"
            r"\s*(?:=|:|of|is|at|reaches|equals|becomes|set to|to)?\s*(?P<v>\d(?:\.\d+)?)(?![\w%]|[.,]\d)",
            flags,
        ),
        "share": regex(r"(?<![\w.])(?P<p>\d{1,3}(?:\.\d+)?) ?(?:%|percent\b)", flags),
    }


def gates(text: str, asked: Callable[[], About | None]) -> Iterator[Remark]:
    """A remark on every pair of a gate's parameter and the share that passes."""
    if not ("gat" in text.lower() or "α" in text or "alpha" in text.lower()) or not ("%" in text or "percent" in text):
        return
    found = list(_patterns()["gate"].finditer(text))
    if not found or not ("tanh" in text.lower() or _is_gated(asked())):
        return
    for index, gate in enumerate(found):
        stop = found[index + 1].start() if index + 1 < len(found) else len(text)
        share = _patterns()["share"].search(text, gate.end(), stop)
        if (
            share is None
            or re.search(r"[.;](?=\s)", text[gate.end() : share.start()])
            or doubted(text[gate.start() : share.start()])
        ):
            continue
        value, said = float(gate["v"]), float(share["p"])
        true = 100 * math.tanh(value)
        about_so = re.search(r"(?i)(?:about|roughly|almost|nearly|~|≈)\s*$", text[: share.start()]) is not None
        reason = f"tanh({gate['v']}) = {true / 100:.2f}"
        if abs(true - said) <= (5 if about_so else 1):
            yield Remark("proved", *share.span(), reason)
        elif said <= 100:
            help_ = (
                f"write {true:.0f}%, or say that the gate multiplies by tanh(α), which is 1 only in the limit"
                if said == 100
                else f"write {true:.0f}%"
            )
            yield Remark(
                "refuted",
                *share.span(),
                f"the gate multiplies by tanh(α), and {reason}",
                f"{true:.0f}%",
                help_,
                ((*gate.span(), f"α = {gate['v']}"),),
            )


def _is_gated(about: About | None) -> bool:
    """Whether every variant that may be meant has gated cross-attention, whose gate is a tanh."""
    slots = [variant.slots.get("fusion") for variant in about.variants] if about else []
    return bool(slots) and all(
        slot is not None and slot.kind.anchor.endswith("gated-cross-attention") for slot in slots
    )
