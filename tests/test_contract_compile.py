"""What "GPU-optimized" promises of every package, counted: graphs, host reads, masks; slowly, the real compiler."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.testing import CompileCounter
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from tests.parity.harness import TOLERANCE, error, load, package
from tests.parity.odd import qwen_rows
from tests.parity.references import blip_2_inputs, clip, clip_inputs, llava_plain, seeded
from tests.test_contract_generation import pair

Inputs = dict[str, Tensor]


def _qwen() -> Inputs:
    return qwen_rows((2, (2, 3), 3, (4, 1), 2))()


def _blip() -> Inputs:
    return {key: value[:1] for key, value in blip_2_inputs(pad="right").items()}


INPUTS: dict[str, Callable[[], Inputs]] = {"llava": llava_plain, "blip_2": _blip, "qwen3_vl": _qwen}
every = pytest.mark.parametrize("name", INPUTS)
inductor = pytest.mark.skipif(shutil.which("gcc") is None, reason="inductor needs a C++ compiler")


def unmasked(name: str) -> Inputs:
    """Inputs of rows without padding, and so without a mask."""
    inputs = INPUTS[name]()
    real = inputs.pop("attention_mask").bool()
    keep = real.all(0)
    return {k: v[:, keep] if k in ("input_ids", "mm_token_type_ids") else v for k, v in inputs.items()}


@every
def test_a_forward_reads_no_value(name: str) -> None:
    """On tensors without values anything that asks for one fails: a host read would be a wait for the device."""
    config, inputs = pair(name)[1].config, unmasked(name)
    with torch.device("meta"):
        model = package(name).Model(config)
    made = {key: value.to("meta") for key, value in inputs.items()}
    out = model(**made, labels=made["input_ids"], return_logits=True)
    assert out.logits.shape == (*inputs["input_ids"].shape, config.language_model.vocab_size)
    assert out.loss.shape == ()


@every
def test_a_mask_on_a_device_is_not_read(name: str) -> None:
    config = pair(name)[1].config
    with torch.device("meta"):
        model = package(name).Model(config)
    inputs = {key: value.to("meta") for key, value in INPUTS[name]().items()}
    assert model(**inputs).logits.shape[:2] == inputs["input_ids"].shape


class Squares(TorchDispatchMode):
    """Notes every tensor of at least a side by a side in its last two axes."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple | list) else (out,):
            if isinstance(tensor, Tensor) and tensor.shape[-2:] == (self.side, self.side):
                self.seen.append(str(func))
        return out


@every
def test_no_square_of_the_sequence_is_made(name: str) -> None:
    """41 text tokens are no width of any tensor of these models."""
    with torch.no_grad(), Squares(41) as squares:
        pair(name)[1](torch.full((2, 41), 5))
    assert not squares.seen


def test_eight_sizes_by_eight_lengths_are_two_graphs() -> None:
    _, model = pair("qwen3_vl")
    torch._dynamo.reset()
    counter = CompileCounter()
    compiled = torch.compile(model, fullgraph=True, backend=counter, dynamic=True)
    with torch.no_grad():
        for size in ((1, 1), (1, 2), (2, 2), (3, 2), (4, 4), (1, 7), (7, 1), (5, 3)):
            for length in (1, 2, 3, 5, 8, 13, 20, 33):
                inputs = qwen_rows((length, size, 3))()
                del inputs["attention_mask"]
                compiled(**inputs)
    assert counter.frame_count <= 2


@pytest.mark.parametrize("name", ["llava", "blip_2"])
def test_eight_numbers_of_images_by_eight_lengths_are_two_graphs(name: str) -> None:
    """Where images have one size, rows and images vary instead."""
    _, model = pair(name)
    inputs = {key: value[:1] for key, value in unmasked(name).items()}
    torch._dynamo.reset()
    counter = CompileCounter()
    compiled = torch.compile(model, fullgraph=True, backend=counter, dynamic=True)
    with torch.no_grad():
        for rows in range(2, 10):
            for length in (1, 2, 3, 5, 8, 13, 20, 33):
                made = {key: torch.cat([value] * rows) for key, value in inputs.items()}
                made["input_ids"] = torch.cat((made["input_ids"], torch.full((rows, length), 5)), 1)
                compiled(**made)
    assert counter.frame_count <= 2


def _repeated(model: nn.Module) -> int:
    """How many different blocks the stacks of a model have: what a block is made of and the shapes of its tensors."""
    blocks = [block for stack in model.modules() if isinstance(stack, nn.ModuleList) for block in stack]
    return len({(type(b), tuple((name, p.shape) for name, p in b.named_parameters())) for b in blocks})


@every
def test_regions_compiled_apart_give_the_same_numbers(name: str) -> None:
    """One graph a sort of block, for prompts of every length; the cross-attention of a Q-Former makes two sorts.

    A stack's first block may have one of its own, where what it reads is a view and what the others read is not.
    """
    _, model = pair(name)
    inputs, compiling = unmasked(name), import_module(f"{type(model).__module__.rpartition('.')[0]}.compiling")
    longer = {**inputs, "input_ids": F.pad(inputs["input_ids"], (0, 3), value=5)}
    if "mm_token_type_ids" in inputs:
        longer["mm_token_type_ids"] = F.pad(inputs["mm_token_type_ids"], (0, 3))
    torch._dynamo.reset()
    counter = CompileCounter()
    with torch.no_grad():
        expected = [model(**made).logits for made in (inputs, longer)]
        compiling.compile_blocks(model, backend=counter, dynamic=True)
        try:
            for made, logits in zip((inputs, longer), expected, strict=True):
                assert error(model(**made).logits, logits) < TOLERANCE
        finally:
            compiling.compile_blocks(model, enabled=False)
    assert counter.frame_count <= _repeated(model) + 1


@every
def test_steps_of_any_prompt_are_two_graphs(name: str) -> None:
    _, model = pair(name)
    torch._dynamo.reset()
    counter = CompileCounter()
    with torch.no_grad(), pytest.MonkeyPatch.context() as patch:
        compiled = torch.compile(model.decode, fullgraph=True, backend=counter, dynamic=True)
        patch.setattr(model, "decode", compiled)
        for rows, length in ((2, 3), (2, 5), (3, 9), (5, 4)):
            model.generate(torch.full((rows, length), 5), max_new_tokens=4, eos_token_id=None)
    assert counter.frame_count <= 2


@every
def test_exports_with_any_number_of_tokens(name: str) -> None:
    _, model = pair(name)
    tokens = torch.export.Dim("tokens", min=2, max=60)
    program = torch.export.export(
        model, (torch.full((2, 7), 5),), dynamic_shapes={"input_ids": {1: tokens}}, strict=False
    )
    ids = torch.randint(3, 120, (2, 23), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert error(program.module()(ids).logits, model(ids).logits) < TOLERANCE


@pytest.mark.slow
@inductor
@every
@pytest.mark.filterwarnings("ignore")
def test_the_real_compiler_gives_the_same_numbers(name: str) -> None:
    _, model = pair(name)
    torch._dynamo.reset()
    inputs = unmasked(name)
    labels = inputs["input_ids"].masked_fill(inputs["input_ids"] >= 120, -100)
    compiled = torch.compile(model, fullgraph=True)
    with torch.no_grad():
        assert error(compiled(**inputs).logits, model(**inputs).logits) < TOLERANCE
    grads = []
    for net in (compiled, model):
        loss = net(**inputs, labels=labels).loss
        trained = [p for p in model.parameters() if p.requires_grad]
        grads.append(torch.autograd.grad(loss, trained, allow_unused=True))
    largest = max(float(g.abs().max()) for g in grads[1] if g is not None)
    for one, other in zip(*grads, strict=True):
        assert (one is None) == (other is None)
        assert one is None or float((one - other).abs().max()) < TOLERANCE * largest


@pytest.mark.slow
@inductor
@pytest.mark.filterwarnings("ignore")
def test_the_real_compiler_compares_towers(tmp_path: Path) -> None:
    model = load("clip", seeded(clip)(), tmp_path)
    torch._dynamo.reset()
    with torch.no_grad():
        inputs = clip_inputs()
        ours, theirs = torch.compile(model, fullgraph=True)(**inputs), model(**inputs)
    assert error(ours.logits_per_image, theirs.logits_per_image) < TOLERANCE
