"""Judges what a cell of anybody's table says in words: its column or its row gives the role; remarks out.

`| Connector | Q-Former |` says in a table what a sentence says with a verb. A cell that holds more than one name of a
connector, or words besides, is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from chiasm.claiming.passage import Passage
from chiasm.judging.plain.connectors import Connector, held
from chiasm.judging.plain.remark import About, Remark
from chiasm.page.inline import plain
from chiasm.regex import regex

PROJECTIONS = frozenset(
    {"linear-projection", "mlp-projection", "patch-merger", "hybrid-projector", "visual-embedding-table"}
)
RESAMPLERS = frozenset({"q-former", "perceiver-resampler", "spatial-resampler"})
ROLES = {
    "language_model": regex(
        r"\s*(?:base |backbone |text )?(?:LLM|LM|language models?|text decoder|(?:language|text) backbone)s?"
        r"(?: backbone| family)?\s*",
        re.IGNORECASE,
    ),
    "encoder": regex(r"\s*(?:(?:vision|image|visual) ?(?:encoder|tower|backbone|model)s?|ViT)\s*", re.IGNORECASE),
    "alignment": regex(
        r"\s*(?:(?:vision-language|V-L|VL|modality|cross-modal|visual|multimodal) ?)?"
        r"(?:connector|projector|projection(?: layer)?|adapter|bridge|aligner|alignment(?: module)?)s?\s*",
        re.IGNORECASE,
    ),
}
"""What a header, or the first cell of a row, calls a component."""
CONNECTORS = (
    Connector("alignment", r"(?P<what>Q-?Former|querying transformer)", PROJECTIONS),
    Connector("alignment", r"(?P<what>perceiver(?: resampler)?|resampler)", PROJECTIONS),
    Connector(
        "alignment",
        r"(?:(?:an?|2|two|3)[- ](?:layer )?)?(?P<what>MLP)"
        r"(?: ?\(.{1,20}\)| (?:projector|projection|connector|adapter))?",
        frozenset({"q-former", "linear-projection", "spatial-resampler"}),
    ),
    Connector(
        "alignment",
        r"(?:an? |single |one )?(?P<what>linear)(?: (?:layer|projection|projector|proj\.?|mapping))?",
        frozenset({"mlp-projection", "perceiver-resampler", "spatial-resampler", "hybrid-projector", "q-former"}),
    ),
)
"""What a cell calls a connector, whole, and the kinds of which it is certainly not said."""


def role(passage: Passage) -> str:
    """What the cell is said to be: the header above it, or the first cell of its row; "" where it is no cell."""
    spot = passage.spot
    if spot is None or spot.row < 0 or not spot.column:
        return ""
    head = plain(spot.head.inlines) if spot.head else ""
    first = plain(spot.first.inlines) if spot.first else ""
    return first if not is_role(head) and is_role(first) else head


@lru_cache(maxsize=1024)  # every cell of a column asks
def is_role(text: str) -> bool:
    """Whether a header names a component and nothing else."""
    return any(pattern.fullmatch(text.strip("*` :")) for pattern in ROLES.values())


def cells(passage: Passage, about: Callable[[], About | None]) -> Iterator[Remark]:
    """A remark on the connector that a cell names, where the system's is another."""
    if not ROLES["alignment"].fullmatch(role(passage).strip("*` :")):
        return
    words = passage.words.strip()
    at = passage.words.find(words)
    for one in CONNECTORS:
        found = _pattern(one.words).fullmatch(words)
        if found and (told := about()) and (remark := held(one, found, told)):
            yield remark._replace(start=at + found.start("what"), end=at + found.end("what"))
            return


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return regex(words, re.IGNORECASE)
