"""On a real GPU: nothing waits for the device, decoding as recorded graphs, fewer kernels."""

from __future__ import annotations

import dataclasses
import importlib

import pytest
import torch

from tests.cuda.device import CUDA, EXACT, no_waiting, on_cuda, prefilled, to_cuda
from tests.parity.harness import error, package
from tests.test_contract_generation import PACKAGES, every, pair

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: torch.cuda.is_available() is false"),
]


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
    model, cache, ids = prefilled(name)
    with torch.no_grad():
        model.decode(ids, cache)
        with no_waiting():
            for _ in range(3):
                ids = model.decode(ids, cache).argmax(-1)
    assert ids.shape == (len(cache.lengths_B),)


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
        model, cache, ids = prefilled(name, made)
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
