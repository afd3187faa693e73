"""Judges what a sentence says is trained or frozen in a stage: its text in, remarks by the page's table out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.plain.trained import stage_number, stages_of
from chiasm.regex import regex
from chiasm.spec.model import Resolved

RULE = "category-refuted"
PARTS = {
    "alignment.proj": r"(?:linear |MLP |final )?(?:projection|projector|linear layer|FC layer)(?: layer| matrix)?",
    "alignment": r"connector|adapter|Q-?Former|(?:perceiver )?resampler|(?:learned |learnable )?queries|merger",
    "language_model": r"LLM|(?:large )?language model|LM|Vicuna|LLaMA|OPT|decoder",
    "encoder": r"(?:vision|image|visual) (?:encoder|tower|backbone|transformer)|ViT|CLIP(?: encoder)?|encoder",
}
"""What sentences call the parts of a system that a stage trains."""
CALLED = {
    "alignment.proj": "projection",
    "alignment": "connector",
    "language_model": "language model",
    "encoder": "vision encoder",
    "fusion": "inserted layers",
}
WHOLE = frozenset({"linear-projection", "mlp-projection"})
"""Alignments that are nothing but a projection."""
OTHERS = (
    r"\b(?:we|our|ours|us|I|my|lora|adapters?|recommend\w*|can|option\w*|if|you|your|unless|"
    r"experiment\w*|ablat\w*|compar\w*|unlike|than|vs\.?|script|flag|"
    r"config\w*|variants?|later|downstream|custom|instead|like|similar\w*|partially|some|last|"
    r"layers? of|norm\w*|embedding\w*|except|before|after)\b|[?]"
)
"""Words of a sentence that may tell of a recipe that is somebody else's."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    flags = re.IGNORECASE
    any_part = "|".join(f"(?:{words})" for words in PARTS.values())
    part = rf"(?:the |its )?(?:(?:pretrained|trainable|large) )?(?P<p>{any_part})\b"
    return {
        "only": regex(
            rf"\b(?:trains?|training|updates?|tunes?|learns?|optimi[sz]es?)\b:? (?:only|just|solely|nothing but) {part}"
            rf"|\b(?:trains?|updates?|tunes?) {part.replace('?P<p>', '?P<p2>')}(?: layer)? (?:only|alone)\b"
            rf"|\b(?:only|just|solely) (?:trains?|updates?|(?:fine-?)?tunes?|learns?) {part.replace('?P<p>', '?P<p5>')}"
            rf"|\b(?:only|just|solely) {part.replace('?P<p>', '?P<p3>')}(?: (?:layer|to the LLM|"
            rf"between [^.;,]{{1,40}}|from [^.;,]{{1,40}}))? (?:is|are|gets?|being)? ?(?:trained|updated|"
            rf"tuned|trainable|learned|learns|optimi[sz]ed|unfrozen)\b"
            rf"|\btrain {part.replace('?P<p>', '?P<p4>')}(?: layer)?,? (?:and )?(?:freeze|keep) (?:everything|"
            rf"all) (?:else|other)",
            flags,
        ),
        "frozen": regex(
            rf"{part} (?:is|are|remains?|stays?|(?:is|are) kept|being|kept)(?: \w+)? (?:frozen|fixed)\b"
            rf"|\b(?:freez(?:es?|ing)|keep(?:s|"
            rf"ing)?) (?:both )?{part.replace('?P<p>', '?P<p2>')}(?P<after>(?: \w+)? frozen\b)?"
            rf"|\bfrozen {part.replace('?P<p>', '?P<p3>')}",
            flags,
        ),
        "trained": regex(
            rf"\b(?:trains?|updates?|(?:fine-?)?tunes?|unfreezes?) (?:both )?(?!only|just){part}"
            rf"|{part.replace('?P<p>', '?P<p2>')} (?:is|are|gets?)(?: also| fully| jointly)? (?:trained|"
            rf"updated|(?:fine-?)?tuned|unfrozen|trainable)\b",
            flags,
        ),
        "recipe": regex(r"(?:,| but| and| while| yet)(?: (?:it|only|then))? $", flags),
        "again": regex(
            r"\b(?:fine-?tun\w*|scratch|pre-?train\w*|caption\w*|VQA|retriev\w*|tasks?|when|where|which|its own)\b",
            flags,
        ),
        "others": regex(OTHERS, flags),
    }


def stages(text: str, whose: Callable[[int, Sequence[tuple[int, int]]], About | None]) -> Iterator[Remark]:
    """At most one remark on what a sentence says is trained, or is not."""
    lowered = text.lower()
    if not any(word in lowered for word in ("train", "froz", "freez", "tun", "updat", "learn", "fix")):
        return
    table = _patterns()
    if doubted(text) or table["others"].search(text):
        return
    for pattern, judge in ((table["only"], _only), (table["frozen"], _frozen), (table["trained"], _trained)):
        for found in pattern.finditer(text):
            group = next((name for name in found.groupdict() if name.startswith("p") and found[name]), "")
            kept = found[0].lower().startswith("keep") and not found.groupdict().get("after")
            about = whose(found.start(), _towers(text)) if group and not kept else None
            if about is None:
                continue
            if remark := judge(text, found, group, about):
                yield remark
                return


def _towers(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(r"\b(?:CLIP|SigLIP)\b", text)]


def _meant(about: About, text: str) -> list[tuple[str, Resolved]]:
    """The stages that a sentence names; all of the variants' where it names none."""
    return [(name, about.spec.stages[name]) for name in stages_of(about, stage_number(text))]


def _slots(one: Resolved, field: str) -> frozenset[str]:
    """Slots that a stage trains or freezes as a whole."""
    value = one.get(field)
    return frozenset(str(item) for item in value) if isinstance(value, tuple) else frozenset()


def _part(said: str) -> str:
    return next((name for name, words in PARTS.items() if re.fullmatch(rf"(?i)(?:{words})", said)), "")


def _only(text: str, found: re.Match[str], group: str, about: About) -> Remark | None:
    """`stage 2 trains only the projection`."""
    part = _part(found[group])
    chosen = _meant(about, text)
    if not part or not chosen or (len(chosen) > 1 and not stage_number(text)):
        return None
    if re.match(r",? (?:and|plus|together with|along with|as well as) |, the |/| & ", text[found.end(group) :]):
        # A list: `only the resampler and the gated layers`.
        return None
    for name, one in chosen:
        trained = frozenset(item for item in _slots(one, "trained") if "." not in item)
        whole = _whole(about)
        covered = {"alignment"} if part == "alignment" or (part == "alignment.proj" and whole) else {part}
        if not trained or trained <= covered:
            return None
        when = f"{name.replace('-', ' ')} of {about.spec.title}"
        if part == "alignment.proj" and trained == {"alignment"}:
            reason = f"{when} trains the whole {_alignment(about)}, not its projection alone"
        else:
            reason = f"{when} trains {_listed(trained)}"
        return _refuted(found.span(group), reason, _listed(trained, about), one, "trained")
    return None


def _frozen(text: str, found: re.Match[str], group: str, about: About) -> Remark | None:
    """`the Q-Former is frozen in stage 2`."""
    part = _part(found[group])
    slot = part.partition(".")[0]
    chosen = _meant(about, text)
    if not slot or not chosen or any(slot not in _slots(one, "trained") for _, one in chosen):
        return None
    name, one = chosen[-1]
    if not stage_number(text) and len(chosen) < len(about.spec.stages):
        return None
    when = name.replace("-", " ") if stage_number(text) else "every stage"
    return _refuted(
        found.span(group),
        f"{when} of {about.spec.title} trains the {found[group]}",
        f"{found[group]} trained",
        one,
        "trained",
    )


def _trained(text: str, found: re.Match[str], group: str, about: About) -> Remark | None:
    """`stage 1 trains the language model`: said of a stage alone, since later fine-tuning may train anything.

    `freezes the encoder but trains the LLM` tells of the whole recipe.
    """
    slot = _part(found[group]).partition(".")[0]
    chosen = _meant(about, text)
    whole = slot == "language_model" and len(chosen) == len(about.spec.stages) and _is_recipe(text, found)
    if not slot or not chosen or not (stage_number(text) or whole):
        return None
    if whole:
        # A part that an early stage does without is frozen where it comes in.
        chosen = [
            (name, one) for name, one in chosen if _slots(one, "frozen") & {slot} or _slots(one, "trained") & {slot}
        ]
    if not chosen or any(
        slot not in _slots(one, "frozen")
        or (any(item.startswith(f"{slot}.") for item in _slots(one, "trained")) and slot != "encoder")
        for _, one in chosen
    ):
        return None
    name, one = chosen[-1]
    when = name.replace("-", " ") if stage_number(text) else "every stage"
    return _refuted(
        found.span(group),
        f"{when} of {about.spec.title} keeps the {found[group]} frozen",
        f"{found[group]} frozen",
        one,
        "frozen",
    )


def _is_recipe(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence says what is frozen and, in the same breath, what is trained."""
    table = _patterns()
    return (
        re.match(r"(?i)train", found[0]) is not None
        and table["recipe"].search(text, 0, found.start()) is not None
        and table["frozen"].search(text, 0, found.start()) is not None
        and table["again"].search(text) is None
    )


def _refuted(span: tuple[int, int], reason: str, expected: str, one: Resolved, field: str) -> Remark:
    cell = next((entry.span for entry in one.entries if entry.field == field and entry.span), one.span)
    values = ", ".join(sorted(_slots(one, field)))
    return Remark(
        "refuted",
        *span,
        reason,
        expected,
        f"write what the stage trains: {', '.join(sorted(_slots(one, 'trained')))}",
        (),
        (Label(cell, f"{field}: {values}"),),
        rule=RULE,
    )


def _whole(about: About) -> bool:
    slots = [variant.slots.get("alignment") for variant in about.variants]
    return all(slot is not None and slot.kind.anchor.rpartition("#")[2] in WHOLE for slot in slots)


def _alignment(about: About) -> str:
    slot = about.variants[0].slots.get("alignment") if about.variants else None
    name = slot.kind.anchor.rpartition("#")[2] if slot else ""
    return {"q-former": "Q-Former"}.get(name, name.replace("-", " ") or "connector")


def _listed(trained: frozenset[str], about: About | None = None) -> str:
    names = [_alignment(about) if item == "alignment" and about else CALLED.get(item, item) for item in sorted(trained)]
    return " and ".join(names)
