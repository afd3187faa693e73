"""Judges what a sentence says that a system is: its language model, its encoder, what connects them, what is trained.

Only a part that is known, in a role that the words give it, is held against the system's own; denials, comparisons,
history and other people's variants are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from chiasm.diagnostic import Label
from chiasm.judging.plain.cells import ROLES
from chiasm.judging.plain.connectors import connectors
from chiasm.judging.plain.facets import facets
from chiasm.judging.plain.parts import ELSEWHERE, Part, differs, parts, stated
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.judging.plain.stages import stages
from chiasm.regex import regex

RULE = "category-refuted"
COLUMNS = {"language_model": "language model", "encoder": "encoder"}
"""The column of `## Variants` that names a slot's released part."""
OTHERS = (
    r"\b(?:we|our|ours|us|I|my|replac\w*|swap\w*|switch\w*|chang\w*|can|compatible|support\w*|"
    r"variants?|versions?|ablat\w*|experiment\w*|compar\w*|"
    r"similar\w*|like|than|vs\.?|versus|outperform\w*|success\w*|predecessor|earlier|previous\w*|"
    r"later|newer|other|another|alternativ\w*|e\.g\.|such as|"
    r"fine-?tun\w*|distil\w*|teacher|evaluat\w*|benchmark\w*|judged?|data\w*|annotat\w*|filter\w*|"
    r"scor\w*|port(?:s|ed)?|convert\w*|demo|fork\w*|custom|"
    r"inspired|follow\w*|derive\w*|tokenizer|initiali[sz]\w*|until|first|early|old|new|recent|"
    r"upgrad\w*|extend\w*|adapt\w*|any|various|different|"
    r"either|both|respectively|embeddings?|loss|prompts?|options?|default|config\w*|example|plugin|"
    r"implement\w*|community|unofficial|tutorial|notebook|branch\w*)\b|[?]"
)
"""Words of a sentence that may tell of somebody's change, of a comparison, of what was or might be."""
_MODEL = (
    r"(?:LLM|language model|language decoder|text decoder|language backbone|text backbone|decoder|"
    r"base (?:LLM|language model))(?: backbone)?"
)
_TOWER = r"(?:vision|image|visual) (?:encoder|tower|backbone|transformer)"
_LED = (
    r"(?: an?| the| its| their| OpenAI['’]?s?| Google['’]?s?)?"
    r"(?: frozen| pre-?trained| large| open| instruction-tuned| powerful)*"
)
_WHICH = r"(?: (?:behind|of|in|inside(?: of)?|within|under|underlying|for|used (?:by|in)) (?:[^.;:,|]|\.\d){1,30})?"
CALLED = {"language_model": "language model", "encoder": "vision encoder"}
Whose = Callable[[int, Sequence[tuple[int, int]]], About | None]
"""Whom a place of the sentence is about, names at some places being parts and no systems."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    flags = re.IGNORECASE
    return {
        "language_model": regex(
            rf"(?:\b(?:built|builds?|based|relies|rests?|sits) (?:up)?on(?: top of)?{_LED} "
            rf"|\b{_MODEL}{_WHICH}(?: is|:| =| –| —){_LED} "
            rf"|\bgenerat\w+ (?:its |the )?(?:answers?|text|outputs?|captions?|responses?) (?:with|using|by|"
            rf"through){_LED} "
            rf"|\b(?:connect|pair|couple|feed|bridge|link|combine)\w* [^.;]{{1,60}} (?:to|into|with|and){_LED} "
            rf"|\b(?:layers?|blocks?) (?:of|in|into|inside){_LED} "
            rf"|\b(?:uses|employs|adopts|utili[sz]es|is powered by){_LED} )$",
            flags,
        ),
        "language_model after": regex(
            rf"[^.;,:|]{{0,25}} as (?:its |their |the |an? )?(?:frozen )?(?:{_MODEL}|backbone)s?\b", flags
        ),
        "encoder": regex(rf"(?:\b{_TOWER}{_WHICH}(?: is|:| =| –| —){_LED} )$", flags),
        "encoder led": regex(
            rf"\b(?:(?:uses|employs|adopts|utili[sz]es|takes|has|pairs|combines|connects|couples|keeps|"
            # "LLaVA with a SigLIP tower" is somebody's combination; "with its" would be LLaVA's own.
            rf"feeds images (?:in)?to){_LED}|with (?:its|the)(?: frozen| pre-?trained)*) $",
            flags,
        ),
        "encoder after": regex(
            rf"[^.;,:|]{{0,25}}? (?:as (?:its |their |the |an? )?(?:frozen )?(?:{_TOWER}|encoder|tower)s?\b)|"
            rf"(?:[ -][\w./@-]+){{0,2}} (?:{_TOWER}|encoder|tower)\b",
            flags,
        ),
        "based": regex(
            rf"\b(?:is|are|was|were) (?:built|based|made|composed) (?:(?:up)?on|from|of)(?: top of)?{_LED} $", flags
        ),
        "and": regex(rf"(?:[ -][\w./@-]+){{0,2}} and{_LED} ", flags),
        "encoder bare": regex(r"(?:[ -]ViT[\w./@-]*)?(?:\s*(?:[.,;)]|$)| (?:and|to) )", flags),
        "others": regex(OTHERS, flags),
    }


@cache
def _words() -> re.Pattern[str]:
    """What the texts that are read here hold in any case."""
    return regex(
        r"(?i)llama|vicuna|qwen|mi[sx]tral|\bopt\b|t5\b|gpt|gemm|gemini|\bphi\b|mpt\b|pajama|chinchilla|persimmon|"
        r"internlm|\byi\b|"
        r"deepse|deepstack|bloom|falcon|palm|glm|baichuan|olmo|smollm|stablelm|pythia|[cg]lip|\beva|dino|nfnet|vit\b|"
        r"\bsam\b|convnext|aim|swin|"
        r"resnet|efficientnet|alpaca|former\b|querying|resampl|mlp|linear|attention|prepend|concatenat|splic|froz|"
        r"freez|train|tune|"
        r"updat|tokens?\b|softmax|sigmoid|merg|group"
    )


def speaks_of_parts(text: str) -> bool:
    """Whether a text may say what a system consists of, or what is trained of it."""
    return _words().search(text) is not None


def categories(text: str, head: str, whose: Whose) -> Iterator[Remark]:
    """Remarks on what a sentence, or a cell under a header, says that a system is."""
    for slot in COLUMNS:
        if named := parts(slot, text):
            yield from _parts(slot, text, head, named, whose)
    yield from connectors(text, whose)
    yield from stages(text, whose)
    yield from facets(text, whose)


def _parts(slot: str, text: str, head: str, named: Sequence[Part], whose: Whose) -> Iterator[Remark]:
    said = [one for one in named if _has_role(slot, text, head, one)]
    if not said or doubted(text) or _patterns()["others"].search(text):
        return
    taken = [(one.start, one.end) for one in (*parts("language_model", text), *parts("encoder", text))]
    about = whose(said[0].start, taken)
    if about is None:
        return
    wrong = [(one, remark) for one in said if (remark := _held(slot, one, about))]
    if len(wrong) == len(said):
        # Of several names one that is right makes the others a list of what else there is.
        yield wrong[0][1]


def _has_role(slot: str, text: str, head: str, one: Part) -> bool:
    """Whether the words around a name make it the system's language model or encoder."""
    table = _patterns()
    if head:
        named = ROLES[slot].fullmatch(head.strip("*` :"))
        return named is not None and one.start == len(text) - len(text.lstrip())
    before = text[max(0, one.start - 110) : one.start]
    if table[slot].search(before) or _together(slot, text, one):
        return True
    if slot == "language_model":
        return table["language_model after"].match(text, one.end) is not None
    if table["encoder led"].search(before):
        led = re.search(r"(?i)(?:uses|employs|adopts|utili[sz]es|connects|pairs|couples)[^.;]{0,25}$", before)
        return table["encoder after"].match(text, one.end) is not None or bool(
            led and table["encoder bare"].match(text, one.end)
        )
    return (
        re.match(
            r"(?i)[^.;,:|]{0,25}? as (?:its|their|the) (?:frozen )?(?:vision|image|visual) (?:encoder|tower|backbone)",
            text[one.end :],
        )
        is not None
    )


def _together(slot: str, text: str, one: Part) -> bool:
    """Whether a name is one of an encoder and a language model that a system is said to consist of."""
    other = "encoder" if slot == "language_model" else "language_model"
    for two in parts(other, text):
        first, second = sorted((one, two), key=lambda part: part.start)
        if _patterns()["based"].search(text[: first.start]):
            return _patterns()["and"].fullmatch(text, first.end, second.start) is not None
    return False


def _is_called_for(slot: str, about: About) -> bool:
    """Whether the one variant that is meant has the part in its name, as `mistral-7b` has."""
    keys = [variant.key for variant in about.variants]
    return len(keys) == 1 < len(about.spec.variants) and bool(stated(slot, keys[0].upper()) or stated(slot, keys[0]))


def _held(slot: str, one: Part, about: About) -> Remark | None:
    """A refutation where every variant that may be meant states another part."""
    versions = {variant.key.partition("-")[0] for variant in about.variants}
    version = versions.pop() if len(versions) == 1 else ""
    releases = (ELSEWHERE.get(name) for name in (f"{about.spec.system}:{version}", about.spec.system))
    elsewhere = stated(slot, next(filter(None, releases), ""))
    if one.family in {other.family for other in elsewhere} and not _is_called_for(slot, about):
        return None
    cells = [variant.cells.get(COLUMNS[slot]) for variant in about.variants]
    if not cells or any(cell is None for cell in cells):
        return None
    known = [cell for cell in cells if cell is not None]
    for cell in known:
        true = stated(slot, cell.text)
        if cell.text != "none" and not differs(one, true):
            return None
    texts = list(dict.fromkeys(cell.text for cell in known))
    title = about.spec.title
    expected = " or ".join(texts)
    reason = f"{title} has no {CALLED[slot]}" if texts == ["none"] else f"the {CALLED[slot]} of {title} is {expected}"
    labels = (Label(known[0].span, f"{CALLED[slot]}: {known[0].text}"),)
    help_ = (
        "leave it out, or name the system that has it"
        if texts == ["none"]
        else f"write {texts[0]}, or name the release that has {one.text}"
    )
    return Remark(
        "refuted", one.start, one.end, reason, "" if texts == ["none"] else expected, help_, (), labels, rule=RULE
    )
