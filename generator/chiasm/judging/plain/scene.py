"""What a sentence is read with: its words, whom they are about, the slot of its section, the names in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from chiasm.judging.once import of_one
from chiasm.judging.plain.names import Mention
from chiasm.judging.plain.remark import About
from chiasm.judging.plain.voices import speaks_of_many
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec, VariantSpec

Places = Sequence[tuple[int, int]]
Whose = Callable[[int, Places], About | None]
"""Whom a place of a sentence is about, names at some places being parts and no systems."""
_IF = regex(
    r"(?i)(?<!as )\bif\b|(?<!as if it )\b(?:were|would|could|should|might|perhaps|suppose[ds]?|assum\w+|imagine)\b"
)
"""Words that make their clause no statement."""
_SUPPOSED = regex(
    r"(?i)\b(?:wrong\w*|mistak\w+|incorrect\w*|"
    r"myth|mixed up|mixes up|misread\w*|confus\w+|contrary|often said|(?:is|are|was|were) said|claim(?:s|"
    r"ed)?|allegedly|"
    r"supposedly|hypothetical\w*|originally|previously|formerly|used to|planned?|todo|fixme|"
    r"(?:notes?|some|people|posts?|blogs?|articles?|many|others|tutorials?|readers?) (?:say|write|state|"
    r"think|believe)s?"
    r")\b|\?\s*$"
)
_NEGATED = regex(
    r"(?i)\b(?:not|cannot|never|no|none|nor|neither|nothing(?! but)|without|instead|rather|unlike|lacks?|"
    r"lacking|absent|free of|"
    r"except|but for|than|as in|like|whether)\b|n[’']t\b"
)
_PHRASES = regex(r"[,;:()]\s|\s\(|\s[–—]\s|—")
_LEADS = regex(
    r"(?i)[\s*_]*(?:(?:and|but|while|whereas|so|for|here)\b )?(?:(?:in|during|at|for) (?:the |its )?"
    r"(?:(?:first|second|third|last) )?(?:(?:training )?(?:stage|phase)(?: \w+)? )?(?:of )?)?(?:the )?"
)
_CUTS = regex(r";|, (?:while|whereas|but|and|so)\b|\b(?:while|whereas|but)\b|: |\s[–—]\s|—")


_ELSEWHERE = regex(
    r"(?i)\b(?:videos?|audio|speech|branch\w*|temporal|extend\w*|adapt\w*|community|unofficial|can|support\w*|"
    r"borrow\w*|combin\w*|needs?|requires?|fork\w*|custom|versions?|variants?|different|various|any|some|another|"
    r"other|later|newer|predecessor|successor|inspired|follow\w*|deriv\w*|default|config\w*|option\w*|example|"
    r"tutorial|notebook|plugin|demo)\b"
)
"""Words by which strangers tell of somebody's own system beside the one they name."""


class Told(NamedTuple):
    """A system, and where a sentence names it, counted from the sentence's beginning."""

    spec: ModelSpec
    variants: tuple[VariantSpec, ...]
    at: tuple[int, int] | None


class Scene(NamedTuple):
    """A sentence; places are characters of it.

    `whose` answers where the grammar of the sentence names somebody, `section` where its section is a system's own (a
    model's page, a part of a survey), `names` are the systems that it names, `system` says who one of them is, `slot`
    what the heading says, `ours` that the page stands in the base, `kind` the anchor of the kind that a
    concept page's section is about, `lead` what its paragraph begins with, `nearby` the systems that its page names.
    """

    text: str
    whose: Whose
    section: Callable[[], About | None]
    names: tuple[Mention, ...]
    system: Callable[[Mention], About | None]
    slot: str = ""
    ours: bool = False
    kind: str = ""
    lead: str = ""
    nearby: Callable[[], tuple[ModelSpec, ...]] = tuple

    def asserted(self, start: int, end: int) -> bool:
        """Whether what stands there is said as it is: its phrase denies nothing, its sentence supposes nothing."""
        low, _ = phrase(self.text, start)
        supposed = _SUPPOSED.search(self.text) or _IF.search(self.text, *clause(self.text, start))
        return not (supposed or _NEGATED.search(self.text, low, end))

    def elsewhere(self, place: int) -> bool:
        """Whether a stranger's clause may tell of another's change to a system."""
        return not self.ours and _ELSEWHERE.search(self.text, *clause(self.text, place)) is not None

    def about(self, place: int, taken: Places = ()) -> About | None:
        """Whom a place is about: somebody named, or the system whose section this is and that needs no name there."""
        found, mine = self._led(place, taken) or self.whose(place, taken), self.section()
        if found and mine and is_part(found.spec, mine.spec):
            # In the section of a system the name of a tower that it takes is a part of it.
            return mine
        return found or self.own(place, taken)

    def _led(self, place: int, taken: Places) -> About | None:
        """The system that a phrase begins with: `…, Flamingo trains …, BLIP-2 the Q-Former`."""
        low, high = phrase(self.text, place)
        inside = [
            one for one in self.names if low <= one.start < high and not any(a <= one.start < b for a, b in taken)
        ]
        if len(inside) != 1 or inside[0].end > place or not _LEADS.fullmatch(self.text, low, inside[0].start):
            return None
        return self.system(inside[0])

    def own(self, place: int, taken: Places = ()) -> About | None:
        """The system of the section, where no other one is named beside the place that is not a part of it."""
        found = self.section()
        if found is None or speaks_of_many(self.text):
            return None
        start, end = clause(self.text, place)
        for one in self.names:
            apart = any(low <= one.start < high for low, high in taken)
            other = self.system(one)
            mine = other is not None and (other.spec is found.spec or is_part(other.spec, found.spec))
            if start <= one.start < end and not apart and not mine:
                return None
        return found


def clause(text: str, place: int) -> tuple[int, int]:
    """The part between strong separators that a character stands in."""
    cuts = [0, *(found.start() for found in _CUTS.finditer(text)), len(text)]
    return next((one for one in pairwise(cuts) if one[0] <= place < one[1]), (0, len(text)))


def phrase(text: str, place: int) -> tuple[int, int]:
    """The part between commas, colons and parentheses that a character stands in."""
    cuts = [0, *(found.end() for found in _PHRASES.finditer(text)), len(text)]
    return next((one for one in pairwise(cuts) if one[0] <= place < one[1]), (0, len(text)))


def is_part(spec: ModelSpec, whole: ModelSpec) -> bool:
    """Whether a system is a part of another: its slots are taken by a link, or a cell names it."""
    cells = (
        cell.text for variant in whole.variants for name, cell in variant.cells.items() if name in ("encoder", "tower")
    )
    return spec is not whole and (spec.system in sources(whole) or any(spec.title in text for text in cells))


@of_one
def sources(spec: ModelSpec) -> frozenset[str]:
    """The systems whose parts a system takes by a link."""
    facts = (entry.fact for variant in spec.variants for entry in variant.entries.values())
    return frozenset(fact.system for fact in facts if fact) - {spec.system}
