"""Costs counted without torch: held against arithmetic written down independently, and against released processors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest

from chiasm.measuring.analytic import figures
from chiasm.measuring.figure import QUANTITIES, Figure, exact, human
from chiasm.measuring.inputs import Inputs, setting
from chiasm.measuring.receipt import digest, receipt
from chiasm.spec import count, registry
from chiasm.spec.products import WORK
from chiasm.spec.sizes import seen
from chiasm.spec.tensors import TENSORS
from chiasm.spec.work import Load, matrix
from tests.middle.base import run_shipped

Values = dict[tuple[str, str], Fraction | None]


def measured(name: str, *wanted: str, **asked: object) -> Values:
    """Analytic values by quantity and scope."""
    system, _, key = name.partition(":")
    spec = run_shipped().specs[system]
    variant = spec.variant(key) or spec.variants[0]
    made = figures(spec, variant, setting(variant, Inputs(**asked)), wanted or QUANTITIES)  # type: ignore[arg-type]
    return {(one.quantity, one.scope): one.analytic for one in made}


def test_prefill_of_llava_by_hand() -> None:
    """2 FLOP a weight and token, and both products of attention; a causal kernel skips nearly half of the latter."""
    values = measured("llava:1.5-7b", "flops", tokens=640)
    weights = 32 * (4 * 4096**2 + 3 * 4096 * 11008)
    pairs = 4 * 32 * 4096
    assert values["flops", "language_model"] == 2 * 640 * weights + pairs * 640**2
    seen_pairs = 2 * 640 * weights + pairs * 640 * 641 // 2
    assert values["flops", "language_model, hidden pairs skipped"] == seen_pairs
    assert values["flops", "head"] == 2 * 4096 * 32064
    assert values["flops", "decode"] == 2 * weights + pairs * 640 + 2 * 4096 * 32064
    assert human(values["flops", "language_model, hidden pairs skipped"] or Fraction(0), "FLOP") == "8.40 TFLOP"


def test_grouped_heads_save_projections_and_cache_but_no_attention() -> None:
    values = measured("qwen3-vl:2b", "flops", "cache", tokens=1088, context=500, batch=3, dtype="float32")
    assert values["flops", "language_model.attention"] == 28 * 4 * 3 * 16 * 128 * 1088**2
    assert values["flops", "language_model.projections"] == 28 * 2 * 3 * 1088 * 2048 * (32 * 128 + 16 * 128)
    assert values["cache", "one token"] == 28 * 2 * 8 * 128 * 4
    assert values["cache", "total"] == 28 * 2 * 8 * 128 * 4 * 3 * 500


def test_only_what_is_read_is_counted() -> None:
    """LLaVA reads the last block but one; CLIP's last block runs behind its attention for the class token alone."""
    llava, clip = measured("llava:1.5-7b", "flops"), measured("clip:vit-l-14-336", "flops")
    block = 2 * 577 * (4 * 1024**2 + 2 * 1024 * 4096) + 4 * 577**2 * 1024
    patches = 2 * 576 * 3 * 14 * 14 * 1024
    assert llava["flops", "encoder"] == patches + 23 * block
    unread = 2 * 576 * (1024**2 + 2 * 1024 * 4096)
    assert clip["flops", "encoder"] == patches + 24 * block - unread


def test_frames_are_attended_over_one_by_one() -> None:
    one, five = (measured("qwen3-vl:8b", "flops", "tokens", images=((640, 480),), frames=n) for n in (1, 5))
    assert five["tokens", "visual"] == 3 * (one["tokens", "visual"] or 0) == 3 * 300
    assert five["flops", "encoder"] == 3 * (one["flops", "encoder"] or 0)


def test_half_the_operations_are_multiply_accumulates() -> None:
    for name in ("clip:vit-b-32", "llava:1.0-7b", "blip-2:opt-2.7b", "qwen3-vl:4b"):
        values = measured(name, "flops", "macs")
        operations = {scope: value for (quantity, scope), value in values.items() if quantity == "flops"}
        assert operations
        assert all(values["macs", scope] == (value or 0) / 2 for scope, value in operations.items())


def test_parts_add_up() -> None:
    for name in ("clip:vit-b-32", "llava:1.5-13b", "blip-2:opt-6.7b", "qwen3-vl:32b"):
        values = measured(name, batch=2)
        for quantity in ("flops", "activations"):
            slots = [
                value or 0
                for (own, scope), value in values.items()
                if own == quantity and "." not in scope and "," not in scope and scope not in ("total", "decode")
            ]
            assert sum(slots) == values[quantity, "total"]
        for slot in ("encoder", "alignment", "decode") if "clip" not in name else ("encoder", "text_encoder"):
            parts = [
                value or 0 for (own, scope), value in values.items() if own == "flops" and scope.startswith(f"{slot}.")
            ]
            assert sum(parts) == values["flops", slot]


def test_bytes_follow_the_data_type() -> None:
    for dtype, size in (("float32", 4), ("bfloat16", 2), ("float16", 2)):
        values = measured("llava:1.5-7b", "parameters", "bytes", dtype=dtype)
        assert values["bytes", "total"] == size * 7_063_427_072


def test_a_stage_changes_what_it_trains() -> None:
    values = measured("blip-2:opt-2.7b", "parameters", stage="stage-2")
    assert values["parameters", "trainable"] == 107_133_696
    assert values["parameters", "trainable"] + values["parameters", "frozen"] == values["parameters", "total"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "asked", "visual"),
    [
        ("llava:1.5-7b", {"images": ((1024, 768),)}, 576),
        ("llava:1.5-7b", {"images": ((1024, 768), (10, 10))}, 1152),
        ("blip-2:opt-2.7b", {}, 32),
        ("qwen3-vl:2b", {"images": ((1024, 768),)}, 768),
        ("qwen3-vl:2b", {"images": ((1000, 750),)}, 713),
        ("qwen3-vl:2b", {"images": ((10, 10),)}, 64),
        ("qwen3-vl:2b", {"images": ((8192, 8192),)}, 16_384),
        ("llava-uhd:paper-13b", {"tiles": 6}, 448),
        ("llava-uhd:144-13b", {"tiles": 7}, 1159),
        ("llava-next:vicuna-7b", {}, 2928),
        ("fuyu", {"images": ((300, 300),)}, 110),
        ("fuyu", {"images": ((3840, 2160),)}, 2340),
        ("ovis-2-5:2b", {"images": ((448, 448),)}, 198),
        ("flamingo:3b", {}, 64),
    ],
)
def test_visual_tokens(name: str, asked: dict[str, object], visual: int) -> None:
    assert measured(name, "tokens", **asked)["tokens", "visual"] == visual


def test_what_is_read_from_the_side_takes_no_place_in_the_sequence() -> None:
    values = measured("idefics:9b", "tokens")
    assert values["tokens", "visual"] == values["tokens", "sequence"] == 64


def test_tiles_are_encoded_one_by_one_beside_the_whole_image() -> None:
    """Also where the page does not say how many tokens they become."""
    one, five = (measured("llava-next:vicuna-7b", "flops", tiles=n, tokens=3000) for n in (1, 4))
    assert 5 * (one["flops", "encoder"] or 0) == 2 * (five["flops", "encoder"] or 0)


def test_compression() -> None:
    values = measured("blip-2:opt-2.7b", "compression")
    assert values["compression", "patches → visual tokens"] == 8
    assert values["compression", "features → visual tokens"] == Fraction(257, 32)
    assert measured("qwen3-vl:8b", "compression")["compression", "patches → visual tokens"] == 4


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("llava:1.5-7b", {"frames": 8}, "frames are not described"),
        ("llava:1.5-7b", {"tiles": 4}, "tiles are not described"),
        ("llava:1.5-7b", {"tokens": 100}, "576 visual tokens do not fit into --tokens 100"),
        ("llava:1.5-7b", {"context": 5000}, "--context 5,000 is more than the 4,096 positions"),
        ("clip:vit-b-32", {"tokens": 78}, "--tokens 78 is more than the 77 positions of its text encoder"),
        (
            "llava-next:vicuna-7b",
            {"tiles": 2},
            "does not say how many visual tokens such an image becomes: say how many",
        ),
        ("llava-uhd:paper-13b", {"tiles": 7}, "cut into 6 tiles at most, not into 7"),
        ("qwen3-vl:2b", {"images": ((1, 300),)}, "more than 200 times as long as wide"),
    ],
)
def test_inputs_that_a_variant_cannot_take_say_why(name: str, asked: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        measured(name, **asked)


def test_every_system_is_measured_as_far_as_it_is_known() -> None:
    """What has no value says why, and what a system is described by is counted."""
    known = 0
    for spec in run_shipped().specs.values():
        for variant in spec.variants:
            if "budget" not in variant.slots:
                continue
            made = figures(spec, variant, setting(variant, Inputs()), QUANTITIES)
            assert all(one.analytic is not None or one.why for one in made), (spec.system, variant.key)
            known += sum(one.analytic is not None for one in made)
            if spec.generated:
                flops = [one for one in made if one.quantity == "flops"]
                assert all(one.analytic for one in flops), (spec.system, variant.key)
    assert known > 1000


def test_kinds_that_are_generated_bring_both_counters() -> None:
    """A kind with a component says what it weighs and what it computes."""
    slots = {"encoder", "text_encoder", "alignment", "fusion", "language_model"}
    kinds = {(kind.slot, kind.name) for kind in registry.kinds() if kind.component and kind.slot in slots}
    assert kinds <= TENSORS.keys()
    assert kinds <= WORK.keys()


def test_what_a_page_does_not_say_is_not_guessed() -> None:
    made = of("deepseek-vl", "7b")
    assert made["flops", "encoder"].analytic is None
    assert made["flops", "total"].analytic is None
    assert "encoder" in made["flops", "total"].why
    siglip = of("siglip", "so400m-14-384")
    assert siglip["compression", "patches → visual tokens"].why == "nothing is handed to a language model"


def test_a_layer_behind_the_text_tower_works_once_a_text() -> None:
    slots = run_shipped().specs["siglip"].variants[0].slots
    made = WORK["text_encoder", "text_transformer"](slots["text_encoder"], slots, Load(3, (), 64, 64))
    assert made[-1] == matrix("projections", 3, 1152, 1152)


def of(system: str, key: str) -> Mapping[tuple[str, str], Figure]:
    """Every figure of a variant, by quantity and scope."""
    spec = run_shipped().specs[system]
    variant = spec.variant(key)
    assert variant is not None
    return {(one.quantity, one.scope): one for one in figures(spec, variant, setting(variant, Inputs()), QUANTITIES)}


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (7_063_427_072, "", "7.06 B"),
        (303_507_456, "", "303.5 M"),
        (999_999, "", "1.00 M"),
        (1, "", "1"),
        (8_396_828_835_840, "FLOP", "8.40 TFLOP"),
        (4_198_414_417_920, "MAC", "4.20 TMAC"),
        (335_544_320, "B", "320 MiB (335.5 MB)"),
        (1023, "B", "1,023 B"),
        (576, "tokens", "576 tokens"),
        (Fraction(257, 32), "×", "8.03×"),
    ],
)
def test_numbers_as_people_read_them(value: int, unit: str, words: str) -> None:
    assert human(Fraction(value), unit) == words


def test_exact_numbers() -> None:
    assert exact(Fraction(7_063_427_072)) == "7,063,427,072"
    assert exact(Fraction(257, 32)) == "257/32"
    assert exact(None) == "–"


def test_a_figure_knows_whether_both_values_are_the_same() -> None:
    one = Figure("flops", "total", Fraction(2), Fraction(2))
    assert one.equal is True
    assert Figure("flops", "total", Fraction(2), Fraction(3)).equal is False
    assert Figure("flops", "total", Fraction(2)).equal is None


def test_a_system_that_lacks_slots_is_counted_as_far_as_it_goes() -> None:
    """A page in the making: what stands beside what is missing is not counted, and says so."""
    whole = run_shipped().specs["llava"].variants[2]
    for missing, unknown in (("encoder", "alignment"), ("language_model", "alignment"), ("budget", "")):
        slots = {slot: one for slot, one in whole.slots.items() if slot != missing}
        variant = replace(whole, slots=slots)
        made = figures(run_shipped().specs["llava"], variant, setting(variant, Inputs(tokens=900)), QUANTITIES)
        flops = {one.scope: one for one in made if one.quantity == "flops"}
        if unknown:
            words = f"no {missing.replace('_', ' ')} is described that it stands beside"
            assert flops[unknown].why == words
            assert flops["total"].analytic is None
        else:
            assert flops["total"].analytic


def test_a_receipt_names_every_input_and_the_spec() -> None:
    specs = run_shipped().specs
    spec, variant = specs["qwen3-vl"], specs["qwen3-vl"].variants[0]
    asked = Inputs(images=((640, 480), (32, 64)), batch=2, stage="s0")
    made = receipt(spec, variant, setting(variant, asked), versions={"torch": "2"})
    assert made.command(["flops"], ["encoder.mlp"]) == (
        "chiasm measure qwen3-vl:2b flops --scope encoder.mlp --image 640x480 --image 32x64 "
        "--tokens 436 --batch 2 --context 436 --dtype bfloat16 --stage s0"
    )
    assert made.spec == digest(variant)
    assert len({digest(one) for one in spec.variants}) == len(spec.variants)
    assert made.versions.keys() == {"chiasm", "python", "torch"}


def test_sizes_are_kept_between_the_bounds() -> None:
    slots = run_shipped().specs["qwen3-vl"].variants[0].slots
    for width, height in ((7, 500), (500, 7), (5000, 5000), (1, 1), (333, 444)):
        (read,) = seen(slots, height, width)
        assert read.height % 32 == read.width % 32 == 0
        assert 65_536 <= read.height * read.width <= 16_777_216


def test_total_without_embeddings() -> None:
    values = measured("llava:1.5-7b", "parameters")
    parts = count.parameters(run_shipped().specs["llava"].variants[2].slots) or {}
    assert values["parameters", "total without embeddings"] == count.scope(parts, "total without embeddings")
