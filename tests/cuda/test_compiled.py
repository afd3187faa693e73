"""On a real GPU: the compiler gives the same numbers, and one device sharded is one device."""

from __future__ import annotations

import copy
import importlib
from typing import Any

import pytest
import torch

from tests.cuda.device import EXACT, on_cuda, prefilled, to_cuda
from tests.parity.harness import error
from tests.test_contract_generation import PACKAGES, every

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here: torch.cuda.is_available() is false"),
]


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
        model, cache, first = prefilled(name)
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
