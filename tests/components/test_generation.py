"""Continuations equal the reference's; a step keeps shapes and memory; options are checked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from tests.components import test_llama, test_opt
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from chiasm.components import generation, ops, positions
from chiasm.components.cache import Cache
from chiasm.components.generation import Generation, Sampling


class TextModel(Generation, nn.Module):
    """The smallest model that can generate."""

    def __init__(self, language_model: nn.Module) -> None:
        super().__init__()
        self.language_model = language_model
        self.config = SimpleNamespace(language_model=SimpleNamespace(eos_token=None, pad_token=None))

    def hidden(
        self, ids: Tensor, mask: Tensor | None = None, cache: Cache | None = None, read: Tensor | None = None
    ) -> Tensor:
        where = positions.sequential(mask, ids)
        packing, square = positions.layout(mask, ids.device)
        slots = None if cache is None else cache.prompt(where, packing)
        x = self.language_model.embed(ids)
        if packing is not None:
            x, where = packing.pack(x), torch.stack([packing.pack(axis) for axis in where])
        segments = None if packing is None else packing.segments
        context = self.language_model.context(where, mask=square, segments=segments, slots=slots)
        if packing is not None and read is not None:
            read, _ = packing.locate(read)
        x = self.language_model(self.language_model.begin(x, where), context, read=read)
        if read is not None:
            return x[0]
        return x if packing is None else packing.unpack(x)


def prompt(rows: int = 3) -> tuple[Tensor, Tensor]:
    torch.manual_seed(3)
    ids, mask = torch.randint(3, 61, (rows, 7)), torch.ones(rows, 7, dtype=torch.long)
    for row in range(rows):
        ids[row, :row], mask[row, :row] = 1, 0
    return ids, mask


def llama(family: str = "mistral") -> tuple[Any, TextModel]:
    reference = test_llama.reference(family)
    return reference, TextModel(test_llama.twin(reference))


@pytest.mark.parametrize("family", ["llama", "mistral", "qwen2", "qwen3"])
def test_greedy_ids_equal_the_reference(family: str) -> None:
    reference, model = llama(family)
    ids, mask = prompt()
    theirs = reference.generate(
        ids, attention_mask=mask, max_new_tokens=9, do_sample=False, eos_token_id=None, pad_token_id=0
    )
    assert torch.equal(model.generate(ids, mask, max_new_tokens=9, eos_token_id=None), theirs)


def test_greedy_ids_with_learned_positions_equal_the_reference() -> None:
    reference = test_opt.reference()
    ids, mask = prompt()
    theirs = reference.generate(
        ids, attention_mask=mask, max_new_tokens=9, do_sample=False, eos_token_id=None, pad_token_id=1
    )
    assert torch.equal(
        TextModel(test_opt.twin(reference)).generate(ids, mask, max_new_tokens=9, eos_token_id=None), theirs
    )


def test_rows_end_at_their_own_token_and_are_padded_like_the_reference() -> None:
    reference, model = llama()
    ids, mask = prompt()
    free = model.generate(ids, mask, max_new_tokens=9, eos_token_id=None)[:, 7:]
    ends = [int(free[0, 2]), int(free[1, 4])]
    theirs = reference.generate(
        ids, attention_mask=mask, max_new_tokens=9, do_sample=False, eos_token_id=ends, pad_token_id=0
    )
    assert torch.equal(model.generate(ids, mask, max_new_tokens=9, eos_token_id=ends, pad_token_id=0), theirs)


def test_stops_when_all_rows_have_ended() -> None:
    _, model = llama()
    ids, _ = prompt(1)
    first = int(model.generate(ids, max_new_tokens=1)[0, -1])
    assert model.generate(ids, max_new_tokens=9, eos_token_id=first).shape == (1, 8)
    model.generation_config = {"eos_token_id": [first], "pad_token_id": 0}
    assert model.generate(ids, max_new_tokens=9).shape == (1, 8)
    assert model.generate(ids, max_new_tokens=9, eos_token_id=None).shape == (1, 16)


def test_the_side_of_the_padding_does_not_matter() -> None:
    _, model = llama()
    ids, mask = prompt()
    left = model.generate(ids, mask, max_new_tokens=5, eos_token_id=None)[:, 7:]
    rolled = torch.stack([row.roll(-n) for n, row in enumerate(ids)])
    right = model.generate(rolled, mask.flip(-1), max_new_tokens=5, eos_token_id=None)[:, 7:]
    assert torch.equal(left, right)


def test_a_stream_is_the_continuation_step_by_step() -> None:
    _, model = llama()
    ids, mask = prompt()
    steps = list(model.stream(ids, mask, max_new_tokens=4, eos_token_id=None))
    assert torch.equal(torch.stack(steps, -1), model.generate(ids, mask, max_new_tokens=4, eos_token_id=None)[:, 7:])


def test_cached_steps_equal_running_everything_again() -> None:
    _, model = llama("qwen3")
    ids, mask = prompt()
    cache = Cache(model.language_model.layers, rows=3, places=12)
    with torch.no_grad():
        model.hidden(ids, mask, cache=cache)
        for _ in range(3):
            token = torch.randint(0, 61, (3,))
            logits = model.decode(token, cache)
            ids, mask = torch.cat((ids, token[:, None]), -1), torch.cat((mask, mask[:, -1:]), -1)
            whole = model.language_model.logits(model.hidden(ids, mask)[:, -1])
            torch.testing.assert_close(logits, whole, rtol=1e-4, atol=1e-5)


def test_a_step_keeps_its_tensors_where_they_are() -> None:
    _, model = llama()
    ids, mask = prompt()
    cache = Cache(model.language_model.layers, rows=3, places=12)
    with torch.no_grad():
        model.hidden(ids, mask, cache=cache)
        tensors = [*cache.kept, cache.lengths_B, cache.positions_B]
        before = [t.data_ptr() for t in tensors]
        shapes = {model.decode(torch.randint(0, 61, (3,)), cache).shape for _ in range(3)}
    assert [t.data_ptr() for t in tensors] == before
    assert shapes == {(3, 61)}
    assert cache.lengths_B.tolist() == [10, 9, 8]


def test_prefill_and_decode_compile_once_each() -> None:
    _, model = llama()
    torch._dynamo.reset()
    counter = torch._dynamo.testing.CompileCounter()
    step = torch.compile(model.decode, fullgraph=True, backend=counter, dynamic=True)
    with torch.no_grad():
        for places in (9, 12, 15):
            ids, mask = prompt()
            cache = Cache(model.language_model.layers, rows=3, places=places)
            model.hidden(ids, mask, cache=cache)
            for _ in range(2):
                step(torch.randint(0, 61, (3,)), cache)
    assert counter.frame_count == 1


def test_sampling_follows_its_distribution() -> None:
    logits = torch.tensor([[0.1, 0.2, 0.3, 0.4]]).log().expand(20000, -1)
    seeded = torch.Generator().manual_seed(0)

    def frequencies(**options: Any) -> list[float]:
        chosen = Sampling(
            **{"do_sample": True, "temperature": 1.0, "top_k": None, "top_p": None, "generator": seeded, **options}
        )
        return (chosen.choose(logits).bincount(minlength=4) / 20000).tolist()

    assert frequencies() == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.015)
    assert frequencies(top_k=2) == pytest.approx([0, 0, 3 / 7, 4 / 7], abs=0.015)
    assert frequencies(top_p=0.65) == pytest.approx([0, 0, 3 / 7, 4 / 7], abs=0.015)
    assert frequencies(top_p=0.01) == [0, 0, 0, 1]
    assert frequencies(temperature=0.5) == pytest.approx([1 / 30, 4 / 30, 9 / 30, 16 / 30], abs=0.015)


def test_seeded_sampling_repeats() -> None:
    _, model = llama()
    ids, mask = prompt()
    runs = [
        model.generate(ids, mask, max_new_tokens=6, do_sample=True, top_k=9, generator=torch.Generator().manual_seed(5))
        for _ in range(2)
    ]
    assert torch.equal(*runs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_new_tokens": 59}, "prompt of 7 tokens and 59 new ones exceed the context of 64"),
        ({"max_new_tokens": -1}, "max_new_tokens is -1"),
        ({"max_new_tokens": 2.5}, "max_new_tokens is 2.5"),
        ({"do_sample": True, "temperature": 0.0}, "temperature is 0.0"),
        ({"do_sample": True, "temperature": float("nan")}, "temperature is nan"),
        ({"top_k": 0}, "top_k is 0"),
        ({"top_p": 1.5}, "top_p is 1.5"),
    ],
)
def test_bad_options_are_refused_before_anything_runs(options: dict[str, Any], message: str) -> None:
    _, model = llama()
    with pytest.raises(ValueError, match=message):
        model.stream(*prompt(), **options)


def test_nothing_cannot_be_continued() -> None:
    _, model = llama()
    for shape in ((2, 0), (0, 4)):
        with pytest.raises(ValueError, match="nothing to continue"):
            model.stream(torch.zeros(shape, dtype=torch.long), torch.ones(shape, dtype=torch.long))


def test_no_steps_return_the_prompt() -> None:
    _, model = llama()
    ids, _ = prompt()
    assert torch.equal(model.generate(ids, max_new_tokens=0), ids)


@pytest.mark.parametrize(("family", "most"), [("llama", 13), ("mistral", 13), ("qwen3", 16)])
def test_a_decoding_step_dispatches_few_kernels_a_layer(family: str, most: int) -> None:
    """Kernels a layer, one RMSNorm counted once however the device spells it."""
    counts = []
    for layers in (1, 2):
        _, model = llama(family)
        model.language_model.layers = model.language_model.layers[:layers]
        cache = Cache(model.language_model.layers, rows=2, places=8)
        with torch.no_grad(), Kernels() as kernels, pytest.MonkeyPatch.context() as patch:
            patch.setattr(ops, "rms_norm", lambda x, weight, eps: x.mul(1))
            model.decode(torch.zeros(2, dtype=torch.long), cache)
        counts.append(kernels.count)
    assert counts[1] - counts[0] <= most


class Kernels(TorchDispatchMode):
    """Counts operators that compute or copy something."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += not func.is_view and func.name() != "aten::_unsafe_view"
        return func(*args, **(kwargs or {}))


def test_attention_looks_only_at_places_in_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = llama("mistral")
    ids, mask = prompt()
    whole = model.generate(ids, mask, max_new_tokens=9, eos_token_id=None)
    looked: list[int] = []
    attend = ops.decode_attention

    def spy(q: torch.Tensor, kept: torch.Tensor, *rest: Any) -> torch.Tensor:
        looked.append(kept.shape[1])
        return attend(q, kept, *rest)

    monkeypatch.setattr(ops, "decode_attention", spy)
    monkeypatch.setattr(generation, "REACH", 2)
    assert torch.equal(model.generate(ids, mask, max_new_tokens=9, eos_token_id=None), whole)
    layers = len(model.language_model.layers)
    assert looked[::layers] == [10, 10, 10, 13, 13, 13, 15, 15]
