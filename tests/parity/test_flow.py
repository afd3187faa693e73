"""The tensors that a page's types promise are those that its package passes on, and its faults what that raises."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from chiasm import pipeline
from chiasm.diagnostic import Diagnostic
from chiasm.knowledge import knowledge
from chiasm.spec.flow import flow
from chiasm.spec.model import VariantSpec

ROOT = Path(__file__).parents[2]
GRAPH = knowledge(ROOT).graph
PACKAGES = {"llava": "llava", "blip-2": "blip_2", "qwen3-vl": "qwen3_vl", "clip": "clip"}
VARIANTS = [(system, variant.key) for system in PACKAGES for variant in GRAPH.specs[system].variants]
SIDE = 32
"""Of an image at its own size: whole patches, whole blocks of merged patches."""


def sized(axis: str, letters: dict[str, int]) -> int:
    return letters.get(axis) or int(axis)


def shape_of(given: Any) -> list[tuple[int, ...]]:
    """Shapes of whatever a module returns, those of earlier blocks behind the last."""
    if isinstance(given, Tensor):
        return [tuple(given.shape)]
    return [shape for item in given if item is not None for shape in shape_of(item)]


@pytest.mark.parametrize(("system", "key"), VARIANTS)
def test_modules_pass_on_what_the_types_say(system: str, key: str) -> None:
    variant = GRAPH.specs[system].variant(key)
    assert variant is not None
    package = importlib.import_module(f"generated.{PACKAGES[system]}")
    config = package.PRESETS[key]
    with torch.device("meta"):
        model = package.Model(config).eval()
        inputs, letters = given(config, package)
    seen: dict[str, list[tuple[int, ...]]] = {}
    for slot in ("encoder", "text_encoder", "alignment"):
        if module := getattr(model, slot, None):
            module.register_forward_hook(lambda _m, _i, out, slot=slot: seen.__setitem__(slot, shape_of(out)))
    with torch.no_grad():
        out = model(**inputs)
    steps = {step.slot: step for step in flow(variant).steps}
    assert set(steps) >= set(seen) >= {"encoder"}
    for slot, shapes in seen.items():
        promised = [tuple(sized(axis, letters) for axis in tensor.axes) for tensor in steps[slot].gives]
        # An encoder hands on its earlier blocks beside its last.
        assert shapes[: len(promised)] == promised, slot
    last = list(steps.values())[-1].gives[0]
    assert tuple(out[0].shape) == tuple(sized(axis, letters) for axis in last.axes)


def given(config: Any, package: Any) -> tuple[dict[str, Tensor], dict[str, int]]:
    """What a model is given, and the sizes that its letters then have."""
    encoder = config.encoder
    if hasattr(encoder, "image_size"):
        tokens, text = 12, 9
        images = {"pixel_values": torch.zeros(1, encoder.channels, encoder.image_size, encoder.image_size)}
        letters = {"N": 1, "B": 2 if not hasattr(config, "language_model") else 1, "T": tokens}
        ids = torch.zeros(letters["B"], tokens if hasattr(config, "language_model") else text, dtype=torch.long)
        return {"input_ids": ids, **images}, letters
    rows = SIDE // encoder.patch_size
    flat = encoder.channels * encoder.temporal_patch_size * encoder.patch_size**2
    images = {"pixel_values": torch.zeros(rows * rows, flat), "image_grid_thw": torch.tensor([[1, rows, rows]])}
    letters = {"N": 1, "B": 1, "T": 12, "P": rows * rows, "V": rows * rows // encoder.merge_size**2}
    return {"input_ids": torch.zeros(1, 12, dtype=torch.long), **images}, letters


EDITS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "pooled-features": ("llava", [("| features | patches | patches |", "| features | pooled | pooled |")]),
    "pooled-queries": ("blip-2", [("| features | tokens", "| features | pooled")]),
    "unpooled-towers": ("clip", [("| features | pooled", "| features | patches")]),
    "linear-of-packed": (
        "qwen3-vl",
        [
            (
                "[Patch merger](../concepts/alignment.md#patch-merger)",
                "[Linear](../concepts/alignment.md#linear-projection)",
            ),
            (
                "| activation | gelu | [@transformers] qwen3_vl/modeling_qwen3_vl.py |\n| norm_eps | 1e-6 |",
                "| bias | true |",
            ),
        ],
    ),
    "unmerged-budget": (
        "qwen3-vl",
        [("`(height / factor) * (width / factor)`", "`(height / encoder.patch_size) * (width / encoder.patch_size)`")],
    ),
}
"""Pages that cannot work: what they are made from, and what is changed."""
REFUSED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "merger-of-squares": (
        "llava",
        [
            ("[MLP](../concepts/alignment.md#mlp-projection)", "[Patch merger](../concepts/alignment.md#patch-merger)"),
            (
                "| bias | true | true | [@transformers] llava/configuration_llava.py multimodal_projector_bias |",
                "| norm_eps | 1e-6 | 1e-6 | assumed: for a test |",
            ),
        ],
    ),
}
"""Pages for which nothing can be written."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, tuple[Diagnostic, ...]]]:
    """A project of the shipped knowledge and of pages that cannot work, compiled."""
    root = tmp_path_factory.mktemp("faulty")
    shutil.copytree(ROOT / "knowledge", root / "knowledge")
    shutil.copy(ROOT / "pyproject.toml", root)
    for name, (page, edits) in {**EDITS, **REFUSED}.items():
        text = (root / "knowledge" / "models" / f"{page}.md").read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text, f"{page}.md says no more: {old}"
            text = text.replace(old, new)
        (root / "knowledge" / "models" / f"{name}.md").write_text(text, encoding="utf-8")
    outcome = pipeline.build(root)
    sys.path.insert(0, str(root / "generated"))
    yield root, outcome.diagnostics
    sys.path.remove(str(root / "generated"))


def found_in(diagnostics: tuple[Diagnostic, ...], page: str) -> list[Diagnostic]:
    return [one for one in diagnostics if one.rule == "shape-mismatch" and one.span.path.endswith(f"/{page}.md")]


def plain(text: str) -> str:
    """A message without its numbers: a tiny model has others."""
    return re.sub(r"\d[\d,]*", "0", text)


@pytest.mark.parametrize("name", EDITS)
def test_a_fault_is_what_the_package_raises(name: str, project: tuple[Path, tuple[Diagnostic, ...]]) -> None:
    found = found_in(project[1], name)
    assert found
    said = re.search(r"would end in `(.*)`$", found[0].help)
    assert said
    with pytest.raises((ValueError, RuntimeError, TypeError)) as raised:
        run(importlib.import_module(name.replace("-", "_")))
    assert plain(said[1]) in plain(str(raised.value))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_wired_is_not_written(name: str, project: tuple[Path, tuple[Diagnostic, ...]]) -> None:
    (found,) = found_in(project[1], name)
    assert "`patch_merger` is built from `encoder.merge_size`, and `vit` has no `merge_size`" in found.message
    assert not (project[0] / "generated" / name.replace("-", "_")).exists()


def run(package: Any) -> None:
    """One picture through the tiny preset, with as many placeholders as its budget says."""
    config = package.PRESETS["tiny"]
    budget = importlib.import_module(f"{package.__name__}.budget")
    model: nn.Module = package.Model(config).eval()
    inputs, _ = given(config, package)
    if not hasattr(config, "language_model"):
        model(**inputs)
        return
    rows = SIDE // config.encoder.patch_size
    sides = {} if hasattr(config.encoder, "image_size") else {"height": SIDE, "width": SIDE}
    merged = getattr(config.budget, "image_tokens", None) if not hasattr(budget, "image_tokens") else None
    count = budget.image_tokens(config, **sides) if merged is None else merged
    assert rows
    inputs["input_ids"] = torch.tensor([[5, *[config.fusion.image_token] * count, 6]])
    model(**inputs)


def test_an_image_longer_than_the_context_is_refused() -> None:
    package = importlib.import_module("generated.llava")
    config = package.PRESETS["tiny"]
    model = package.Model(replace(config, language_model=replace(config.language_model, context=8))).eval()
    ids = torch.tensor([[5, *[config.fusion.image_token] * 9, 6]])
    with pytest.raises(ValueError, match="is longer than the context of 8"):
        model(input_ids=ids)


def test_every_shipped_page_types() -> None:
    """No fault anywhere, and what is compiled is typed to its end."""
    for system, spec in GRAPH.specs.items():
        for variant in spec.variants:
            made = flow(variant)
            assert made.fault is None, (system, variant.key)
            if system in PACKAGES:
                assert not made.stopped
                assert ends(variant) <= {step.slot for step in made.steps}


def ends(variant: VariantSpec) -> set[str]:
    return set(variant.slots) & {"encoder", "text_encoder", "alignment", "fusion", "language_model"}
