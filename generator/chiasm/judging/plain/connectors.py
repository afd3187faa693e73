"""Judges what a sentence says stands between encoder and language model: its text in, remarks out.

A word refutes only where the system's kind is certainly another: a Q-Former is a resampler to many, a patch merger has
two linear layers, and both are left alone. What a kind is, its section of a concept page says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.regex import regex
from chiasm.spec.model import Resolved

RULE = "category-refuted"
PROJECTIONS = frozenset(
    {"linear-projection", "mlp-projection", "patch-merger", "hybrid-projector", "visual-embedding-table"}
)


class Connector(NamedTuple):
    """A connector that words name: in which slot, and the kinds (anchors) of which it is certainly not said."""

    slot: str
    words: str
    other: frozenset[str]
    unless: str = ""
    """Words beside which it says something else."""


_USES = (
    r"\b(?:uses?|employs?|adopts?|has|contains?|relies on|inserts?|via|through|with|by|means of)"
    r"(?: an?| the| its| learned| learnable| lightweight| small| trainable| single| simple|"
    r" two-layer| 2-layer| one| new)* "
)
_NEEDS = (
    # Only where the sentence opens with who needs it: `to see videos it needs …` says that there is none yet.
    r"^[\s*_]*(?:(?-i:[A-Z])[\w.-]*(?: [\d.]+\w*)?|it|the (?:model|architecture)) "
    r"(?:also |still )?(?:needs?|requires?)(?: an?| the| its| learned| trained| small)* "
)
CONNECTORS: dict[str, Connector] = {
    "Q-Former": Connector(
        "alignment",
        rf"(?:{_USES}|{_NEEDS}(?=\S+(?: transformer)? (?:between|to (?:connect|bridge|link|map|project|align))\b))"
        rf"(?P<what>Q-?Former|querying transformer)\b",
        PROJECTIONS | {"perceiver-resampler", "spatial-resampler"},
    ),
    "perceiver resampler": Connector("alignment", rf"{_USES}(?P<what>perceiver[ -]resampler)\b", PROJECTIONS),
    "MLP": Connector(
        "alignment",
        rf"{_USES}(?P<what>MLP(?: \w+)? ?(?:projector|connector|projection|adapter))\b",
        frozenset({"q-former", "linear-projection"}),
    ),
    "linear layer": Connector(
        "alignment",
        r"\b(?:connects?|bridges?|links?|projects?|maps?|aligns?)\b[^.;]{0,70}\b(?:an?|one|single|simple|"
        r"just a|only a)(?: single| simple| trainable| learned)? (?P<what>linear (?:layer|projection|"
        r"projector|mapping|matrix))\b",
        frozenset({"mlp-projection"}),
        r"MLP|\btwo\b|2-layer|follow|GELU|stack|layers\b",
    ),
    "gated cross-attention": Connector(
        "fusion",
        rf"{_USES}(?P<what>gated cross[- ]attention)\b",
        frozenset({"token-splice", "deepstack", "contrastive"}),
    ),
    "cross-attention in the language model": Connector(
        "fusion",
        r"(?P<what>cross[- ]attention (?:layers?|blocks?)) (?:that are )?(?:inserted |interleaved |added |"
        r"placed )?(?:in|into|inside|between|within) (?:the )?(?:layers of the )?(?:frozen )?(?:LLM|"
        r"language model|decoder)\b",
        frozenset({"token-splice", "deepstack"}),
    ),
    "a prefix of visual tokens": Connector(
        "fusion",
        r"(?P<what>(?:prepend|concatenat|splic)\w* (?:the )?(?:visual|image) (?:tokens|embeddings|"
        r"features)) (?:to|into|with|before) (?:the )?(?:text|input|word|prompt|language)",
        frozenset({"gated-cross-attention"}),
    ),
}


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return regex(CONNECTORS[name].words, re.IGNORECASE)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    flags = re.IGNORECASE
    return {
        "speaks": regex(
            r"q-?former|querying|resampler|mlp|linear|cross[- ]attention|prepend|concatenat|splic|deepstack", flags
        ),
        "experts": regex(
            r"DeepStack(?: in [A-Z][\w.-]*)?(?:,? (?:is|are|acts? as|works? as|implements?)|,(?= an? )|:|"
            r" [–—]| \() ?(?P<a>(?:an? |the |its )?(?:[\w-]+ ){0,3}(?:MoE\b|mixture[ -]of[ -]experts|"
            r"experts\b))"
            r"|DeepStack(?:,? which| that)?[^.;,]{0,40}\b(?P<b>(?:routes?|dispatch\w*|activates?|selects?|assigns?|"
            r"sends?)\b[^.;]{0,60}\b(?:experts|expert (?:networks?|modules?|layers?|blocks?)))\b"
            r"|DeepStack (?P<d>experts)\b"
            r"|(?:thanks to|through|via|using|with|by) DeepStack,[^.;]{0,40}\b(?P<c>(?:has|have|gets?|gains?|"
            r"uses?) (?:[\w-]+ ){0,2}experts)\b",
            flags,
        ),
        "others": regex(
            r"\b(?:we|our|ours|us|I|my|replac\w*|swap\w*|chang\w*|can|support\w*|variants?|versions?|ablat\w*|"
            r"experiment\w*|compar\w*|similar\w*|like|than|vs\.?|"
            r"versus|success\w*|predecessor|earlier|previous\w*|later|other|another|alternativ\w*|such as|"
            r"inspired|follow\w*|instead|adapt\w*|drop\w*|remov\w*|"
            r"videos?|audio|speech|branch\w*|temporal|"
            r"both|either|respectively|borrow\w*|combin\w*|unlike|extend\w*|original|first|community)\b|[?]",
            flags,
        ),
    }


def connectors(text: str, whose: Callable[[int, Sequence[tuple[int, int]]], About | None]) -> Iterator[Remark]:
    """Remarks on connectors that a sentence ascribes to a system that has another."""
    if not _patterns()["speaks"].search(text) or doubted(text):
        return
    if found := _patterns()["experts"].search(text):
        yield from _experts(found, whose)
        return
    if _patterns()["others"].search(text):
        return
    for name, one in CONNECTORS.items():
        found = _pattern(name).search(text)
        if not found or (one.unless and re.search(one.unless, text)):
            continue
        about = whose(found.start("what"), _towers(text))
        if about and (remark := held(one, found, about)):
            yield remark
            return


def _towers(text: str) -> list[tuple[int, int]]:
    """Names of encoders, which are parts here and no systems."""
    return [found.span() for found in re.finditer(r"\b(?:CLIP|SigLIP)\b(?:[ -]?\d)?(?: ViT[\w./@-]*)?", text)]


def held(one: Connector, found: re.Match[str], about: About) -> Remark | None:
    """A refutation where every variant that may be meant has a kind of which the words are certainly not said."""
    slots = [variant.slots.get(one.slot) for variant in about.variants]
    known = [slot for slot in slots if slot is not None]
    if not known or len(known) != len(slots) or any(_anchor(slot) not in one.other for slot in known):
        return None
    true = list(dict.fromkeys(_called(slot) for slot in known))
    said, title = found["what"], about.spec.title
    named = (
        f" ({', '.join(variant.key for variant in about.variants)})"
        if len(about.variants) < len(about.spec.variants)
        else ""
    )
    does = "connects its encoder by" if one.slot == "alignment" else "fuses by"
    return Remark(
        "refuted",
        *found.span("what"),
        f"{title}{named} {does} {' or '.join(true)}",
        true[0],
        f"write {true[0]}, or name the system that has {said}",
        (),
        (Label(known[0].span, f"{one.slot}: {true[0]}"),),
        rule=RULE,
    )


def _anchor(slot: Resolved) -> str:
    return slot.kind.anchor.rpartition("#")[2]


def _called(slot: Resolved) -> str:
    """A kind as its section's heading calls it."""
    return {"q-former": "a Q-Former", "mlp-projection": "an MLP", "linear-projection": "one linear layer"}.get(
        _anchor(slot), _anchor(slot).replace("-", " ")
    )


def _experts(found: re.Match[str], whose: Callable[[int, Sequence[tuple[int, int]]], About | None]) -> Iterator[Remark]:
    """DeepStack adds features; nothing is routed."""
    about = whose(found.start(), [one.span() for one in re.finditer(r"\bMoE\b", found.string)])
    if about is None:
        return
    slots = [variant.slots.get("fusion") for variant in about.variants]
    if not all(slot is not None and _anchor(slot) == "deepstack" for slot in slots):
        return
    what = next(name for name in "abcd" if found[name])
    label = tuple(Label(slot.span, "fusion: DeepStack") for slot in slots[:1] if slot)
    reason = (
        "DeepStack adds features of several encoder blocks to the hidden states of the first layers; "
        "nothing is routed, and there are no experts in it"
    )
    yield Remark(
        "refuted",
        *found.span(what),
        reason,
        "",
        "say that it adds features of several encoder blocks, or name the mixture of experts that is meant",
        (),
        label,
        rule=RULE,
    )
