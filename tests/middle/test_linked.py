"""Linked numbers: units and scopes, K of 1,000 and of 1,024, MB and MiB; what fields count is complete."""

from __future__ import annotations

import pytest

from chiasm.judging.counts import NOUNS, UNCOUNTED
from chiasm.spec import registry
from chiasm.verdicts import of_page
from tests.middle.base import BIB, run, shipped

PAGE = "knowledge/surveys/linked.md"
BLIP, QWEN = "knowledge/models/blip-2.md", "knowledge/models/qwen3-vl.md"


def outcome(text: str) -> tuple[str, str]:
    """The verdict on the one linked number of a page, and why."""
    base = {path: shipped()[path] for path in (BLIP, QWEN, BIB)}
    made = run({**base, PAGE: f"# Linked\n\n{text}\n"})
    (verdict,) = (one for one in of_page(made.graph, PAGE) if one.subject == "statement")
    return verdict.outcome, verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        'It has [32 queries](../models/blip-2.md#alignment "num_queries").',
        'It has [32](../models/blip-2.md#alignment "num_queries") learned queries.',
        'It reads [256K tokens](../models/qwen3-vl.md#language-model "context, 8b").',
        'It reads [262k tokens](../models/qwen3-vl.md#language-model "context, 8b").',
        'It reads [262,144 tokens](../models/qwen3-vl.md#language-model "context, 8b").',
        'In half precision it takes [7.49 GB](../models/blip-2.md#parameters "total * 2, opt-2.7b").',
        'In half precision it takes [6.98 GiB](../models/blip-2.md#parameters "total * 2, opt-2.7b").',
        'Sides are multiples of [32 px](../models/qwen3-vl.md#token-budget "factor").',
        'Stage 2 trains [107M parameters](../models/blip-2.md#parameters "trainable, Stage 2, opt-2.7b").',
    ],
)
def test_a_true_number_is_proved_in_any_notation(text: str) -> None:
    assert outcome(text)[0] == "proved"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('It has [32 layers](../models/blip-2.md#alignment "num_queries").', "counts queries, not layers"),
        ('It has [32](../models/blip-2.md#alignment "num_queries") layers.', "counts queries, not layers"),
        ('It reads [256k layers](../models/qwen3-vl.md#language-model "context, 8b").', "counts tokens, not layers"),
        ('It takes [6.98 GB](../models/blip-2.md#parameters "total * 2, opt-2.7b").', "total * 2"),
        ('It takes [7.49 GiB](../models/blip-2.md#parameters "total * 2, opt-2.7b").', "total * 2"),
        ('It has [3.74 GFLOPs](../models/blip-2.md#parameters "total, opt-2.7b").', "counts parameters, not FLOPs"),
        ('It has [3.74 GMACs](../models/blip-2.md#parameters "total, opt-2.7b").', "counts parameters, not MACs"),
        ('It has [3.74 GB](../models/blip-2.md#parameters "total, opt-2.7b").', "counts parameters, not bytes"),
        (
            'Half of it is [1.87 GFLOPs](../models/blip-2.md#parameters "total / 2, opt-2.7b").',
            "counts parameters, not",
        ),
        ('Sides are multiples of [32 tokens](../models/qwen3-vl.md#token-budget "factor").', "counts px, not tokens"),
        ('Cut into [14 patches](../models/blip-2.md#encoder "patch_size").', "counts px, not patches"),
        ('It trains [129M epochs](../models/blip-2.md#training "samples, stage 1").', "counts samples, not epochs"),
        ('It has [512 pixels](../models/blip-2.md#alignment "text_context").', "counts tokens, not px"),
        ('It has [128k](../models/qwen3-vl.md#language-model "context, 8b") of context.', "262,144"),
    ],
)
def test_another_unit_or_number_is_refuted(text: str, why: str) -> None:
    verdict, reason = outcome(text)
    assert verdict == "refuted"
    assert why in reason


def test_every_number_of_every_kind_says_what_it_counts() -> None:
    """A field that is in neither table is checked by its value alone: say what it counts."""
    numeric = {
        name
        for kind in registry.kinds()
        for name, field in kind.model_fields.items()
        if "int" in str(field.annotation) or "float" in str(field.annotation)
    }
    assert not numeric - set(NOUNS) - UNCOUNTED
    assert not set(NOUNS) & UNCOUNTED


def test_a_unit_in_the_metadata_is_what_the_field_counts() -> None:
    for kind in registry.kinds():
        for name, field in kind.model_fields.items():
            unit = (field.json_schema_extra or {}).get("unit", "") if isinstance(field.json_schema_extra, dict) else ""
            assert not unit or unit in NOUNS[name].split(), f"{kind.name}.{name} counts {unit}"
