"""A system of known kinds is a page and nothing else: LLaVA's wiring with other towers and language models."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from chiasm import pipeline
from tests.parity.harness import TOLERANCE, error, real
from tests.parity.references import CLIP_VISION, LLAMA, MISTRAL, llava, llava_inputs

ROOT = Path(__file__).parents[2]
SIGLIP_VISION = {**CLIP_VISION, "model_type": "siglip_vision_model", "image_size": 32}
QWEN2 = {**LLAMA, "model_type": "qwen2"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project of its own: the shipped knowledge and two more pages, compiled."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "knowledge", root / "knowledge")
    shutil.copy(ROOT / "pyproject.toml", root)
    for page in (Path(__file__).parent / "pages").glob("*.md"):
        shutil.copy(page, root / "knowledge" / "models")
    outcome = pipeline.build(root)
    assert not [d for d in outcome.diagnostics if d.severity == "error" and "/llava-" in d.span.path]
    sys.path.insert(0, str(root / "generated"))
    yield root
    sys.path.remove(str(root / "generated"))


def siglip_qwen2() -> nn.Module:
    return llava(vision=SIGLIP_VISION, text_config=QWEN2, vision_feature_select_strategy="full")


def mistral() -> nn.Module:
    return llava(text_config=MISTRAL)


@pytest.mark.parametrize(
    ("package", "build", "inputs"),
    [
        ("llava_siglip_qwen2", siglip_qwen2, lambda: llava_inputs(side=32)),
        ("llava_mistral", mistral, llava_inputs),
    ],
)
def test_equals_the_reference(
    package: str, build: Callable[[], Any], inputs: Callable[[], dict[str, Tensor]], project: Path, tmp_path: Path
) -> None:
    reference, made = build(), inputs()
    reference.save_pretrained(tmp_path)
    assert (project / "generated" / package).is_dir()
    model = importlib.import_module(package).Model.from_pretrained(tmp_path)
    with torch.no_grad():
        ours, theirs = model(**made).logits, reference(**made).logits
    assert error(real(ours, made["attention_mask"]), real(theirs, made["attention_mask"])) < TOLERANCE
    keys = {"max_new_tokens": 5, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    assert torch.equal(model.generate(**made, **keys), reference.generate(**made, **keys))
    model.save_pretrained(tmp_path / "hub", layout="hub")
    again = type(reference).from_pretrained(tmp_path / "hub")
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), reference.parameters(), strict=True))


def test_a_sliding_window_wider_than_the_context_is_none(project: Path, tmp_path: Path) -> None:
    model = importlib.import_module("llava_mistral").Model
    llava(text_config={**MISTRAL, "sliding_window": 256}).save_pretrained(tmp_path)  # type: ignore[operator]
    assert model.from_pretrained(tmp_path).config.language_model.model_type == "mistral"
    llava(text_config={**MISTRAL, "sliding_window": 255}).save_pretrained(tmp_path)  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"sliding_window is 255, and the page describes None or 'at least context'"):
        model.from_pretrained(tmp_path)
