"""What surveys and concepts claim: of systems by headings, in comparisons, of names of releases."""

from __future__ import annotations

from tests.front.claimed import facts, read

SURVEY = """# A survey

## [BLIP-2](../models/blip-2.md)

It has 32 queries.

### Alignment

| [Q-Former](../concepts/alignment.md#q-former) | opt-2.7b | source |
|---|--:|---|
| num_queries | 32 | [@a] |

## Nano

### Encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| dim | 8 | [@a] |

## Eight models

| model | [tokens](../concepts/token-budget.md "budget.image_tokens") | note | layers |
|---|--:|---|--:|
| [BLIP-2](../models/blip-2.md#opt-2.7b) | 32 | 7 words | 12 |
| [Flamingo](../models/flamingo.md) | 64 | | 24 |
"""


def test_a_survey_speaks_of_systems_by_its_headings() -> None:
    found, wrong = read(SURVEY, "knowledge/surveys/vlm.md")
    assert wrong == ()
    assert found.system == ""
    assert list(facts(found)) == ["blip-2:opt-2.7b/alignment.num_queries", "nano/encoder.dim"]
    assert [table.system for table in found.tables] == ["blip-2", "nano"]
    numbers = [(one.quantity.text, one.quantity.unit, one.system) for one in found.numbers]
    assert numbers == [
        ("32", "queries", "blip-2"),
        ("Eight", "models", ""),
        ("7", "words", ""),
        ("12", "layers", ""),
        ("24", "layers", ""),
    ]


def test_a_comparison() -> None:
    (one,) = read(SURVEY, "knowledge/surveys/vlm.md")[0].comparisons
    assert [row[1].text for row in one.rows] == ["32", "64"]


def test_a_concepts_name_tables() -> None:
    text = (
        "# E\n\n## ViT\n\n| [ViT](#vit) tensors | `clip` | source |\n|---|---|---|\n| class_token | `a.b` | [@tf] |\n"
    )
    (table,) = read(text, "knowledge/concepts/encoders.md")[0].names
    assert (table.slot, table.dialects) == ("encoder", ("clip",))
