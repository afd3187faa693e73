"""Says which fact a number counts: the words around it in, the quantity and the component that they name out."""

from __future__ import annotations

import re
from typing import NamedTuple

from chiasm.claiming.passage import Passage
from chiasm.judging.plain import grid, widths
from chiasm.judging.plain.denial import clause
from chiasm.judging.plain.phrases import components, patterns
from chiasm.numbers.quantity import Placed
from chiasm.page.inline import plain
from chiasm.regex import regex

Slots = tuple[str, ...]
_OUT_OF = regex(r"\d (?:out )?of (?:the |its |all )?$")
"""Before a whole, which may be another's: `39 of 40 blocks`."""
_COVERS = regex(
    r"(?i)\b(?:token|vector)s? (?:covers?|spans?|corresponds? to|represents?|stands? for|sees?)(?: an?| one)?"
    r"(?: (?:region|area|square|block|window) of)? (?:\d+ ?[×x] ?)?$"
)
"""Before the side of what one token stands for."""
_TEXTS = regex(
    r"\b(?:texts?|captions?)\b.*\b(?:tokeni[sz]\w*|pad\w*|truncat\w*|cap(?:s|ped)?|cut|limit\w*|reads?|up to|max\w*)\b"
    r"|\b(?:tokeni[sz]\w*|pads?|truncat\w*|caps?|cuts?|limit\w*|reads?) .*\b(?:texts?|captions?)\b"
)
"""What a text encoder reads, in lower case."""
_LABELLED = regex(r"\b[Cc]ontext (?:length|window|size)\b[^.;:\d]{0,40}\S*[:=] ?$")
"""A label before a number of tokens: `Context length of Qwen3-VL: 256K tokens`."""
UNITS = frozenset({"tokens", "image_tokens"})
COUNTED = frozenset({"context", "queries", "image_tokens", "tokens"})
"""What a header says of a number whose own word is only `tokens`."""
OWNED = frozenset({"layers", "heads", "kv_heads", "dim", "mlp_dim", "head_dim", "parameters"})
"""Counts that a component has, which a heading may name."""
LEADING = frozenset({"patch_size", "image_size"})
"""What a number of pixels certainly is where it is said before it."""
OPENING = 40
"""Characters of a sentence in which it says what it is about."""


SIDE = regex(
    r"(?i) (?:(?:a|per|on a|on each|along each|along a|in each|in a) (?:side|row|column|edge)|(?:wide|high|tall)\b)"
)
"""Patches counted along one side of the image."""


class Meaning(NamedTuple):
    """What a number counts (`layers`, `image_tokens`), of which slots ((): no word says of which), and in which words.

    `sure` says that the words can mean nothing else: the count of a thing that has it, not of some of its parts.
    """

    what: str
    slots: Slots
    words: str
    sure: bool = True


def meaning(passage: Passage, placed: Placed) -> Meaning | None:
    """What a number counts; None where its words do not say."""
    if passage.spot is not None and passage.spot.row >= 0:
        return _in_table(passage, placed)
    found = _in_words(passage, placed.start, placed.end)
    if found and not found.slots and found.what in OWNED:
        said = _sentence(passage, placed.start)
        named = components(said)
        if not named:
            return found._replace(slots=grid.of_heading(passage))
        if len(named) == 1 and components(said[:OPENING]) == named:
            # "The resampler's latents …, so that in each of six layers they …"
            return found._replace(slots=named)
    return found


def _sentence(passage: Passage, at: int) -> str:
    low, high = passage.sentence(at)
    return passage.words[low:high].lower()


def _in_table(passage: Passage, placed: Placed) -> Meaning | None:
    """A cell: what its own words, its column's header or its row's first cell say."""
    own = _in_words(passage, placed.start, placed.end)
    named = grid.counted(passage, placed)
    if own and named and named.what == own.what:
        return own if own.slots or not named.slots else own._replace(slots=named.slots)
    if own and not (named and own.what in UNITS and named.what in COUNTED):
        return own
    if named:
        return Meaning(*named)
    spot = passage.spot
    if spot is None or len(passage.words.strip()) > 40:
        return None
    row = spot.table.rows[spot.row]
    for cell in (spot.head, row[0] if row and spot.column else None):
        if cell is not None and (found := headed(plain(cell.inlines))):
            return found
    return None


def headed(text: str) -> Meaning | None:
    """What a header names."""
    text = text.strip().replace("_", " ")
    if len(text) > 60:
        return None
    found = list(patterns()["head"].finditer(text))
    if len({one.lastgroup for one in found}) != 1:
        return None
    what = found[0].lastgroup or ""
    around = text.lower()
    if patterns()["others"].search(around):
        return None
    if what == "parameters" and re.search(r"(?i)train|active|vision|llm|encoder", text):
        return None
    return Meaning(what, components(around), text)


def _in_words(passage: Passage, start: int, end: int) -> Meaning | None:
    words, known = passage.words, patterns()
    low, high = clause(passage, start)
    whole = passage.sentence(start)
    before, behind = words[max(whole[0], start - 70) : start], words[end : min(whole[1], end + 70)]
    if known["part"].match(behind) or known["some"].search(before) or _OUT_OF.search(before):
        return None
    if (second := re.search(r"(\d+) ?[×x] ?$", before)) and second[1] == words[start:end].strip(" px"):
        # The other side of a square, which has been judged.
        return None
    led = known["before"].search(before)
    if led and led.lastgroup in LEADING and known["pixels"].match(behind):
        return Meaning(led.lastgroup, components(before.lower())[-1:], led[0].strip(" :=-"))
    if side := _sides(passage, start, end, before, behind):
        return side
    if own := widths.vocabulary(before, behind) or widths.width(words[whole[0] : start], behind):
        return Meaning(own[0], own[1], behind.strip()[:20])
    if found := known["after"].match(behind):
        made = _counted(found, words[low:high], before, behind)
        a_side = made is not None and made.what == "patches" and SIDE.match(behind, found.end())
        return made._replace(what="grid", words="patches a side") if made and a_side else made
    if (found := known["before"].search(before)) and known["ends"].match(behind):
        what = found.lastgroup or ""
        if what == "layers" and "depth" not in found[0].lower():
            # "in layers 3" names one.
            return None
        slots = components(words[max(whole[0], start - 60) : start].lower())
        return Meaning(what, slots[-1:] if slots else (), found[0].strip(" :=-"), sure=what != "patches")
    return None


def _counted(found: re.Match[str], said: str, before: str, behind: str) -> Meaning | None:
    """A number with its noun behind it."""
    known, what = patterns(), found.lastgroup or ""
    adjectives = (found["adjectives"] or "").lower()
    phrase = found[0].strip(" -")
    lowered = said.lower()
    free = what in ("tokens", "patches", "queries", "context")
    whole = known["made"].match(behind, found.end()) is not None
    sure = free or whole or known["owns"].search(before) is not None or found[0].startswith("-")
    if known["rate"].match(behind, found.end()):
        return None
    if what == "tokens":
        led = known["before"].search(before)
        if (led and led.lastgroup == "context") or _LABELLED.search(before):
            return Meaning("context", (), phrase)
        return _tokens(phrase, adjectives, lowered, behind, sure=sure)
    if what == "tiles":
        most = re.search(r"(?i)at most|up to|maximum|no more than", said)
        return Meaning("tiles", (), phrase) if most and not re.search(r"(?i)token|batch|frame|video", said) else None
    if what == "vocab":
        if "vocab" not in lowered:
            return None
        return Meaning("vocab", ("alignment",) if "visual" in lowered else (), phrase, sure=sure)
    if what == "parameters":
        if re.search(r"train|fine-?tun|froz|activ|updat|learn|adapt[eo]r|lora\b|probe|plug-?in|module", lowered):
            return None
        if re.match(r"[^.,;:]{0,20}?\b(?:more|fewer|less|extra|each|on top)\b", behind):
            return None
        return Meaning("parameters", components(before.lower())[-1:], phrase, sure=sure)
    if what == "context":
        return None if known["others"].search(lowered) else Meaning(what, (), phrase, sure=sure)
    if what == "queries" and "head" in behind[:24]:
        return None
    if what == "layers" and (led := known["layered"].match(behind)):
        # A two-layer MLP has them, whatever stands before it.
        owner = components(led[1].lower())
        return Meaning(what, owner[:1], phrase, sure=sure) if owner else None
    near = components(adjectives) or _following(behind[found.end() :]) or components(before.lower())[-1:]
    return Meaning(what, near, phrase, sure=sure)


def _tokens(phrase: str, adjectives: str, said: str, behind: str, *, sure: bool) -> Meaning | None:
    """Tokens: of an image, of a tile, of a context, or nobody knows."""
    known = patterns()
    if (
        re.search(r"\bcontext\b|\bwindow\b|native(?:ly)?\b", said)
        and "image" not in adjectives
        and "visual" not in adjectives
    ):
        return None if re.search(r"train|stage|batch", said) else Meaning("context", (), phrase, sure=sure)
    if _TEXTS.search(said) and not re.search(r"visual|vision|image|patch", said):
        return Meaning("context", ("text_encoder",), phrase, sure=sure)
    if re.search(r"quer|learn|latent", adjectives):
        return Meaning("queries", (), phrase, sure=sure)
    if not adjectives and components(said)[-1:] == ("language_model",) and not known["image"].search(said):
        return None
    others = known["others"].search(said)
    if others and not (others[0].lower() in ("train", "trained") and "visual" in adjectives):
        return None
    of_image = re.search(r"visual|vision|image|patch|soft", adjectives) or known["image"].search(said + behind[:40])
    if known["tile"].search(said):
        return Meaning("tile_tokens", (), phrase, sure=False)
    each = known["image"].search(said) is not None
    sure = sure and bool(of_image or known["seen"].search(said))
    return Meaning("image_tokens" if of_image else "tokens", (), phrase + (" per image" if each else ""), sure=sure)


def _sides(passage: Passage, start: int, end: int, before: str, behind: str) -> Meaning | None:
    """The side of a patch or of an image."""
    known = patterns()
    square, pixels, led = (
        known["square"].match(behind),
        known["pixels"].match(behind),
        known["sides"].search(before),
    )
    second = re.search(r"(\d+) ?[×x] ?$", before)
    here = re.search(r"\d+", passage.words[start:end])
    number = here[0] if here else ""
    if second and second[1] != number:
        return None
    if _COVERS.search(before) and (pixels or square):
        return Meaning("token_side", (), "pixels of a token's side")
    found = pixels or square
    if known["merges"].search(before):
        return None
    if square and square["other"] != number:
        return None
    noun = (found["noun"] or "").lower() if found else ""
    if "patch" in noun:
        exact = pixels is not None or bool(square and square["px"])
        return Meaning(
            "patch_size" if exact else "patch_side", ("encoder",), "patches of pixels" if exact else "patches"
        )
    if led and led["patch"]:
        return Meaning("patch_size", ("encoder",), "patches of pixels")
    if led and led["tile"] and found:
        return Meaning("tile_size", (), "pixels of a tile")
    if second and re.match(r"(?i)[ -](?:image )?patch", behind):
        return Meaning("patch_side", ("encoder",), "patches")
    if noun or (led and led["image"] and found):
        return Meaning("image_size", (), "pixels of an image's side")
    if pixels or (square and square["px"]) or (second and known["pixels"].match(behind)):
        return Meaning("pixels", (), "pixels", sure=False)
    return None


def _following(behind: str) -> Slots:
    """The component of `layers in the vision encoder`."""
    found = re.match(r"(?i)[ ](?:in|of|for|inside|within)[ ](?:the |its |a |each )?(?:\w+ ){0,2}?", behind)
    return components(behind[: found.end() + 24].lower())[:1] if found else ()
