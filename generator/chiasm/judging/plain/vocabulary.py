"""The words that a system's variants are called by: a spec in; which variants a spelling leaves out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.plain.words import NEUTRAL
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

TOKEN = regex(r"[a-z]+|\d+(?:\.\d+)?(?:[bmk](?![a-z]))?")
"""What a spelling consists of: `llava-v1.5-7b` is llava, v, 1.5, 7b."""
SIZE = regex(r"\d+(?:\.\d+)?[Bb]")
NAMING = ("variant", "name", "tower", "released as", "language model")
"""Columns of `## Variants` whose words name a variant."""
ORDINARY_WORDS = frozenset(
    {"a", "and", "as", "at", "code", "describe", "describes", "it", "paper", "released", "the", "notes"}
)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that a system's variants are called by."""

    variants: Mapping[str, frozenset[str]]
    title: frozenset[str]
    """Those of its title, which tell no variants apart."""

    @cached_property
    def words(self) -> frozenset[str]:
        """All of them."""
        return frozenset(word for words in self.variants.values() for word in words)

    @cached_property
    def telling(self) -> frozenset[str]:
        """Those that not every variant is called by."""
        common = frozenset.intersection(*self.variants.values()) if self.variants else frozenset()
        return self.words - common

    def chosen(self, system: str, tokens: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        """The system with the variants that all these words are said of; another's where there are none."""
        # `base` tells no sizes apart, save where a size is called so.
        plain = NEUTRAL - self.telling
        own = [one for one in tokens if one not in self.title and one not in plain and one in self.words]
        if not own:
            return system, ()
        keys = tuple(key for key, words in self.variants.items() if words.issuperset(own))
        return (system, keys) if keys else ("", ())


def vocabulary(graph: Graph, system: str) -> Vocabulary:
    """The words that a system's variants are called by."""
    spec = graph.specs.get(system)
    return _vocabulary(spec) if spec else Vocabulary({}, frozenset())


@of_one
def _vocabulary(spec: ModelSpec) -> Vocabulary:
    made: dict[str, frozenset[str]] = {}
    for variant in spec.variants:
        cells = (cell.text for name, cell in variant.cells.items() if name.lower() in NAMING)
        text = " ".join((variant.key, variant.title, spec.title, *cells)).lower()
        made[variant.key] = frozenset(TOKEN.findall(text)) - ORDINARY_WORDS
    title = TOKEN.findall(spec.title.lower())
    size = spec.title.lower().rpartition("-")[2]
    return Vocabulary(made, frozenset(title) - {size if SIZE.fullmatch(size) else ""})
