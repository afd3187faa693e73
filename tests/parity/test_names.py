"""Names and shapes that the compiler derives from pages, without torch, are those of the generated models on meta."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from chiasm.knowledge import knowledge
from chiasm.planning.stored import spelled, stored
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec
from chiasm.spec.registry import kinds
from chiasm.spec.tensors import TENSORS, first_stage
from chiasm.spec.weight import spelled as every
from tests.parity.harness import package

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in (ROOT / "generated").glob("*/__init__.py"))


@cache
def spec(name: str) -> ModelSpec:
    return knowledge(ROOT).graph.specs[name.replace("_", "-")]


def built(name: str) -> Iterator[tuple[VariantSpec, Any]]:
    """Every published variant with its model on meta."""
    for variant in spec(name).variants:
        with torch.device("meta"):
            yield variant, package(name).Model(package(name).PRESETS[variant.key])


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_has_the_tensors_that_its_page_makes(name: str) -> None:
    for variant, model in built(name):
        made = {one: weight.shape for weight in count.weights(variant.slots) for one in every(weight)}
        assert made == {one: tuple(tensor.shape) for one, tensor in model.state_dict().items()}, variant.key
        assert count.parameters(variant.slots) is not None


@pytest.mark.parametrize("name", PACKAGES)
def test_a_release_has_the_tensors_that_its_tables_name(name: str) -> None:
    naming = importlib.import_module(f"generated.{name}.naming")
    for variant, model in built(name):
        assert len(model.released.layouts) == 2
        for layout in model.released.layouts:
            entries = naming.entries_of(model, layout)
            wanted = {part: shape for one in entries for part, shape in zip(one.theirs, one.shapes, strict=True)}
            tables = stored(spec(name), variant, layout)
            held = {one: weight.shape for weight in tables for one in spelled(weight.name, weight.numbers)}
            assert held == wanted, (variant.key, layout)


def test_a_first_stage_adds_the_tensors_that_are_counted() -> None:
    """Encoder and Q-Former without its way out, the text branch, the heads; what releases leave out is optional."""
    variant = spec("blip_2").variants[0]
    with torch.device("meta"):
        model = package("blip_2").FirstStage(package("blip_2").PRESETS[variant.key])
    shared = [one for one in count.weights(variant.slots) if one.name.startswith(("encoder.", "alignment."))]
    added = [one for several in first_stage(variant.slots).values() for one in several]
    made = {name: one.shape for one in (*shared, *added) for name in every(one) if ".proj." not in name}
    held = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert made == {name: shape for name, shape in held.items() if not name.startswith(model.optional)}


def test_every_kind_that_is_generated_has_its_tensors() -> None:
    wanted = {(one.slot, one.name) for one in kinds() if one.generated and one.slot in count.TENSOR_SLOTS}
    assert wanted - {("budget", name) for name in ("fixed", "dynamic", "none")} <= set(TENSORS)
