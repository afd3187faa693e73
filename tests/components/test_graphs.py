"""Decoding by graphs gives the ids of decoding without; here a stand-in replays on the host, on CUDA torch does."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from tests.components import test_generation, test_opt
from torch import Tensor

from chiasm.components import fused, generation, graphs


class Recorder:
    """Stands for CUDA: counts what was recorded, and runs it again where a graph would be launched."""

    def __init__(self) -> None:
        self.recorded = 0
        self.launched = 0

    def __call__(
        self, run: Callable[[], Tensor], device: torch.device, pool: Any = None, rewind: Callable[[], None] = tuple
    ) -> Callable[[], Tensor]:
        self.recorded += 1
        for _ in range(2):
            out = run()
            rewind()

        def replay() -> Tensor:
            self.launched += 1
            # A graph writes its output where it wrote it before.
            return out.copy_(run())

        return replay


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    made = Recorder()
    monkeypatch.setattr(graphs, "_record", made)
    monkeypatch.setattr(graphs, "_recordable", lambda model: True)
    monkeypatch.setattr(graphs, "_pool", lambda device: None)
    monkeypatch.setattr(graphs, "LEAST", 8)
    monkeypatch.setattr(fused, "installed", lambda: False)
    return made


def models() -> list[Any]:
    return [test_generation.llama("qwen3")[1], test_generation.TextModel(test_opt.twin(test_opt.reference()))]


def continued(model: Any, *, rows: int = 3, steps: int = 12, **options: Any) -> Tensor:
    ids, mask = test_generation.prompt(rows)
    made: Tensor = model.generate(ids, mask, max_new_tokens=steps, **{"eos_token_id": None, **options})
    return made


@pytest.mark.parametrize("which", [0, 1], ids=["llama", "opt"])
@pytest.mark.parametrize("taken_only", [True, False])
def test_ids_are_those_of_decoding_without(
    which: int, taken_only: bool, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = models()[which]
    wanted = continued(model, graphs=False, steps=20)
    assert recorder.recorded == 0
    monkeypatch.setattr(fused, "installed", lambda: taken_only)
    assert torch.equal(continued(model, steps=20), wanted)
    # 7 tokens and 19 more: at most 8, 16 and 32 places are looked at, or all of them at once.
    assert recorder.recorded == (1 if taken_only else 3)
    assert recorder.launched == 19


def test_sampling_and_endings_are_those_of_decoding_without(recorder: Recorder) -> None:
    model = models()[0]
    free = continued(model, graphs=False)[:, 7:]
    for options in (
        {"eos_token_id": [int(free[0, 2]), int(free[1, 4])], "pad_token_id": 0},
        {"do_sample": True, "temperature": 0.8, "top_k": 9, "top_p": 0.9},
    ):
        made = [
            continued(model, graphs=on, generator=torch.Generator().manual_seed(1), **options) for on in (False, True)
        ]
        assert torch.equal(*made)
    assert recorder.launched > 0


def test_graphs_are_kept_for_the_next_prompts_until_a_weight_moves(recorder: Recorder) -> None:
    model = models()[0]
    wanted = continued(model, graphs=False)
    assert torch.equal(continued(model), wanted)
    first = recorder.recorded
    assert torch.equal(continued(model), wanted)
    assert recorder.recorded == first
    continued(model, rows=2)
    assert recorder.recorded > first
    first = recorder.recorded
    # In place: the graph reads the new values.
    with torch.no_grad():
        model.language_model.norm.weight.mul_(-1)
    assert torch.equal(continued(model), continued(model, graphs=False))
    assert recorder.recorded == first
    held = [p.data for p in model.parameters()]
    model.double()
    assert torch.equal(continued(model), continued(model, graphs=False))
    assert recorder.recorded > first
    assert held
    first = recorder.recorded
    graphs.forget(model)
    continued(model)
    assert recorder.recorded > first


def test_what_is_left_in_a_kept_cache_is_not_seen(recorder: Recorder) -> None:
    model = models()[0]
    wanted = continued(model)
    for decoder in graphs._IDLE[model]:
        for held in vars(decoder.cache).values():
            for tensor in held if isinstance(held, list) else []:
                tensor.fill_(torch.nan)
    assert torch.equal(continued(model), wanted)


def test_two_streams_at_a_time_do_not_share_a_cache(recorder: Recorder) -> None:
    model = models()[0]
    ids, mask = test_generation.prompt()
    wanted = continued(model, graphs=False)[:, 7:]
    streams = [model.stream(ids, mask, max_new_tokens=12, eos_token_id=None) for _ in range(2)]
    made = [torch.stack(steps, -1) for steps in zip(*zip(*streams, strict=True), strict=True)]
    assert torch.equal(made[0], wanted)
    assert torch.equal(made[1], wanted)
    del streams
    gc.collect()
    assert len(graphs._IDLE[model]) == 2


def test_a_stream_that_is_left_gives_its_decoder_back(recorder: Recorder) -> None:
    model = models()[0]
    ids, mask = test_generation.prompt()
    stream = model.stream(ids, mask, max_new_tokens=12, eos_token_id=None)
    next(stream)
    next(stream)
    assert not graphs._IDLE[model]
    del stream
    gc.collect()
    assert len(graphs._IDLE[model]) == 1


def test_few_decoders_are_kept_and_none_outlives_its_model(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    def record(run: Callable[[], Tensor], *_: Any) -> Callable[[], Tensor]:
        out = run()
        return lambda: out

    monkeypatch.setattr(graphs, "_record", record)
    model = models()[0]
    for rows in (1, 2, 3, 4):
        continued(model, rows=rows)
    assert [decoder.rows for decoder in graphs._IDLE[model]] == [3, 4]
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_inference_mode_may_be_left_between_prompts(recorder: Recorder) -> None:
    model = models()[0]
    wanted = continued(model, graphs=False)
    with torch.inference_mode():
        assert torch.equal(continued(model), wanted)
    assert torch.equal(continued(model), wanted)


def test_sizes_of_caches_and_the_end_of_one(recorder: Recorder) -> None:
    assert [graphs.size(n) for n in (1, 8, 9, 4000, 4096, 4097, 10000)] == [8, 8, 16, 4096, 4096, 6144, 10240]
    decoder = graphs.Decoder(models()[0], rows=1, places=8)
    decoder.longest = 8
    with pytest.raises(ValueError, match="8 places, all of them taken"):
        decoder.step(None, torch.zeros(1, dtype=torch.long))


def test_the_host_and_changed_models_decode_without() -> None:
    model = models()[0]
    assert graphs.Decoder.of(model, rows=1, places=8, longest=2) is None
    assert graphs._IDLE.get(model) is None


@pytest.mark.parametrize("steps", [1, 2, 3, 12])
def test_asking_one_step_late_changes_no_output(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = models()[0]
    free = continued(model, steps=12)[:, 7:]
    ends = [int(free[0, 1]), int(free[1, 4]), int(free[2, 0])]
    wanted = continued(model, steps=steps, eos_token_id=ends)
    ran: list[int] = []
    decode = model.decode
    model.decode = lambda *given: (ran.append(1), decode(*given))[1]
    continued(model, steps=steps, eos_token_id=ends)
    at_once = len(ran)
    monkeypatch.setattr(generation, "_late", lambda device: True)
    assert torch.equal(continued(model, steps=steps, eos_token_id=ends), wanted)
    assert len(ran) - at_once <= min(at_once + 1, steps - 1)
