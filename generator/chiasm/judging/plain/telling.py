"""Words for verdicts on numbers: what is known of a number in, the verdict out."""

from __future__ import annotations

from collections.abc import Sequence

from chiasm.claiming.claim import Number
from chiasm.graph import Graph
from chiasm.judging.counts import NOUNS
from chiasm.judging.plain.subject import Subject
from chiasm.judging.plain.truths import Truth
from chiasm.judging.verdict import Verdict, written
from chiasm.resolving.fill import spell
from chiasm.spec.model import ModelSpec

REASONS = {
    "label": "it labels something and counts nothing",
    "date": "a date",
    "year": "a year",
    "%": "a share of nothing named",
    "×": "a ratio of nothing named",
    "GPUs": "hardware",
    "": "no unit says what it counts",
}
"""Why a number of such a unit is left."""
KEPT_APART = frozenset({"px", "layers", "heads"})
"""Units of which no other unit's values may be written by chance."""
NAMES: dict[str, str] = {
    "alignment.num_queries": "the number of queries",
    "alignment.layers": "the number of layers of the alignment",
    "language_model.context": "the context",
    "encoder.patch_size": "the patch size",
    "encoder.image_size": "the image size",
    "budget.factor": "the side of what one token stands for, in pixels,",
    "budget.image_tokens": "the number of tokens an image",
    "budget.max_image_tokens": "the largest number of tokens an image",
    "budget.vision_tokens": "the number of image tokens",
    "language_model.layers": "the number of layers of the language model",
    "encoder.layers": "the number of layers of the vision encoder",
    "language_model.dim": "the width of the language model",
    "encoder.dim": "the width of the vision encoder",
    "encoder.heads": "the number of attention heads of the vision encoder",
    "language_model.heads": "the number of attention heads of the language model",
    "language_model.vocab_size": "the vocabulary",
}
"""Facts in a reader's words."""


def left(number: Number, reason: str) -> Verdict:
    """A number that is not judged."""
    return Verdict("not judged", "number", number.quantity.text, number.span, reason)


def reported(number: Number, source: str) -> Verdict:
    """A number that a source says."""
    return Verdict("reported", "number", number.quantity.text, number.span, source)


def cited(graph: Graph, number: Number) -> Verdict | None:
    """A number with a citation beside it is what that source says."""
    known = [cite for cite in number.cites if cite.key in graph.bibliography.entries]
    sources = dict.fromkeys(f"{cite.key} {cite.locator}".strip() for cite in known)
    return reported(number, ", ".join(sources)) if known else None


def position(spec: ModelSpec, number: Number, least: int = 0) -> Verdict | None:
    """What a source says that is not followed here, or of another scope, as a table of disagreement has it."""
    for disagreement in spec.disagreements:
        if number.quantity.unit in KEPT_APART - {*NOUNS.get(disagreement.field, number.quantity.unit).split()}:
            # 65,536 rows, and no heads.
            continue
        for one in disagreement.positions:
            said = one.quantity
            if said and one.cite and said.value == number.quantity.value and said.value >= least:
                source = f"{one.cite.key} {one.cite.locator}".strip()
                return reported(number, f"{source} says so of {', '.join(one.scope)}" if one.scope else source)
    return None


def proved(number: Number, right: Sequence[Truth]) -> Verdict:
    """A number that is what facts say."""
    reason = " and ".join(dict.fromkeys(f"{one.name} is {spell(one.value)}" for one in right[:2]))
    claims = tuple(dict.fromkeys(one.claim for one in right if one.claim))
    return Verdict("proved", "number", number.quantity.text, number.span, reason, claims)


def refuted(number: Number, spec: ModelSpec, about: Subject, truths: Sequence[Truth]) -> Verdict:
    """A number that none of the facts meant can be."""
    values = list(dict.fromkeys(truth.value for truth in truths))
    exact = truths[0].name.endswith(".context")
    true = " or ".join(dict.fromkeys(spell(one) if exact else written(one, number.quantity) for one in values[:3]))
    of = f"{spec.title} ({truths[0].variant})" if about.named and len(about.variants) == 1 else spec.title
    name = NAMES.get(truths[0].name, truths[0].name)
    labels = tuple(dict.fromkeys(truth.label for truth in truths if truth.label))[:3]
    return Verdict(
        "refuted",
        "number",
        number.quantity.text,
        number.span,
        f"{name} of {of} is {true}",
        tuple(dict.fromkeys(truth.claim for truth in truths if truth.claim)),
        true,
        "plain-number-refuted",
        labels,
        f"write {true}, or say what else the number counts",
    )
