"""Judges who a sentence says may look at whom: `the queries read the text` under an objective whose mask forbids it.

The masks of a system stand in its table, an objective a column; the sentence, or what its paragraph begins with, names
the objective.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chiasm.claiming.claim import MaskTable
from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import Remark
from chiasm.judging.plain.scene import Scene, clause
from chiasm.regex import regex

RULE = "category-refuted"
_OBJECTIVES = (
    ("ITC", regex(r"\bITC\b|(?i:\bcontrast(?:ive)?\b)")),
    ("ITM", regex(r"\bITM\b|(?i:\bmatching\b)")),
    ("ITG", regex(r"\bITG\b|(?i:\bgeneration\b|\bgenerat(?:es|ing|ed)\b)")),
)
_NOT = r"(?P<not>do(?:es)? not |don['’]t |never |cannot |can['’]t |may not |must not )?"
_SEES = r"(?:do |can |may |also )?(?:sees?|reads?|attends? to|looks? at)"
_GAZE = regex(
    rf"(?i)\b(?P<who>quer(?:y|ies)|texts?)(?: tokens)?(?: and (?:the )?(?P<too>texts?|quer(?:y|ies)))? {_NOT}"
    rf"(?P<what>{_SEES} (?:the )?(?P<whom>texts?|quer(?:y|ies)|each other|one another))\b"
)
_CAUSAL = regex(r"(?i)\btext(?: tokens)? (?:is|are|attends?) (?P<what>causal(?:ly)?|bidirectional(?:ly)?)\b")


def gazes(scene: Scene) -> Iterator[Remark]:
    """At most one remark on what a mask forbids or allows."""
    found = list(_GAZE.finditer(scene.text))
    said = list(_CAUSAL.finditer(scene.text))
    if not found and not said:
        return
    for match in (*found, *said):
        objective = _objective(scene, match.start())
        mask = _mask(scene, match.start(), objective) if objective else None
        if mask is None:
            continue
        gaze = match in said
        remark = _attention(match, mask, objective) if gaze else _looks(match, mask, objective)
        if remark:
            yield remark
            return


def _objective(scene: Scene, place: int) -> str:
    """The one objective that the clause names, else the sentence, else the beginning of the paragraph."""
    for words in (scene.text[slice(*clause(scene.text, place))], scene.text, scene.lead):
        named = [name for name, pattern in _OBJECTIVES if pattern.search(words)]
        if named:
            return named[0] if len(named) == 1 else ""
    return ""


def _mask(scene: Scene, place: int, objective: str) -> MaskTable | None:
    about = scene.about(place)
    systems = (about.spec,) if about else scene.nearby() if scene.kind.startswith("q-former") else ()
    masks = [mask for spec in systems for mask in spec.masks if objective in mask.objectives]
    return masks[0] if len(masks) == 1 else None


def _looks(match: re.Match[str], mask: MaskTable, objective: str) -> Remark | None:
    who, whom = _group(match.group("who")), match.group("whom")
    pairs = [(who, _group(whom))]
    if whom.lower() in ("each other", "one another"):
        pairs = [(who, _group(match.group("too") or "")), (_group(match.group("too") or ""), who)]
    cells = [mask.cells[objective].get(pair) for pair in pairs]
    if any(cell is None for cell in cells):
        return None
    says = match.group("not") is None
    true = [cell != "none" for cell in cells]
    if any(one == says for one in true):
        return None
    does = "do" if true[0] else "do not"
    reader, read = pairs[0]
    plural = {"query": "queries", "text": "texts"}
    reason = f"under {objective} {plural[reader]} {does} see {plural[read]}"
    return _remark(match.span("what"), reason, mask, objective, pairs[0])


def _attention(match: re.Match[str], mask: MaskTable, objective: str) -> Remark | None:
    cell = mask.cells[objective].get(("text", "text"))
    says = "causal" if match.group("what").lower().startswith("causal") else "all"
    if cell is None or cell == says:
        return None
    reason = f"under {objective} text sees {'only what stands before it' if cell == 'causal' else 'all of the text'}"
    return _remark(match.span("what"), reason, mask, objective, ("text", "text"))


def _remark(span: tuple[int, int], reason: str, mask: MaskTable, objective: str, pair: tuple[str, str]) -> Remark:
    cell = mask.cells[objective][pair]
    label = Label(mask.spans[objective][pair], f"{pair[0]} → {pair[1]}, {objective}: {cell}")
    return Remark("refuted", *span, reason, "", "write what the table of masks says", (), (label,), rule=RULE)


def _group(words: str) -> str:
    return "query" if words.lower().startswith("quer") else "text" if words else ""
