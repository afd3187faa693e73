"""On a real GPU: the kernels, every package against its CPU run, graphs of decoding, and no waiting for the host."""

from __future__ import annotations

import copy
import dataclasses
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.parity.harness import error, package
from tests.parity.odd import qwen_rows
from tests.parity.references import clip, clip_inputs, seeded
from tests.test_contract_generation import PACKAGES, every, pair

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: torch.cuda.is_available() is false"),
]
CUDA = torch.device("cuda")
HALF = (torch.float16, torch.bfloat16)
LENGTHS = (7, 1, 64, 0, 33, 130)
"""Sequences of a packed row: one of a token, one of none, one longer than a tile of the kernel."""
EXACT = 1e-4
"""Of fp32 on another device: other kernels add in another order."""


@pytest.fixture(autouse=True)
def _exact_products() -> Iterator[None]:
    """Single precision is compared, so products may not be rounded to TF32."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    yield
    torch.set_float32_matmul_precision(before)


@contextmanager
def no_waiting() -> Iterator[None]:
    """Inside, whatever waits for the device is an error."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def to_cuda(inputs: dict[str, Tensor], dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    return {k: v.to(CUDA, dtype if v.is_floating_point() else v.dtype) for k, v in inputs.items()}


def on_cuda(name: str, dtype: torch.dtype = torch.float32) -> Any:
    return copy.deepcopy(pair(name)[1]).to(CUDA, dtype)


# --- kernels ------------------------------------------------------------------------------------------------------


def packed(dim: int, heads: int, kv_heads: int, dtype: torch.dtype) -> tuple[list[Tensor], Tensor]:
    seed = torch.Generator().manual_seed(dim)
    total = sum(LENGTHS)
    qkv = [torch.randn(total, n, dim, generator=seed).to(CUDA, dtype) for n in (heads, kv_heads, kv_heads)]
    ends = torch.tensor(LENGTHS).cumsum(0).int()
    return [x.requires_grad_() for x in qkv], torch.cat((ends.new_zeros(1), ends)).to(CUDA)


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


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_forward_never_waits_for_the_device(name: str, dtype: torch.dtype) -> None:
    """Ids, mask, grid and labels all on the device: none of them is read."""
    model, made = on_cuda(name, dtype), to_cuda(PACKAGES[name][1](), dtype)
    labels = made["input_ids"].masked_fill(made["input_ids"] >= 120, -100)
    model(**made, labels=labels).loss.backward()  # libraries may wait when they are first used
    with no_waiting():
        loss = model(**made, labels=labels).loss
        loss.backward()
        with torch.no_grad():
            model(**made)
    assert bool(loss.isfinite())


@every
def test_a_step_never_waits_for_the_device(name: str) -> None:
    model, cache, ids = _prefilled(name)
    with torch.no_grad():
        model.decode(ids, cache)
        with no_waiting():
            for _ in range(3):
                ids = model.decode(ids, cache).argmax(-1)
    assert ids.shape == (len(cache.lengths_B),)


def _prefilled(name: str, dtype: torch.dtype = torch.float32) -> tuple[Any, Any, Tensor]:
    """A model, its cache after a prompt, and the first ids after it."""
    module = importlib.import_module(f"generated.{name}.cache")
    model, inputs = on_cuda(name, dtype), to_cuda(PACKAGES[name][1](), dtype)
    mask = inputs.pop("attention_mask").cpu()
    rows, tokens = inputs["input_ids"].shape
    cache = module.Cache(model.language_model.layers, rows=rows, places=tokens + 12)
    with torch.no_grad():
        hidden = model.hidden(attention_mask=mask, cache=cache, **inputs)
        return model, cache, model.language_model.logits(hidden[:, -1]).argmax(-1)


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("triton", [True, False], ids=["triton", "torch"])
def test_a_graph_gives_the_ids_of_decoding_without(
    name: str, triton: bool, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first prompt is recorded, the second replayed; then over the shorter looks that masked attention takes."""
    graphs, fused = (importlib.import_module(f"generated.{name}.{part}") for part in ("graphs", "fused"))
    monkeypatch.setattr(graphs, "LEAST", 16)
    if not triton:
        monkeypatch.setattr(fused, "installed", lambda: False)
    model, made = on_cuda(name, dtype), to_cuda(PACKAGES[name][1](), dtype)
    keys = {"max_new_tokens": 24, "eos_token_id": None}
    wanted = model.generate(**made, **keys, graphs=False)
    assert torch.equal(model.generate(**made, **keys), wanted)
    assert len(graphs._IDLE[model]) == 1
    assert torch.equal(model.generate(**made, **keys), wanted)
    moved = model.cpu().cuda()
    assert torch.equal(moved.generate(**made, **keys), wanted)


@every
def test_rows_end_as_on_the_host(name: str) -> None:
    """Whether all have ended is read one step late."""
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    free = model.generate(**inputs, max_new_tokens=8, eos_token_id=None)[:, -8:]
    keys = {"max_new_tokens": 8, "eos_token_id": sorted({int(row[row.shape[0] // 2]) for row in free})}
    assert torch.equal(on_cuda(name).generate(**to_cuda(inputs), **keys).cpu(), model.generate(**inputs, **keys))


@every
@pytest.mark.parametrize("graphs", [True, False])
def test_steps_of_a_stream_never_wait(name: str, graphs: bool) -> None:
    model, made = on_cuda(name), to_cuda(PACKAGES[name][1]())
    stream = model.stream(**made, max_new_tokens=9, eos_token_id=None, graphs=graphs)
    begun = [next(stream) for _ in range(3)]
    with no_waiting():
        begun += [next(stream) for _ in range(4)]
    assert len(begun) == 7


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_fewer_kernels_give_the_same_numbers(name: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prompt and steps, with Triton and without; half precision is judged by the model in double."""
    fused = importlib.import_module(f"generated.{name}.fused")
    if not fused.installed():
        pytest.skip("Triton is not installed")
    logits = {}
    for way, made in (("fused", dtype), ("few rows", dtype), ("torch", dtype), ("exact", torch.float64)):
        monkeypatch.setattr(fused, "installed", lambda way=way: way in ("fused", "few rows"))
        model, cache, ids = _prefilled(name, made)
        fused.few_rows(model, enabled=way == "few rows")
        with torch.no_grad():
            logits[way] = torch.stack([model.decode(ids.fill_(7), cache) for _ in range(3)]).double()
    plain = error(logits["torch"], logits["exact"])
    for way in ("fused", "few rows"):
        assert error(logits[way], logits["exact"]) <= max(1.5 * plain, EXACT)


@pytest.mark.parametrize(("name", "most", "few"), [("llava", 12, 8), ("qwen3_vl", 12, 8)])
def test_kernels_of_a_layer_in_a_token(name: str, most: int, few: int) -> None:
    """Counted in replays of a graph, over two depths. LayerNorms and biases (BLIP-2's OPT) are not aimed at."""
    fused = importlib.import_module(f"generated.{name}.fused")
    if not fused.installed():
        pytest.skip("Triton is not installed")
    for rows, enabled in ((most, False), (few, True)):
        counts = [_kernels_of_a_token(name, layers, enabled) for layers in (2, 6)]
        assert (counts[1] - counts[0]) / 4 <= rows


def _kernels_of_a_token(name: str, layers: int, few_rows: bool) -> int:
    module = package(name)
    config = module.PRESETS["tiny"]
    text = dataclasses.replace(config.language_model, layers=layers)
    model = module.Model(dataclasses.replace(config, language_model=text)).to(CUDA, torch.bfloat16).eval()
    parts = {part: importlib.import_module(f"generated.{name}.{part}") for part in ("graphs", "fused")}
    parts["fused"].few_rows(model, enabled=few_rows)
    decoder = parts["graphs"].Decoder.of(model, rows=1, places=64, longest=8)
    ids = torch.full((1,), 5, device=CUDA)
    with torch.no_grad():
        decoder.step(model, ids)
        torch.cuda.synchronize()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as run:
            decoder.step(model, ids)
            torch.cuda.synchronize()
    events = run.profiler.kineto_results.events()
    return sum(event.device_type().name == "CUDA" for event in events)


def test_a_captured_encoder_gives_the_features_of_an_eager_one() -> None:
    model = on_cuda("llava", torch.bfloat16)
    side = model.config.encoder.image_size
    pixels = torch.randn(3, 3, side, side, device=CUDA, dtype=torch.bfloat16)
    captured = importlib.import_module("generated.llava.graphs").capture(model.encoder, torch.zeros_like(pixels))
    with torch.no_grad():
        assert torch.equal(captured(pixels), model.encoder(pixels))
    with pytest.raises(ValueError, match="captured for"):
        captured(pixels[:1])


@every
@pytest.mark.filterwarnings("ignore")
def test_the_compiler_gives_the_same_numbers(name: str) -> None:
    model, made = on_cuda(name), to_cuda(PACKAGES[name][1]())
    real = made["attention_mask"].bool()
    torch._dynamo.reset()
    with torch.no_grad():
        ours, eager = torch.compile(model, fullgraph=True)(**made).logits, model(**made).logits
    assert error(ours[real], eager[real]) < EXACT


@every
@pytest.mark.filterwarnings("ignore")
def test_a_step_compiles_whole_and_into_a_graph(name: str) -> None:
    """What a user may choose instead: `torch.compile` with its own CUDA graphs."""
    torch._dynamo.reset()
    ids = []
    for compiled in (False, True):
        model, cache, first = _prefilled(name)
        step = torch.compile(model.decode, mode="reduce-overhead", fullgraph=True) if compiled else model.decode
        chosen = [first]
        with torch.no_grad():
            for _ in range(4):
                torch.compiler.cudagraph_mark_step_begin()
                chosen.append(step(chosen[-1], cache).argmax(-1).clone())
        ids.append(torch.stack(chosen))
    assert torch.equal(*ids)


@pytest.mark.filterwarnings("ignore")
def test_one_device_sharded_is_one_device(tmp_path: Any) -> None:
    """FSDP2 over NCCL with a single rank: the same loss and logits, and gradients."""
    parallel = importlib.import_module("generated.llava.parallel")
    model, made = on_cuda("llava"), to_cuda(PACKAGES["llava"][1]())
    labels = made["input_ids"].masked_fill(made["input_ids"] >= 120, -100)
    wanted = model(**made, labels=labels).loss
    greedy = model.generate(**made, max_new_tokens=4, eos_token_id=None)
    torch.distributed.init_process_group("nccl", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    try:
        sharded = parallel.shard(copy.deepcopy(model))
        loss = sharded(**made, labels=labels).loss
        loss.backward()
        assert error(loss, wanted) < EXACT
        assert any(p.grad is not None for p in sharded.parameters())
        with torch.no_grad():
            assert error(sharded(**made).logits, model(**made).logits) < EXACT
    finally:
        torch.distributed.destroy_process_group()
    assert torch.equal(model.generate(**made, max_new_tokens=4, eos_token_id=None), greedy)


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
