"""Specs of the shipped pages: variants, kinds, inheritance and where each value comes from."""

from __future__ import annotations

import pytest

from chiasm.spec.model import Entry, ModelSpec, Resolved
from tests.middle.base import run, run_shipped


def spec(system: str) -> ModelSpec:
    return run_shipped().specs[system]


def slot(system: str, variant: str, name: str) -> Resolved:
    found = spec(system).variant(variant)
    assert found, f"{system} has no variant {variant}"
    return found.slots[name]


def entry(system: str, variant: str, name: str, field: str) -> Entry:
    return slot(system, variant, name).entry(field)


def test_systems_with_components_are_generated() -> None:
    generated = {name for name, found in run_shipped().specs.items() if found.generated}
    assert {"clip", "llava", "blip-2", "qwen3-vl"} <= generated
    assert not {"flamingo", "fuyu", "ovis-2-5", "beit-3"} & generated


def test_a_variant_has_the_kind_whose_table_has_its_column() -> None:
    assert slot("llava", "1.0-7b", "alignment").kind.name == "linear"
    assert slot("llava", "1.5-7b", "alignment").kind.name == "mlp"


def test_a_copied_slot_keeps_its_page_and_own_rows_override() -> None:
    copied, own = (
        entry("llava", "1.5-7b", "encoder", "patch_size"),
        entry("llava", "1.5-7b", "encoder", "feature_layer"),
    )
    assert (copied.value, copied.claim) == (14, "clip:vit-l-14-336/encoder.patch_size")
    assert [link.href for link in copied.via] == ["clip.md#vit-l-14-336"]
    assert (own.value, own.claim, own.via) == (-2, "llava:1.5-7b/encoder.feature_layer", ())
    assert entry("llava", "1.0-7b", "encoder", "image_size").value == 224


def test_a_formula_keeps_its_operands() -> None:
    tokens = entry("blip-2", "opt-2.7b", "encoder", "tokens")
    assert tokens.value == 257
    assert tokens.formula
    assert {(operand.name, operand.value) for operand in tokens.formula.operands} == {
        ("image_size", 224),
        ("patch_size", 14),
    }


def test_a_formula_of_the_image_size_has_no_value() -> None:
    tokens = entry("qwen3-vl", "8b", "budget", "image_tokens")
    assert tokens.value is None
    assert tokens.formula
    assert set(tokens.formula.inputs) == {"height", "width"}


def test_training_columns_are_stages() -> None:
    stages = spec("blip-2").stages
    assert list(stages) == ["stage-1", "stage-2"]
    assert stages["stage-2"].get("trained") == ("alignment", "encoder.norm")
    assert slot("blip-2", "opt-2.7b", "training").kind.name == "q_former_first_stage"


def test_released_names_come_with_the_kinds_that_are_used() -> None:
    names = spec("llava").names["encoder", "vit"]
    rows = {row.ours: row for row in names.tensors["clip_vision_model"]}
    assert any(name.startswith("patch_embedding") for name in rows)
    assert {"hub", "transformers"} <= set(spec("llava").checkpoint)
    assert any(row.ours == "model_type" for row in spec("llava").configuration)


def test_pages_extend_four_deep_and_no_deeper() -> None:
    base = """# P0

## Fusion

| [Splice](../concepts/fusion.md#token-splice) | all variants | source |
|---|--:|---|
| image_token | 7 | assumed |
| model_type | p | assumed |
"""
    pages = {"knowledge/models/p0.md": base} | {
        f"knowledge/models/p{n}.md": f"# P{n}\n\nExtends: [P{n - 1}](p{n - 1}.md)\n" for n in range(1, 6)
    }
    outcome = run(pages)
    fourth = outcome.specs["p4"].variants[0].slots["fusion"].entry("image_token")
    assert (fourth.value, len(fourth.via)) == (7, 4)
    assert "fusion" not in outcome.specs["p5"].variants[0].slots
    assert [item.rule for item in outcome.found if item.severity == "error"] == ["inheritance"]


@pytest.mark.parametrize("broken", ["heads | 36", "patch_size | 36 px"])
def test_a_broken_slot_is_left_out_of_what_needs_it(broken: str) -> None:
    outcome = run(
        {
            "knowledge/models/demo.md": f"# Demo\n\n## Encoder\n\n"
            f"| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |\n|---|--:|---|\n"
            f"| {broken} | assumed |\n\n## Alignment\n\n"
            f"| [Linear](../concepts/alignment.md#linear-projection) | all variants | source |\n|---|--:|---|\n"
            f"| bias | yes | assumed |\n| model_type | demo | assumed |\n\n## Parameters\n\n"
            f"| scope | all variants | source |\n|---|--:|---|\n| total | 12 | measured |\n"
        }
    )
    assert "encoder" not in outcome.specs["demo"].variants[0].slots
    assert {item.rule for item in outcome.found} == {"missing-field"}
