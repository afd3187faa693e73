"""Parameter counts of the published variants on the meta device, a component at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from chiasm.knowledge import knowledge
from chiasm.spec import count
from chiasm.spec.model import VariantSpec
from tests.parity.harness import package

# The released models' counts, as the transformers classes have them at the released configurations.
LLAVA_15_7B = {"": 7_063_427_072, "encoder": 303_507_456, "alignment": 20_979_712, "language_model": 6_738_939_904}
EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ("clip", "vit-b-32"): {
        "": 151_277_313,
        "encoder": 87_456_000,
        "alignment": 393_216 + 262_144,
        "text_encoder": 63_165_952,
        "fusion": 1,
    },
    ("clip", "vit-l-14-336"): {
        "": 427_944_193,
        "encoder": 303_507_456,
        "alignment": 786_432 + 589_824,
        "text_encoder": 123_060_480,
        "fusion": 1,
    },
    ("llava", "1-0-7b"): {"encoder": 303_179_776, "alignment": 4_198_400},
    ("llava", "1-0-13b"): {"encoder": 303_179_776, "alignment": 5_248_000},
    ("llava", "1-5-7b"): LLAVA_15_7B,
    ("llava", "1-5-13b"): {
        "": 13_351_494_656,
        "encoder": 303_507_456,
        "alignment": 31_467_520,
        "language_model": 13_016_519_680,
    },
    ("blip_2", "opt-2-7b"): {
        "": 3_744_761_856,
        "encoder": 985_949_440 + 2_816,
        "alignment": 24_576 + 105_137_664 + 1_968_640,
        "language_model": 2_651_596_800 + 32 * 2560,
    },
    ("qwen3_vl", "2b"): {"": 2_127_532_032, "encoder": 302_309_376 + 3_933_184, "alignment": 25_174_016 + 75_540_480},
    ("qwen3_vl", "4b"): {"": 4_437_815_808, "encoder": 302_309_376 + 3_933_184, "alignment": 27_271_680 + 81_833_472},
    ("qwen3_vl", "8b"): {"": 8_767_123_696, "encoder": 411_466_608 + 4_424_832, "alignment": 40_119_040 + 120_377_856},
    ("qwen3_vl", "32b"): {"": 33_357_390_064, "encoder": 411_466_608 + 4_424_832},
}


def slug(key: str) -> str:
    return key.replace(".", "-")


def build(name: str, variant: str) -> Any:
    module = package(name)
    preset = next(config for key, config in module.PRESETS.items() if slug(key) == variant)
    with torch.device("meta"):
        return module.Model(preset)


def size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(("name", "variant"), list(EXPECTED), ids=str)
def test_counts(name: str, variant: str) -> None:
    model = build(name, variant)
    for part, wanted in EXPECTED[name, variant].items():
        assert size(getattr(model, part) if part else model) == wanted, part or "total"


def test_every_preset_builds_on_meta() -> None:
    for name in sorted({name for name, _ in EXPECTED}):
        for key in package(name).PRESETS:
            model = build(name, slug(key))
            assert all(p.is_meta for p in model.parameters())


def test_building_on_meta_runs_no_initializer() -> None:
    """The first one would import torch's decompositions, over a second: in a new process they stay unloaded."""
    code = (
        "import sys, torch\n"
        "from generated.llava import Model, PRESETS\n"
        "before = set(sys.modules)\n"
        "with torch.device('meta'): Model(PRESETS['1.5-7b'])\n"
        "new = [name for name in set(sys.modules) - before if name.startswith(('torch._decomp', 'torch._refs'))]\n"
        "assert not new, new\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def variants() -> list[tuple[str, VariantSpec]]:
    """Every published variant of every generated package, as its page resolves."""
    specs = knowledge(Path(__file__).parents[2]).graph.specs.values()
    return [(spec.system.replace("-", "_"), variant) for spec in specs for variant in spec.variants]


def test_what_the_compiler_counts_is_what_the_model_has() -> None:
    """Counted by arithmetic over pages, without torch, and on the meta device: a slot and a variant at a time."""
    packages = {name for name, _ in EXPECTED}
    compared = 0
    for name, variant in variants():
        if name not in packages:
            continue
        parts = count.parameters(variant.slots)
        assert parts is not None
        model = build(name, slug(variant.key))
        assert count.scope(parts, "total") == size(model), variant.key
        for slot, module in model.named_children():
            if size(module):
                assert count.scope(parts, slot) == size(module), (variant.key, slot)
                compared += 1
    assert compared >= 40
