"""Makes the scene of a sentence: its graph, its passage and its words in, what it is read with out."""

from __future__ import annotations

from chiasm.claiming.claim import SLOTS
from chiasm.claiming.passage import Passage
from chiasm.document import slug
from chiasm.graph import Graph
from chiasm.judging.plain.hints import narrowed
from chiasm.judging.plain.names import Mention, named_in
from chiasm.judging.plain.naming import named
from chiasm.judging.plain.remark import About
from chiasm.judging.plain.scene import Scene, Told, Whose
from chiasm.judging.plain.subject import Subject
from chiasm.regex import regex
from chiasm.spec.model import ModelSpec

PART = regex(r"ViT|Net|Former|BERT|CLIP|MoE|RoPE|LLM|MLP|^GPT")
"""Names of parts that look like names of systems."""


def scene(graph: Graph, passage: Passage, low: int, text: str, whose: Whose) -> Scene:
    """The sentence with what it is read with."""
    names = tuple(
        one._replace(start=one.start - low, end=one.end - low)
        for one in named(graph, passage)
        if low <= one.start < low + len(text)
        and (one.system or (one.end - one.start > 2 and not PART.search(passage.words[one.start : one.end])))
    )
    spec = graph.specs.get(passage.system)
    slot = next((SLOTS[one.text] for one in reversed(passage.trail) if one.text in SLOTS), "")

    def section() -> About | None:
        if spec is None or not spec.variants:
            return None
        found = narrowed(graph, Subject(spec, spec.variants, origin="section"), passage, low)
        return Told(spec, found.variants, None)

    def system(one: Mention) -> About | None:
        known = graph.specs.get(one.system)
        if known is None or not known.variants:
            return None
        chosen = tuple(variant for variant in known.variants if variant.key in one.variants) or known.variants
        return Told(known, chosen, (one.start, one.end))

    ours = _is_ours(graph, passage)
    about_kind = ours and passage.trail and "/concepts/" in passage.trail[-1].span.path
    kind = slug(passage.trail[-1].text) if about_kind else ""

    def nearby() -> tuple[ModelSpec, ...]:
        source = graph.claims[passage.prose.span(0, 0).path].document.source
        return tuple(graph.specs[one] for one in sorted(named_in(graph, source.text)) if one in graph.specs)

    lead = passage.words[: passage.sentence(0)[1]][:60] if low else ""
    return Scene(text, whose, section, names, system, slot, ours, kind, lead, nearby)


def _is_ours(graph: Graph, passage: Passage) -> bool:
    """Whether a page stands in the base: a foreign one is called whatever its reader calls it."""
    path = passage.prose.span(0, 0).path
    return path.startswith("knowledge/") and path in graph.faces
