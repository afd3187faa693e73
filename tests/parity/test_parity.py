"""Every package equals its reference at odd tiny sizes: logits, modules, gradients, loss, greedy ids, bf16."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch

from tests.parity.harness import TOLERANCE, error, labels_of, load, real, released_gradients
from tests.parity.references import CASES, Case, seeded

GENERATIVE = [c for c in CASES if c.package != "clip"]
CONTRASTIVE = [c for c in CASES if c.package == "clip"]
by_name = pytest.mark.parametrize("case", GENERATIVE, ids=lambda c: c.name)


@by_name
def test_logits(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    with torch.no_grad():
        theirs, ours = reference(**inputs).logits, model(**inputs).logits
    mask = inputs["attention_mask"]
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE


@by_name
def test_loss_and_gradients(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    labels = labels_of(inputs)
    theirs, ours = reference(**inputs, labels=labels), model(**inputs, labels=labels)
    assert ours.logits is None
    assert error(ours.loss, theirs.loss) < TOLERANCE
    theirs.loss.backward()
    ours.loss.backward()
    got, wanted = released_gradients(model), released_gradients(reference)
    largest = max(float(g.abs().max()) for g in wanted.values())
    assert largest > 0
    assert got.keys() == wanted.keys()
    for name, gradient in wanted.items():
        assert float((got[name] - gradient).abs().max()) < TOLERANCE * largest, name


@by_name
def test_greedy_ids(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    if "right" in case.name or case.name == "blip-2-7-queries":
        pytest.skip("the reference generates from left-padded rows only")
    model = load(case.package, reference, tmp_path)
    keys = {"max_new_tokens": 8, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    with torch.no_grad():
        theirs = reference.generate(**inputs, **keys)  # type: ignore[operator]
    assert torch.equal(
        model.generate(**inputs, max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=0), theirs
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=["bf16", "fp16"])
@pytest.mark.parametrize("package", ["llava", "blip_2", "qwen3_vl"])
def test_half_precision_is_as_exact_as_the_reference(package: str, dtype: torch.dtype, tmp_path: Path) -> None:
    """Against fp64, all configurations of a package together: one alone rounds up or down by chance."""
    ours = theirs = 0.0
    for case in (c for c in GENERATIVE if c.package == package):
        reference, inputs = seeded(case.build)(), case.inputs()
        model = load(package, reference, tmp_path / case.name)
        exact = _logits(copy.deepcopy(reference), inputs, torch.float64)
        ours += float((_logits(model, inputs, dtype) - exact).square().sum())
        theirs += float((_logits(reference, inputs, dtype) - exact).square().sum())
    assert ours**0.5 <= 1.1 * theirs**0.5


def _logits(net: torch.nn.Module, inputs: dict[str, torch.Tensor], dtype: torch.dtype) -> torch.Tensor:
    with torch.no_grad():
        cast = {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()}
        return real(net.to(dtype)(**cast).logits, inputs["attention_mask"]).double()


@pytest.mark.parametrize("case", CONTRASTIVE, ids=lambda c: c.name)
def test_contrastive(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    with torch.no_grad():
        theirs, ours = reference(**inputs), model(**inputs)
    for name in ("logits_per_image", "logits_per_text", "image_embeds", "text_embeds"):
        assert error(getattr(ours, name), getattr(theirs, name)) < TOLERANCE, name


@pytest.mark.parametrize("case", CONTRASTIVE, ids=lambda c: c.name)
def test_contrastive_gradients(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    inputs["pixel_values"] = torch.randn(3, *inputs["pixel_values"].shape[1:])
    model = load(case.package, reference, tmp_path)
    theirs, ours = reference(**inputs, return_loss=True).loss, model(**inputs, return_loss=True).loss
    assert error(ours, theirs) < TOLERANCE
    theirs.backward()
    ours.backward()
    got, wanted = released_gradients(model), released_gradients(reference)
    largest = max(float(g.abs().max()) for g in wanted.values())
    for name, gradient in wanted.items():
        assert float((got[name] - gradient).abs().max()) < TOLERANCE * largest, name
