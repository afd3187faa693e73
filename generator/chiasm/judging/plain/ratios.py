"""Judges how many times fewer or more: `from 257 to 32 (8×)`, `576 → 144, 75% fewer`, in; remarks out.

A ratio is held against the pair of counts that it stands beside; what it may say of anything else (speed, memory,
scores) is left alone. Where the system is known, its own counts decide which of the numbers is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from chiasm.diagnostic import Label
from chiasm.judging.plain.pairs import Pair, Ratio, counts_parts, pairs_in, patterns, ratios_in, read
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.terms import ScopeError, field_value
from chiasm.numbers.quantity import Placed, quantity
from chiasm.resolving.fill import spell


def ratios(text: str, placed: Sequence[Placed], asked: Callable[[], About | None]) -> Iterator[Remark]:
    """Remarks on the pairs of counts in a sentence and the ratios beside them."""
    lowered = text.lower()
    if not (
        ("→" in text or "->" in text or "to " in lowered or "become" in lowered or " than " in lowered)
        and re.search(r"\d", text)
    ):
        return
    if not patterns()["counts"].search(text) or doubted(text):
        return
    pairs = [pair for pair in pairs_in(text) if counts_parts(text, pair, placed)]
    about = asked() if pairs else None
    found = list(ratios_in(text))
    for index, pair in enumerate(pairs):
        chain = any(other.first == pair.second or other.second == pair.first for other in pairs)
        low = pairs[index - 1].second[1] if index else 0
        high = pairs[index + 1].first[0] if index + 1 < len(pairs) else len(text)
        near = [ratio for ratio in found if low <= ratio.start < high and _beside(text, pair, ratio)]
        if len(near) == 1 and not chain:
            yield from _held(text, pair, near[0], about)
        elif not near and (remark := _own(text, pair, about)):
            yield remark
    yield from _than(text)


def _beside(text: str, pair: Pair, ratio: Ratio) -> bool:
    """Whether the ratio is said of the pair: right before it, or right after it with nothing else in between."""
    start, end = pair.span
    if ratio.end <= start:
        return re.fullmatch(r"(?:(?! and | then )[^.;:\d%()]){0,40}", text[ratio.end : start]) is not None
    if ratio.start < end:
        return False
    between = text[end : ratio.start]
    return re.fullmatch(r"[^.;\d%]{0,60}", between) is not None and not re.search(
        r"(?i)speed|fast|flop|comput|memor|while|cost|gain|improv|perform|\bwith\b|using", between
    )


def _held(text: str, pair: Pair, ratio: Ratio, about: About | None) -> Iterator[Remark]:
    large, small = max(pair.before.value, pair.after.value), min(pair.before.value, pair.after.value)
    true = large / small
    area = bool(re.search(r"(?i)\bpx\b|pixel|resolution", text))
    if _agrees(ratio, pair, true) or (area and _agrees(ratio, pair, true**2)) or ratio.kind == "unknown":
        if ratio.kind != "unknown":
            yield Remark("proved", ratio.start, ratio.end, f"{spell(large)} / {spell(small)} = {spell(true)}")
        if remark := _own(text, pair, about):
            yield remark
        return
    if ratio.kind == "worded" and not _near(text, ratio):
        return
    shown = f"{spell(large)} / {spell(small)} is {_short(true)}"
    parts = ((*pair.first, spell(pair.before.value)), (*pair.second, spell(pair.after.value)))
    if wrong := _own(text, pair, about):
        yield wrong._replace(
            reason=f"{wrong.reason}; {shown}, not {text[ratio.start : ratio.end].strip()}",
            parts=(*wrong.parts, (ratio.start, ratio.end, shown)),
        )
        return
    expected = (
        _short(true) + "×"
        if ratio.unit == "×"
        else f"{float((1 - 1 / true if pair.after.value < pair.before.value else true - 1) * 100):.0f}%"
    )
    yield Remark(
        "refuted", ratio.start, ratio.end, shown, expected, f"write {expected}, or correct one of the two counts", parts
    )


def _near(text: str, ratio: Ratio) -> bool:
    """Whether a worded ratio is said of a count of tokens."""
    return (
        re.match(r"(?i)\s*(?:as many|the (?:number|visual|image|token)|of (?:the|them))", text[ratio.end :]) is not None
    )


def _short(value: Fraction) -> str:
    return f"{float(value):.1f}".removesuffix(".0")


def _agrees(ratio: Ratio, pair: Pair, true: Fraction) -> bool:
    """Whether a careful reader would take the ratio for that of the pair."""
    if ratio.unit == "×":
        slack = max(ratio.half, true * Fraction(8, 100)) if not ratio.about else max(ratio.half, true / 4)
        # "3 times more" is fourfold to some.
        return abs(ratio.value - true) <= slack or (
            ratio.kind == "more" and abs(ratio.value - (true - 1)) <= ratio.half
        )
    rest = pair.after.value / pair.before.value
    less, more = 1 - 1 / true, true - 1
    slack = ratio.half + (Fraction(5, 100) if ratio.about else Fraction(1, 200))
    meant = {"less": (less,), "more": (more,), "rest": (rest,), "": (less, more, rest)}.get(ratio.kind, ())
    return any(abs(ratio.value - one) <= slack for one in meant)


def _own(text: str, pair: Pair, about: About | None) -> Remark | None:
    """The side of a pair that is not the system's, where the other is: 257 → 64 for BLIP-2, whose queries are 32."""
    ours = re.search(
        r"(?i)\b(?:we|our|ours|us|i|my|modif\w+|replac\w+|variants?|ablat\w+|extend\w*|increas\w*|tiles?|"
        r"slices?|videos?|frames?|stages?|could|images)\b",
        text,
    )
    if about is None or ours or not re.search(r"(?i)token|patch|quer|latent|embedding|feature|vector", text):
        return None
    known = _known(about)
    if known is None:
        return None
    (into, first), (out, second) = known
    if pair.before.value == into and pair.after.value != out:
        wrong, place, value = pair.after, pair.second, out
    elif pair.after.value == out and pair.before.value not in (into, into - 1):
        wrong, place, value = pair.before, pair.first, into
    else:
        return None
    what = f"{about.spec.title} reads {spell(into)} tokens into {spell(out)}"
    labels = tuple(one for one in (first, second) if one)
    parts = tuple(
        (*at, spell(side.value))
        for side, at in ((pair.before, pair.first), (pair.after, pair.second))
        if side is not wrong
    )
    return Remark("refuted", *place, what, spell(value), f"write {spell(value)}", parts, labels)


def _known(about: About) -> tuple[tuple[Fraction, Label | None], tuple[Fraction, Label | None]] | None:
    """What goes into a system's resampler and what comes out, where that is one and the same in all variants."""
    found = set()
    labels: list[Label | None] = []
    for variant in about.variants:
        sides = []
        for slot, name in (("encoder", "tokens"), ("alignment", "num_queries")):
            try:
                value = field_value(variant, slot, name, {})
            except ScopeError:
                value = None
            entry = variant.entries.get((slot, name))
            if value is None or entry is None:
                return None
            sides.append(value)
            labels.append(Label(entry.span, f"{slot}.{name} = {spell(value)}") if entry.span else None)
        found.add(tuple(sides))
    if len(found) != 1:
        return None
    ((into, out),) = found
    return (into, labels[0]), (out, labels[1])


def _than(text: str) -> Iterator[Remark]:
    """`32 tokens, 18× fewer than the 576 tokens of …`."""
    for found in patterns()["than"].finditer(text):
        one, other = quantity(found["a"]), quantity(found["b"])
        digits = re.match(r"\d+(?:\.\d+)?", found["r"])
        if not one or not other or not digits or one.value < 4 or other.value < 4 or patterns()["scores"].search(text):
            continue
        value, half = read(digits[0])
        true = max(one.value, other.value) / min(one.value, other.value)
        if abs(value - true) <= max(half, true * Fraction(8, 100)) or (
            "more" in found["way"].lower() and abs(value - true + 1) <= half
        ):
            yield Remark(
                "proved",
                *found.span("r"),
                f"{spell(max(one.value, other.value))} / {spell(min(one.value, other.value))} = {spell(true)}",
            )
