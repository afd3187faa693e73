"""Judges parts that a sentence gives to a system that has none: `LLaVA trains the resampler` in, a remark out.

What a kind is made of stands here once: its connector's names, its norm, its tokens. A term that the kinds of a system
rule out is wrong of it, wherever the words say that it is the system's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.plain.makeup import BARE, CALLED, NORMS, PROJECTS, SECTIONS
from chiasm.judging.plain.remark import Remark
from chiasm.judging.plain.scene import Scene, clause, phrase
from chiasm.regex import regex
from chiasm.spec.model import Resolved, VariantSpec

RULE = "category-refuted"
_OTHERS = regex(
    r"(?i)\b(?:we|our|us|I|my|replac\w*|swap\w*|switch\w*|could|compar\w*|ablat\w*|experiment\w*|similar\w*|versus|vs|"
    r"alternativ\w*|such as|inspired|called|either|earlier|later|previous\w*|drops?|dropped|removes?|gives up|"
    r"avoids?|skips?|than|difference)\b|[?]|\bor (?:an? |the )?$"
)
_OWNS = regex(
    r"(?i)(?:\b(?:the|its|whole|same|trained|learned|one|both|train(?:s|ing)?|freez(?:es|ing)|tun(?:es|ing)|keeps?|has|"
    r"uses?|with|through|by|an?|and)|['’]s)(?: \w+ly)?(?: (?:perceiver|trained|frozen|new|same|whole|single|small))* $"
)


class Term(NamedTuple):
    """A word for a part, and why a variant has none ("" where it may)."""

    words: str
    lacks: Callable[[VariantSpec, Scene, int], tuple[str, Resolved | None]]
    kinds: tuple[str, ...] = ()
    """Kinds in whose own sections the word is out of place."""
    everywhere: bool = True
    """Whether others than our own pages use the word in this sense alone."""


def _connector(*kinds: str) -> Callable[[VariantSpec, Scene, int], tuple[str, Resolved | None]]:
    def lacks(variant: VariantSpec, _scene: Scene, _place: int) -> tuple[str, Resolved | None]:
        slot = variant.slots.get("alignment")
        if slot is None or slot.kind.name not in kinds:
            return "", None
        return f"what stands between encoder and language model is {CALLED[slot.kind.name]}", slot

    return lacks


def _class_token(variant: VariantSpec, _scene: Scene, _place: int) -> tuple[str, Resolved | None]:
    slot = variant.slots.get("encoder")
    if slot is None or "text_encoder" in variant.slots:
        return "", None
    if slot.kind.name in ("raw_patches", "native_vit", "nfnet") or slot.values.get("class_token") is False:
        return "its encoder has no class token", slot
    return "", None


def _newline(variant: VariantSpec, _scene: Scene, _place: int) -> tuple[str, Resolved | None]:
    slot = variant.slots.get("budget")
    if slot is not None and slot.kind.name in ("fixed", "none", "dynamic"):
        return "no token of its sequence ends a row of patches", slot
    return "", None


def _norm(said: str) -> Callable[[VariantSpec, Scene, int], tuple[str, Resolved | None]]:
    def lacks(variant: VariantSpec, scene: Scene, place: int) -> tuple[str, Resolved | None]:
        owner = _owner(scene, place)
        slots = [slot for name, slot in variant.slots.items() if name in _TENSORS and owner in ("", name)]
        made = [slot for slot in slots if slot.kind.name not in BARE]
        norms = {NORMS.get(slot.kind.name, "") for slot in made}
        if not norms or said in norms or "" in norms:
            return "", None
        true = " and ".join(sorted(norms))
        return f"the norm of its {owner.replace('_', ' ') or 'layers'} is {true}", made[0]

    return lacks


_TENSORS = frozenset({"encoder", "text_encoder", "alignment", "fusion", "language_model"})
_OWNERS = (
    ("encoder", regex(r"(?i)\b(?:towers?|encoders?|ViT|vision transformer|patches|features)\b")),
    (
        "alignment",
        regex(
            r"(?i)\b(?:Q-?Former|quer(?:y|ies)\b(?! and keys)(?! heads)|resampler|mergers?|latents|"
            r"connector|visual word)\b"
        ),
    ),
    ("language_model", regex(r"(?i)\b(?:decoders?|language model|LLM)\b")),
)


def _owner(scene: Scene, place: int) -> str:
    """The slot whose part a place speaks of: named in its phrase, else what the section is about."""
    low, high = phrase(scene.text, place)
    named = [slot for slot, words in _OWNERS if words.search(scene.text, low, high)]
    if len(named) == 1:
        return named[0]
    return scene.slot if not named and scene.slot in _TENSORS else ""


TERMS = (
    Term(r"(?:(?:perceiver|spatial) )?resampler", _connector(*PROJECTS), (*PROJECTS,)),
    Term(
        r"Q-?Former|querying transformer",
        _connector(*PROJECTS, "perceiver_resampler", "spatial_resampler"),
        (
            *PROJECTS,
            "perceiver_resampler",
            "spatial_resampler",
        ),
    ),
    Term(
        r"perceiver(?! resampler)",
        _connector(*PROJECTS, "q_former"),
        (
            *PROJECTS,
            "q_former",
        ),
    ),
    Term(
        r"(?:patch )?merger",
        _connector("linear", "mlp", "q_former", "perceiver_resampler", "hybrid_projector"),
        (
            "linear",
            "mlp",
            "q_former",
            "perceiver_resampler",
            "hybrid_projector",
        ),
    ),
    Term(r"projector", _connector("perceiver_resampler"), ("perceiver_resampler",), everywhere=False),
    Term(
        r"perceiver projector", lambda _variant, _scene, _place: ("a perceiver is a resampler", None), everywhere=False
    ),
    Term(r"class token", _class_token),
    Term(r"newline token", _newline),
    Term(r"RMSNorms?", _norm("RMSNorm")),
    Term(r"LayerNorms?", _norm("LayerNorm")),
)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(
        "|".join(f"(?P<t{index}>\\b(?:{one.words})\\b)" for index, one in enumerate(TERMS)), re.IGNORECASE
    )


def inventory(scene: Scene) -> Iterator[Remark]:
    """At most one remark on a part that the system does not have."""
    text = scene.text
    for found in _pattern().finditer(text):
        term = TERMS[int((found.lastgroup or "t0")[1:])]
        low, high = clause(text, found.start())
        if not scene.asserted(*found.span()) or (scene.elsewhere(low) or _OTHERS.search(text, low, high)):
            continue
        if not scene.ours and not (term.everywhere and _OWNS.search(text, low, found.start())):
            continue
        if remark := _of_kind(scene, term, found) or _of_system(scene, term, found):
            yield remark
            return


def _of_system(scene: Scene, term: Term, found: re.Match[str]) -> Remark | None:
    about = scene.about(found.start())
    if about is None or not about.variants:
        return None
    made = [term.lacks(variant, scene, found.start()) for variant in about.variants]
    if not all(why for why, _ in made):
        return None
    why, slot = made[0]
    title = about.spec.title
    reason = f"{title} has no {found[0]}: {why}"
    labels = (Label(slot.span, f"{slot.slot}: {slot.kind.name.replace('_', ' ')}"),) if slot else ()
    return Remark("refuted", *found.span(), reason, "", f"name the part that {title} has", (), labels, rule=RULE)


def _of_kind(scene: Scene, term: Term, found: re.Match[str]) -> Remark | None:
    """A norm or a connector in the section of a concept page that describes a kind with another."""
    slot, kind = SECTIONS.get(scene.kind, ("", ""))
    if not kind or scene.names or _owner(scene, found.start()) not in ("", slot):
        return None
    norm, said = NORMS.get(kind, ""), found[0].rstrip("s")
    if said in NORMS.values():
        if not norm or said == norm:
            return None
        return Remark("refuted", *found.span(), f"the norm of this kind is {norm}", norm, f"write {norm}", rule=RULE)
    if slot != "alignment" or kind not in term.kinds:
        return None
    return Remark(
        "refuted",
        *found.span(),
        f"this section is about {CALLED[kind]}",
        "",
        f"write what it is: {CALLED[kind]}",
        rule=RULE,
    )
