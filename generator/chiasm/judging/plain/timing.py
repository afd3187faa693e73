"""Judges what a sentence calls early, mid or late fusion: its text in, remarks by the facet `fusion_stage` out.

The literature uses the three words in more than one sense, so that a name given in passing is left alone: outside of a
system's own pages only a pair of towers that meet in a cosine cannot be anything but late.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import About, Remark
from chiasm.judging.plain.scene import Scene
from chiasm.regex import regex
from chiasm.spec.model import VariantSpec

RULE = "category-refuted"
_WORD = r"(?P<what>(?i:early|mid(?:dle)?|late|intermediate))"
_IS = regex(
    rf"\b(?:is|are|remains?|counts? as|belongs? to|uses?|does|performs?|employs?)(?: an?| the| called| all| both)?"
    rf"(?: example of)? {_WORD}\b(?P<noun>[ -]fusion\b)?(?P<end>\s*(?:$|[.,;:)]| and\b| by\b| because\b| "
    rf"in\b|[ -]fusion))"
)
_SHOWS = regex(rf"^[\s*_]*{_WORD}[ -]fusion\b[^.;]*?(?:: |, (?:as|like) (?:in )?|\((?:e\.g\., )?)(?=[A-Z])")
_CONTEXT = regex(r"(?i)\bfusion|\bfuse[sd]?\b|\bstage\b|by it\b")
_ALIKE = {"middle": "mid", "intermediate": "mid"}
_KINDS = {
    "splice": "early",
    "deepstack": "early",
    "contrastive": "late",
    "gated_cross_attention": "mid",
    "modality_experts": "early",
}
"""The stage that a fusion is in, where the page of a system does not say it."""


def timing(scene: Scene) -> Iterator[Remark]:
    """A remark on each stage of fusion that a sentence gives to a system of another."""
    text = scene.text
    lowered = text.lower()
    if not ("early" in lowered or "late" in lowered or "mid" in lowered or "intermediate" in lowered):
        return
    said = list(_IS.finditer(text))
    if said and (_CONTEXT.search(text) or len(said) > 1 or scene.slot in ("fusion", "positioning")):
        for found in said:
            for about in _subjects(scene, found.start()):
                if scene.asserted(*found.span("what")) and (remark := _held(scene, found.span("what"), about)):
                    yield remark
                    break
    if (shows := _SHOWS.match(text)) and scene.asserted(*shows.span("what")):
        first = next((one for one in scene.names if one.start >= shows.end()), None)
        shown = scene.system(first) if first and first.start - shows.end() < 5 else None
        if shown and (remark := _held(scene, shows.span("what"), shown)):
            yield remark


def _subjects(scene: Scene, verb: int) -> list[About]:
    """The systems right before a verb: `LLaVA and Fuyu are`; `the fusion itself is` in a system's own section."""
    found: list[About] = []
    end = verb
    for one in reversed(scene.names):
        between = scene.text[one.end : end] if one.end <= end else ""
        if one.end > end or not regex(r"(?:['’]s (?:own )?fusion(?: itself)?)?,? (?:and )?(?:both |all )?").fullmatch(
            between
        ):
            continue
        if about := scene.system(one):
            found.append(about)
        end = one.start
    if not found and regex(r"(?i)\b(?:the|its) (?:fusion|stage)(?: itself| here)? $").search(scene.text, 0, verb):
        own = scene.own(verb)
        found += [own] if own else []
    return found


def _held(scene: Scene, span: tuple[int, int], about: About) -> Remark | None:
    said = scene.text[span[0] : span[1]].lower()
    said = _ALIKE.get(said, said)
    true = {_stage(variant) for variant in about.variants}
    if len(true) != 1 or said in true or "" in true:
        return None
    expected = next(iter(true))
    if not scene.ours and expected != "late":
        return None
    entry = about.variants[0].entries.get(("positioning", "fusion_stage"))
    slot = about.variants[0].slots.get("fusion")
    place = entry.span if entry and entry.span else slot.span if slot else None
    return Remark(
        "refuted",
        *span,
        f"{about.spec.title} is {expected} fusion: {_WHY[expected]}",
        expected,
        f"write {expected}",
        (),
        (Label(place, f"fusion_stage: {expected}"),) if place else (),
        rule=RULE,
    )


_WHY = {
    "early": "image and text are one input from the first layer on",
    "mid": "layers inside the network read the image",
    "late": "two towers finish before their vectors meet",
}


def _stage(variant: VariantSpec) -> str:
    entry = variant.entries.get(("positioning", "fusion_stage"))
    if entry and isinstance(entry.value, str):
        return entry.value
    slot = variant.slots.get("fusion")
    return _KINDS.get(slot.kind.name, "") if slot else ""
