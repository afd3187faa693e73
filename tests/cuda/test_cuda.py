"""On a real GPU: the kernels, and every package against its CPU run."""

from __future__ import annotations

import copy
import importlib
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.cuda.device import CUDA, EXACT, HALF, LENGTHS, no_waiting, on_cuda, packed, to_cuda
from tests.parity.harness import error, package
from tests.parity.odd import qwen_rows
from tests.parity.references import clip, clip_inputs, seeded
from tests.test_contract_generation import PACKAGES, every, pair

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: torch.cuda.is_available() is false"),
]


@pytest.mark.parametrize("dtype", [*HALF, torch.float32], ids=str)
@pytest.mark.parametrize("dim", [20, 64, 72, 80, 128])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kv_heads", [4, 2, 1])
def test_varlen_attention_and_its_gradient(kv_heads: int, causal: bool, dim: int, dtype: torch.dtype) -> None:
    """As exact as the meaning computed in the same precision, against the meaning in fp64."""
    ops = importlib.import_module("generated.qwen3_vl.ops")
    inputs, offsets = packed(dim, 4, kv_heads, dtype)
    wide = [x.detach().double().requires_grad_() for x in inputs]
    total = inputs[0].shape[0]
    fast = ops.varlen_attention(*inputs, offsets, total, causal)
    plain = ops.plain_varlen_attention(*inputs, offsets, total, causal)
    exact = ops.plain_varlen_attention(*wide, offsets, total, causal)
    seed = torch.randn(fast.shape, generator=torch.Generator().manual_seed(1)).to(CUDA)
    gradients = [
        torch.autograd.grad(out, leaves, seed.to(out.dtype))
        for out, leaves in ((fast, inputs), (plain, inputs), (exact, wide))
    ]
    assert not fast.isnan().any()
    for ours, same, true in zip((fast, *gradients[0]), (plain, *gradients[1]), (exact, *gradients[2]), strict=True):
        assert error(ours, true) <= max(2 * error(same, true), 1e-5)


@pytest.mark.parametrize("dtype", HALF, ids=str)
def test_the_longest_sequence_may_be_overstated(dtype: torch.dtype) -> None:
    ops = importlib.import_module("generated.qwen3_vl.ops")
    inputs, offsets = packed(64, 4, 2, dtype)
    tight, loose = (ops.varlen_attention(*inputs, offsets, most, True) for most in (max(LENGTHS), sum(LENGTHS)))
    assert error(tight, loose) < 1e-2


@pytest.mark.parametrize("dtype", [*HALF, torch.float32], ids=str)
def test_the_loss_and_its_gradient(dtype: torch.dtype) -> None:
    ops = importlib.import_module("generated.llava.ops")
    seed = torch.Generator().manual_seed(0)
    hidden = torch.randn(3000, 48, generator=seed).to(CUDA, dtype).requires_grad_()
    weight = torch.randn(131, 48, generator=seed).to(CUDA, dtype).requires_grad_()
    labels = torch.randint(0, 131, (3000,), generator=seed).masked_fill(torch.rand(3000, generator=seed) < 0.5, -100)
    exact = [x.detach().double().requires_grad_() for x in (hidden, weight)]
    true = torch.nn.functional.cross_entropy(exact[0] @ exact[1].T, labels.to(CUDA))
    wanted = torch.autograd.grad(true, exact)
    tolerance = 1e-5 if dtype is torch.float32 else 2e-2
    for where in (labels, labels.to(CUDA)):
        loss = ops.linear_cross_entropy(hidden, weight, where)
        assert error(loss, true) < tolerance
        for ours, theirs in zip(torch.autograd.grad(loss, (hidden, weight)), wanted, strict=True):
            assert error(ours, theirs) < tolerance


# --- packages -----------------------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize("mask", ["host", "device", "none"])
def test_logits_and_loss_are_those_of_the_cpu(name: str, mask: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    device = to_cuda(inputs)
    real = inputs["attention_mask"].bool()
    if mask == "host":
        device["attention_mask"] = inputs["attention_mask"]
    if mask == "none":
        inputs = _full_row(name)
        device, real = to_cuda(inputs), torch.ones_like(inputs["input_ids"], dtype=torch.bool)
    gpu = on_cuda(name)
    with torch.no_grad():
        wanted, got = model(**inputs).logits, gpu(**device).logits.cpu()
    assert error(got[real], wanted[real]) < EXACT
    labels = inputs["input_ids"].masked_fill(inputs["input_ids"] >= 120, -100)
    theirs, ours = model(**inputs, labels=labels).loss, gpu(**device, labels=labels.to(CUDA)).loss
    assert error(ours.cpu(), theirs) < EXACT
    trained = [p for p in model.parameters() if p.requires_grad], [p for p in gpu.parameters() if p.requires_grad]
    wanted_grads = torch.autograd.grad(theirs, trained[0], allow_unused=True)
    got_grads = torch.autograd.grad(ours, trained[1], allow_unused=True)
    largest = max(float(g.abs().max()) for g in wanted_grads if g is not None)
    for one, other in zip(got_grads, wanted_grads, strict=True):
        assert (one is None) == (other is None)
        assert one is None or float((one.cpu() - other).abs().max()) < EXACT * largest


def _full_row(name: str) -> dict[str, Tensor]:
    """One row without padding, and so without a mask."""
    if name == "qwen3_vl":
        inputs = qwen_rows((2, (2, 3), 3, (4, 1), 2))()
    else:
        inputs = {k: v[:1] for k, v in PACKAGES[name][1]().items()}
        images = {"llava": 2, "blip_2": 1}[name]
        inputs["pixel_values"] = PACKAGES[name][1]()["pixel_values"][:images]
        keep = inputs["attention_mask"][0].bool()
        inputs["input_ids"] = inputs["input_ids"][:, keep]
    inputs.pop("attention_mask")
    return inputs


@every
@pytest.mark.parametrize("dtype", HALF, ids=str)
def test_half_precision_is_as_exact_as_the_cpu(name: str, dtype: torch.dtype) -> None:
    inputs = PACKAGES[name][1]()
    real = inputs["attention_mask"].bool()

    def logits(model: Any, made: dict[str, Tensor]) -> Tensor:
        with torch.no_grad():
            return model(**made).logits.cpu().double()[real]

    def cast(to: torch.dtype) -> dict[str, Tensor]:
        return {k: v.to(to) if v.is_floating_point() else v for k, v in inputs.items()}

    def cpu() -> Any:
        return copy.deepcopy(pair(name)[1])

    exact = logits(cpu().double(), cast(torch.float64))
    host = (logits(cpu().to(dtype), cast(dtype)) - exact).norm()
    device = (logits(on_cuda(name, dtype), to_cuda(inputs, dtype)) - exact).norm()
    assert float(device) <= 1.5 * float(host)


@every
def test_greedy_ids_are_those_of_the_cpu(name: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    keys = {"max_new_tokens": 8, "eos_token_id": None}
    assert torch.equal(on_cuda(name).generate(**to_cuda(inputs), **keys).cpu(), model.generate(**inputs, **keys))


def test_towers_are_those_of_the_cpu(tmp_path: Any) -> None:
    reference: Any = seeded(clip)()
    reference.save_pretrained(tmp_path)
    model = package("clip").Model.from_pretrained(tmp_path)
    gpu = package("clip").Model.from_pretrained(tmp_path, device="cuda")
    inputs = clip_inputs()
    with torch.no_grad():
        wanted = model(**inputs)
        made = to_cuda(inputs)
        gpu(**made)
        with no_waiting():
            got = gpu(**made)
    assert error(got.logits_per_image.cpu(), wanted.logits_per_image) < EXACT


# --- nothing waits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clip", *PACKAGES])
def test_the_tiny_preset_runs_on_a_device(name: str) -> None:
    made = package(name)
    torch.manual_seed(0)
    host = made.Model(made.PRESETS["tiny"]).eval()
    device = copy.deepcopy(host).to(CUDA)
    if name == "clip":
        side = host.config.encoder.image_size
        inputs = {"input_ids": torch.full((2, 5), 5), "pixel_values": torch.randn(2, 3, side, side)}
    else:
        inputs = {"input_ids": torch.randint(3, 60, (2, 9))}
    with torch.no_grad():
        ours, theirs = device(**to_cuda(inputs))[0].cpu(), host(**inputs)[0]
    assert error(ours, theirs) < EXACT
