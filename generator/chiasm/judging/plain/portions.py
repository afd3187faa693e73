"""Judges how much a system trains: `6% of its parameters`, `21M in stage 1`, `54× fewer than …`, in; remarks out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from chiasm.judging.plain.remark import About, Remark
from chiasm.judging.plain.trained import Count, counts, pairs, percent, shown
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex


def in_stage(text: str, one: Placed, about: About, stage: str) -> Iterator[Remark]:
    """`stage 1 trains 304M parameters`: only where a stage is named, and its counts are known."""
    said = regex(r"(?i)\b(?:trains?|updates?|tunes?)(?: only| just| about| roughly| some| a mere)* $").search(
        text[: one.start]
    )
    if not stage or not (said or re.match(r"(?i) (?:parameters |params )?(?:are )?train(?:ed|able)", text[one.end :])):
        return
    keys = {variant.key for variant in about.variants}
    known = _trainable(about, stage)
    if not known:
        return
    if fits := [count for count in known if count.fits(one.quantity)]:
        source = "" if any(not count.source for count in fits) else fits[0].source
        yield Remark(
            "reported" if source else "proved",
            one.start,
            one.end,
            f"{shown(fits[0])} ({fits[0].scope}){source and ', '}{source}",
        )
        return
    best = next((count for count in known if count.variant in keys), known[0])
    reason = f"{about.spec.title} trains {shown(best)} in {best.scope}"
    labels = (best.label,) if best.label else ()
    yield Remark(
        "refuted", one.start, one.end, reason, shown(best), f"write {shown(best)}, or name another stage", (), labels
    )


def share(text: str, one: Placed, about: About, stage: str) -> Iterator[Remark]:
    """`6% of its parameters are trained`."""
    if re.search(r"(?i)\b(?:frozen|freez\w+|data|dataset|samples)\b", text):
        return
    true = _of(about, stage)
    if not true:
        return
    quantity = one.quantity
    slack = quantity.tolerance + (Fraction(1, 100) if quantity.approximate else Fraction(0))
    fits = [
        (first, second) for value, first, second in true if abs(value - quantity.value) <= max(slack, Fraction(1, 2000))
    ]
    if fits:
        first, second = fits[0]
        yield Remark("proved", one.start, one.end, f"{shown(first)} / {shown(second)} ({first.scope})")
        return
    keys = {variant.key for variant in about.variants}
    best = {first.variant: (value, first, second) for value, first, second in true if first.variant in keys} or {
        "": true[0]
    }
    value, first, second = next(iter(best.values()))
    listed = " or ".join(f"{percent(value)}{f' ({key})' if key else ''}" for key, (value, _, _) in best.items())
    reason = f"{about.spec.title} trains {shown(first)} of {shown(second)} in {first.scope}, which is {percent(value)}"
    labels = tuple(count.label for count in (first, second) if count.label)
    yield Remark(
        "refuted",
        one.start,
        one.end,
        reason,
        listed,
        f"write {listed}, or name the stage and the model that it is said of",
        (),
        labels,
    )


def _of(about: About, stage: str) -> list[tuple[Fraction, Count, Count]]:
    """Every share that the system's page knows of, with what is trained and the whole."""
    keys = {variant.key for variant in about.variants}
    return [
        (first.value / second.value, first, second)
        for first, second in pairs(about.spec)
        if stage in ("", first.stage)
        and (first.variant in keys or first.source)
        and (not first.source or not second.source or first.source == second.source)
    ]


def times_fewer(
    text: str, found: re.Match[str], sizes: Sequence[Placed], named: tuple[About, About], stage: str
) -> Remark | None:
    """`54× fewer trainable parameters than Flamingo-80B`; what the smaller one trains may be written out."""
    about, other = named
    second = about if "than" in text and about.at and other.at and other.at[0] < about.at[0] else other
    first = about if second is other else other
    mine = _trainable(first, stage) if not sizes else [_written(sizes[0])] if len(sizes) == 1 else []
    larger = [one for one in _trainable(second, "") if one.variant in {variant.key for variant in second.variants}]
    if not mine or not larger or (not found["what"] and "train" not in text.lower()):
        return None
    said, at = Fraction(found["n"]), found.span("n")
    for one in mine:
        for two in larger:
            true = two.value / one.value
            if abs(true - said) <= max(Fraction(1), true / 20):
                where = ", ".join(filter(None, (one.scope, one.source)))
                reason = f"{shown(two)} / {shown(one)} = {float(true):.0f}{where and f' ({where})'}"
                return Remark("reported" if one.source else "proved", *at, reason)
    one, two = mine[0], larger[-1]
    times = f"{float(two.value / one.value):.0f}"
    scope = f" in {one.scope}" if one.scope else ""
    reason = f"{second.spec.title} trains {shown(two)}, {first.spec.title} {shown(one)}{scope}: {times} times fewer"
    labels = tuple(count.label for count in (one, two) if count.label)
    help_ = f"write {times}×, or name the stage that it is said of"
    return Remark("refuted", *at, reason, f"{times}×", help_, (), labels)


def _trainable(about: About, stage: str) -> list[Count]:
    """What a system trains, as far as its variants may be meant or a source says so."""
    keys = {variant.key for variant in about.variants}
    known = (one for one in counts(about.spec) if one.what == "trainable" and stage in ("", one.stage))
    return [one for one in known if one.variant in keys or one.source]


def _written(one: Placed) -> Count:
    return Count("trainable", one.quantity.value, one.quantity.tolerance, "", "", "", None)
