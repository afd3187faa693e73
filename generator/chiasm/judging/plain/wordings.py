"""Judges the claims of a sentence that hold no number: a scene in, what its system's facts contradict out."""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.judging.plain.belongings import belongings
from chiasm.judging.plain.gazes import gazes
from chiasm.judging.plain.inventory import inventory
from chiasm.judging.plain.recipe import recipe
from chiasm.judging.plain.remark import Remark
from chiasm.judging.plain.scene import Scene
from chiasm.judging.plain.timing import timing
from chiasm.judging.plain.traits import traits
from chiasm.regex import regex

_WORDS = regex(
    r"(?i)froz|freez|train|tun(?:es?|ed|ing)\b|updat|norm|bias|fusion|causal|bidirectional|both directions|"
    r"quer|resampl|"
    r"merger|projector|projection|perceiver|former\b|class token|newline|gelu|softmax|sigmoid|aspect|"
    r"interpolat|encoder|"
    r"tower|under |compress|attention|deepstack|channel|sequence|linear layer|mlp"
)


def speaks_of_works(text: str) -> bool:
    """Whether a text may say how a part works, or what is trained."""
    return _WORDS.search(text) is not None


def wordings(scene: Scene) -> Iterator[Remark]:
    """At most one remark: what is wrong is said once."""
    for judge in (belongings, timing, recipe, gazes, inventory, traits):
        for remark in judge(scene):
            yield remark
            return
