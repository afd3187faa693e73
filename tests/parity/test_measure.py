"""What `chiasm measure` counts from a page is what the generated package has, to the unit, on the meta device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from chiasm.components.vit import VisionTransformer
from chiasm.knowledge import knowledge
from chiasm.measuring.device.passes import measure
from chiasm.measuring.figure import QUANTITIES, Figure
from chiasm.measuring.inputs import Inputs
from chiasm.measuring.measured import job, joined
from chiasm.measuring.measurement import counted
from chiasm.spec.model import ModelSpec
from chiasm.spec.products import WORK
from chiasm.spec.sizes import seen
from chiasm.spec.work import Load, Seen
from tests.middle.test_count import SIGLIP, slots
from tests.parity.harness import package

ROOT = Path(__file__).parents[2]
VARIANTS = {
    "clip": ("vit-b-32", "vit-l-14", "vit-l-14-336"),
    "llava": ("1.0-7b", "1.0-13b", "1.5-7b", "1.5-13b"),
    "blip-2": ("opt-2.7b", "opt-6.7b"),
    "qwen3-vl": ("2b", "4b", "8b", "32b"),
}
EVERY = [(system, key) for system, keys in VARIANTS.items() for key in keys]
UNMEASURED = {"hidden pairs skipped", "first_stage.", "text"}
"""Scopes for which nothing is measured: words that they hold."""
SETTINGS = [
    (
        "clip",
        "vit-b-32",
        Inputs(images=((640, 480), (9, 9)), batch=3, tokens=13, dtype="float32", stage="pre-training"),
    ),
    ("llava", "1.0-7b", Inputs(images=((640, 480), (9, 9)), batch=3, tokens=700, context=9, stage="1.0-stage-2")),
    ("llava", "1.5-7b", Inputs(tokens=577, dtype="float16", stage="1.5-stage-1")),
    ("blip-2", "opt-2.7b", Inputs(images=((64, 48), (9, 9)), batch=2, tokens=100, context=999, stage="stage-2")),
    (
        "qwen3-vl",
        "2b",
        Inputs(images=((640, 480), (333, 1777), (40, 40)), batch=2, tokens=1500, context=77, stage="s0"),
    ),
    ("qwen3-vl", "8b", Inputs(images=((640, 480), (96, 32)), frames=5, stage="s1")),
]


@cache
def spec(system: str) -> ModelSpec:
    return knowledge(ROOT).graph.specs[system]


def both(system: str, key: str, asked: Inputs, wanted: Sequence[str] = tuple(QUANTITIES)) -> tuple[Figure, ...]:
    """Figures with what was counted and what was measured."""
    package(system.replace("-", "_"))
    variant = spec(system).variant(key)
    assert variant
    made = counted(spec(system), variant, asked, wanted)
    found: Any = measure(job(spec(system), variant, made.setting, wanted))  # type: ignore[arg-type]
    return joined(made.figures, found, made.setting)


def check(figures: Sequence[Figure], least: int) -> None:
    wrong = [(one.quantity, one.scope, one.analytic, one.measured) for one in figures if one.equal is False]
    assert wrong == []
    alone = [one for one in figures if one.measured is None and one.analytic is not None]
    assert [one.scope for one in alone if not any(word in one.scope for word in UNMEASURED)] == []
    assert sum(one.equal is True for one in figures) >= least


def test_every_variant_of_every_package_is_measured() -> None:
    packages = {name.replace("_", "-") for name in VARIANTS}
    standing = {path.parent.name.replace("_", "-") for path in (ROOT / "generated").glob("*/__init__.py")}
    assert packages == standing
    assert all({one.key for one in spec(system).variants} == {*keys} for system, keys in VARIANTS.items())


@pytest.mark.parametrize(("system", "key"), EVERY)
def test_what_is_counted_is_what_the_package_has(system: str, key: str) -> None:
    """Parameters by scope, bytes, tokens, FLOP by slot and sort, decoding, cache, activations, compression."""
    check(both(system, key, Inputs()), 70)


@pytest.mark.parametrize(("system", "key", "asked"), SETTINGS)
def test_so_it_is_for_other_images_batches_lengths_and_types(system: str, key: str, asked: Inputs) -> None:
    figures = both(system, key, asked)
    check(figures, 70)
    assert any(one.scope == "trainable" and one.measured for one in figures)


def test_a_package_that_differs_from_its_page_is_noticed() -> None:
    """The 13B model's shapes under the 7B model's name: nearly everything differs."""
    large, small = (spec("llava").variant(key) for key in ("1.5-13b", "1.5-7b"))
    assert large
    assert small
    wanted = ("parameters", "flops", "cache", "activations")
    made = counted(spec("llava"), large, Inputs(), wanted)
    asked = job(spec("llava"), small, made.setting, wanted)
    figures = joined(made.figures, measure(asked), made.setting)  # type: ignore[arg-type]
    wrong = {(one.quantity, one.scope) for one in figures if one.equal is False}
    assert {("parameters", "total"), ("flops", "language_model"), ("cache", "total"), ("flops", "decode")} <= wrong
    assert ("parameters", "encoder") not in wrong


def test_images_are_read_at_the_size_that_the_package_reads_them() -> None:
    module = package("qwen3_vl")
    variant = spec("qwen3-vl").variants[0]
    reader = module.Processor.images_of(module.PRESETS[variant.key])
    sides = (1, 15, 16, 17, 31, 33, 48, 100, 255, 256, 257, 336, 500, 777, 1000, 1024, 2000, 4095, 4097, 9000)
    compared = 0
    for height in sides:
        for width in sides:
            if max(height, width) <= 200 * min(height, width):
                (read,) = seen(variant.slots, height, width)
                assert (read.height, read.width) == reader.size(height, width)
                compared += 1
    assert compared > 300


def test_a_pooling_head_is_counted_as_it_computes() -> None:
    """SigLIP's tower, which no package has whole: one probe asks for all images, the tokens of each answer."""
    described = slots(encoder=("vit", SIGLIP))
    own = described["encoder"]
    values = own.values
    with torch.device("meta"):
        tower = VisionTransformer(**{name: values[name] for name in signature(VisionTransformer).parameters})
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        tower(torch.empty(3, 3, 384, 384, device="meta"))
    products = WORK["encoder", "vit"](own, described, Load(3, (Seen(1, 384, 384),), 0, 0))
    assert counter.get_total_flops() == sum(one.flops for one in products)
    without = WORK["encoder", "vit"](own, described, Load(3, (), 0, 0))
    assert sum(one.flops for one in without) == 0


def test_measuring_leaves_the_package_as_it_was() -> None:
    """Methods and operations that are watched come back."""
    module = package("llava")
    before = dict(vars(module.ops))
    both("llava", "1.5-7b", Inputs(), ("flops",))
    assert dict(vars(module.ops)) == before
    assert torch.get_default_dtype() is torch.float32
