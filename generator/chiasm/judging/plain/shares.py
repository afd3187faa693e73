"""Judges how much of a system is trained: `188M of 3.1B`, `6% of its parameters`, `54× fewer than …`, in; remarks out.

The smaller number must be one that the system's page knows, so that other people's adapters are left alone; then it has
to belong to the larger one. A share is held against every pair of the stage that the sentence names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache

from chiasm.judging.plain.portions import in_stage, share, times_fewer
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.plain.trained import Count, counts, pairs, percent, shown, size, stage_number, stages_of
from chiasm.numbers.quantity import Placed
from chiasm.regex import regex

LED = (
    r"(?:\b(?:of|vs\.?|versus|total|inside|within|altogether|overall)|/|:)[: ]*"
    r"(?:(?:its|the|an?|total|of|about|all|entire|whole|only|roughly|some|[\w.-]{1,30}['’]s) ){0,5}$"
)
"""What leads to the whole of which something is a part."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    flags = re.IGNORECASE
    return {
        "trained": regex(
            r"\b(?:train\w*|learn\w*|updat\w*|gradients?|tun(?:e|es|ed|ing)|fine-?tun\w*|optimi[sz]\w*)\b", flags
        ),
        "led": regex(LED, flags),
        "total": regex(
            r" (?:parameters? |params? )?(?:in )?(?:total|overall|altogether|model\b)|(?: parameters|"
            r" params)?,? (?:but|of which)\b",
            flags,
        ),
        "theirs": regex(
            r"\b(?:lora|qlora|adapters?|peft|prefix|prompt tuning|we|our|ours|(?-i:I)|my|similar|like|"
            r"inspired|variant of|based on|their)\b",
            flags,
        ),
        "name": regex(
            r"(?<![A-Za-z])(?!(?:Just|Only|Merely|Mere|Some|About|With|Of|All|Its|The|In|Roughly|Nearly|Barely|Around|"
            r"Here|So|Thus|At|That|This|For)\b)(?:[A-Z][\w.]*[A-Za-z\d]|[a-z]+\d)[ -]?(?:v?\d(?:\.\d+)?[ -])?$"
        ),
        "other": regex(
            r"(?:[- ](?:parameters?|params?|frozen|pre-?trained|large|instruction-tuned))*[- ](?:LLMs?|LMs?|"
            r"language|decoder|encoder|vision|ViT|"
            r"backbone|images?|pairs|tokens|samples|text|[A-Z][a-z]*[A-Z\d])",
        ),
        "others": regex(
            r"\b(?:LLMs?|LMs?|language model|decoder|encoder|ViT\S*|EVA\S*|CLIP\S*|backbone|Q-Former|"
            r"resampler|Flan-?T5\S*|OPT\S*|Vicuna\S*|LLaMA\S*)(?: (?:of|with|has|is|at))?(?: about| roughly|"
            r" some)? \(?$"
        ),
        "share": regex(
            r"(?:of (?:the |its |all |their |[A-Z][\w.-]*(?: [\d.]+\w?)?['’]s )?(?:total |overall |"
            r"own )?(?:parameters|params|weights|model)\b)",
            flags,
        ),
        "fewer": regex(
            r"(?<![\w.,])(?P<n>\d+(?:\.\d+)?)(?: ?×| ?x\b| times|-?fold) (?:fewer|less|lower|"
            r"smaller)(?: number of)? (?P<what>trainable |trained )?param\w*",
            flags,
        ),
    }


def shares(
    text: str, placed: Sequence[Placed], asked: Callable[[], About | None], others: Callable[[], Sequence[About | None]]
) -> Iterator[Remark]:
    """Remarks on what a sentence says of the trained part of the system that it is about."""
    sizes = [one for one in placed if _is_size(text, one)]
    percents = [one for one in placed if one.quantity.unit == "%" and one.quantity.high is None]
    fewer = _patterns()["fewer"].search(text)
    if not (fewer or len(sizes) in (1, 2) or (not sizes and len(percents) == 1)):
        return
    if not _patterns()["trained"].search(text) or doubted(text) or _patterns()["theirs"].search(text):
        return
    about = asked()
    if about is None:
        return
    number, beside = stage_number(text), others()
    chosen = stages_of(about, number) if number else [""]
    stage = chosen[0] if len(chosen) == 1 else "?"
    if fewer:
        other = beside[0] if len(beside) == 1 else None
        # A system that this base does not describe has nothing to be compared with.
        if other and other.spec and (remark := times_fewer(text, fewer, sizes, (about, other), stage)):
            yield remark
    elif stage == "?":
        return
    elif not beside and len(sizes) == 1:
        yield from in_stage(text, sizes[0], about, stage)
    elif not beside and sizes:
        yield from _of(text, sizes, percents, about, stage)
    elif not beside and _patterns()["share"].search(text):
        yield from share(text, percents[0], about, stage)


def _is_size(text: str, one: Placed) -> bool:
    quantity = one.quantity
    if quantity.unit not in ("", "parameters", "models") or quantity.high is not None or quantity.value < 10**6:
        return False
    return not _patterns()["name"].search(text[max(0, one.start - 40) : one.start]) or text[one.start - 1] == "("


def _of(text: str, sizes: Sequence[Placed], percents: Sequence[Placed], about: About, stage: str) -> Iterator[Remark]:
    """`188M of 3.1B`."""
    part, whole = sorted(sizes, key=lambda one: one.quantity.value)
    if part.quantity.value == whole.quantity.value or not _is_total(text, whole, about):
        return
    spec, true = about.spec, part.quantity.value / whole.quantity.value
    for share_ in percents[:1]:
        said = share_.quantity
        if said.value < Fraction(1, 2) and abs(said.value - true) > said.tolerance + Fraction(1, 200):
            reason = f"{part.quantity.text} / {whole.quantity.text} is {percent(true)}"
            yield Remark("refuted", share_.start, share_.end, reason, percent(true), f"write {percent(true)}")
    parts = [
        one for one in counts(spec) if one.what == "trainable" and one.fits(part.quantity) and stage in ("", one.stage)
    ]
    known = [one for one in counts(spec) if one.what == "trainable" and one.fits(part.quantity)]
    wholes = [one for one in counts(spec) if one.what == "total" and one.fits(whole.quantity)]
    together = [(one, two) for one, two in pairs(spec) if one in known and two in wholes]
    if together:
        one, two = together[0]
        source = one.source or two.source
        said_so = source and all(first.source or second.source for first, second in together)
        reason = f"{part.quantity.text} of {whole.quantity.text} ({one.scope or two.scope}){source and ', '}{source}"
        yield Remark("reported" if said_so else "proved", part.start, part.end, reason)
        return
    if not known and not parts:
        return
    yield _mixed(about, part, whole, (parts or known)[0], wholes)


def _is_total(text: str, whole: Placed, about: About) -> bool:
    """Whether the words say that a number is the whole of the system, and of no part of it."""
    before = text[: whole.start]
    if _patterns()["other"].match(text, whole.end) or _patterns()["others"].search(before[-80:]):
        return False
    if about.at and re.fullmatch(r" ?\(", text[about.at[1] : whole.start]):
        return True
    return bool(_patterns()["led"].search(before[-80:]) or _patterns()["total"].match(text, whole.end))


def _mixed(about: About, part: Placed, whole: Placed, one: Count, wholes: Sequence[Count]) -> Remark:
    """Two numbers that are both known, or one that is, and do not belong together."""
    title = about.spec.title
    said = (
        f"{part.quantity.text} is what {title} trains in {one.scope}"
        if one.scope
        else f"{part.quantity.text} is a count of {title}"
    )
    said += f" ({one.source})" if one.source else ""
    true = next(((first, second) for first, second in pairs(about.spec) if second in wholes), None) or next(
        iter(pairs(about.spec)), None
    )
    if wholes:
        reason = f"{said}; {whole.quantity.text} is the total of {wholes[0].variant or title}"
        reason += f", which trains {shown(true[0])}" if true else ""
    else:
        totals = sorted({count.value for count in counts(about.spec) if count.what == "total"})
        reason = (
            f"{said}; no {title} has {whole.quantity.text} parameters in all: the largest has {size(totals[-1])}"
            if totals
            else said
        )
    expected = f"{shown(true[0])} of {shown(true[1])}" if true else ""
    labels = tuple(count.label for count in (one, *wholes[:1]) if count.label)
    help_ = (
        f"write {expected} ({true[0].scope}), or name the stage and the model that each number counts"
        if true
        else "name the stage and the model that each number counts"
    )
    return Remark(
        "refuted",
        part.start,
        part.end,
        reason,
        expected,
        help_,
        ((whole.start, whole.end, "another total" if wholes else "no such total"),),
        labels,
    )
