"""Names and shapes that the compiler derives from pages, without torch, are those of the generated models on meta."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch

from chiasm.knowledge import knowledge
from chiasm.planning.stored import spelled, stored
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec
from chiasm.spec.registry import kinds
from chiasm.spec.shapes import SHAPES, unknown, weights
from chiasm.spec.shapes import spelled as every
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
        made = {one: weight.shape for weight in weights(variant.slots) for one in every(weight)}
        assert made == {one: tuple(tensor.shape) for one, tensor in model.state_dict().items()}, variant.key
        assert unknown(variant.slots) == ()


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


def test_tensors_add_up_to_the_parameters_that_are_counted() -> None:
    """For every system whose tensors are known, also where no package is written."""
    compared = 0
    for described in knowledge(ROOT).graph.specs.values():
        for variant in described.variants:
            parts = count.parameters(variant.slots)
            if parts is not None and not unknown(variant.slots) and "budget.row_token" not in parts:
                total = sum(weight.size for weight in weights(variant.slots))
                assert total == count.scope(parts, "total"), (described.system, variant.key)
                assert total == sum(prod(weight.shape) * weight.times for weight in weights(variant.slots))
                compared += 1
    assert compared >= 13


def test_every_kind_that_is_generated_has_its_shapes() -> None:
    wanted = {(one.slot, one.name) for one in kinds() if one.generated and one.slot in count.TENSOR_SLOTS}
    assert wanted - {("budget", name) for name in ("fixed", "dynamic", "none")} == set(SHAPES)
