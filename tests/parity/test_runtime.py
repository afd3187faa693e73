"""What "GPU-optimized" promises, counted: graph breaks, graphs, export, host syncs, masks, operators."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.parity.harness import TOLERANCE, error, load, real
from tests.parity.references import Case, case, llava_inputs

NAMES = ["llava-no-padding", "blip-2", "qwen3-vl"]
SYNCS = {
    "aten::_local_scalar_dense",
    "aten::item",
    "aten::nonzero",
    "aten::masked_select",
    "aten::masked_scatter",
    "aten::equal",
}


class Operators(TorchDispatchMode):
    """Counts the operators that reach a device."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen[func.name().split(".")[0]] += 1
        return func(*args, **(kwargs or {}))


def unmasked(c: Case) -> dict[str, torch.Tensor]:
    """Inputs of rows of one length, so that no mask is needed."""
    inputs = c.inputs()
    if c.name == "llava-no-padding":
        del inputs["attention_mask"]
    return inputs


@pytest.mark.parametrize("name", NAMES)
def test_compiles_as_one_graph(name: str, tmp_path: Path) -> None:
    c = case(name)
    model, inputs = load(c.package, c.build(), tmp_path), unmasked(c)
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    with torch.no_grad():
        ours, theirs = compiled(**inputs).logits, model(**inputs).logits
    mask = inputs.get("attention_mask")
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE


def test_one_graph_over_a_sweep_of_sizes(tmp_path: Path) -> None:
    c = case("qwen3-vl")
    model = load(c.package, c.build(), tmp_path)
    torch._dynamo.reset()
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(model, fullgraph=True, backend=counter, dynamic=True)
    for side in (4, 6, 8):
        for length in (3, 5, 9):
            grid = torch.tensor([[1, side, side + 2]])
            count = int(grid.prod())
            ids = torch.cat(
                [torch.full((length,), 5), torch.tensor([197]), torch.full((count // 4,), 195), torch.tensor([198, 7])]
            )[None]
            with torch.no_grad():
                compiled(input_ids=ids, pixel_values=torch.randn(count, 96), image_grid_thw=grid)
    assert counter.frame_count <= 2


@pytest.mark.parametrize("name", NAMES)
def test_exports(name: str, tmp_path: Path) -> None:
    c = case(name)
    model, inputs = load(c.package, c.build(), tmp_path), unmasked(c)
    program = torch.export.export(model, (), inputs, strict=False)
    with torch.no_grad():
        ours, theirs = program.module()(**inputs).logits, model(**inputs).logits
    mask = inputs.get("attention_mask")
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE


@pytest.mark.parametrize("name", NAMES)
def test_forward_never_waits_for_the_device(name: str, tmp_path: Path) -> None:
    """Compiled or on a device the forward reads no value back; on the CPU the checks of the ids are left out here."""
    c = case(name)
    model, inputs = load(c.package, c.build(), tmp_path), unmasked(c)
    program = torch.export.export(model, (), inputs, strict=False)
    targets = {
        str(node.target).replace("aten.", "aten::").rsplit(".", 1)[0]
        for node in program.graph.nodes
        if node.op == "call_function"
    }
    assert not targets & SYNCS


def test_no_square_mask_on_the_common_path(tmp_path: Path) -> None:
    c = case("llava-no-padding")
    model, inputs = load(c.package, c.build(), tmp_path), unmasked(c)
    length = inputs["input_ids"].shape[1]
    shapes: set[tuple[int, ...]] = set()

    class Shapes(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor) and out.dtype is torch.bool:
                shapes.add(tuple(out.shape))
            return out

    with torch.no_grad(), Shapes():
        model(**inputs)
    assert not [s for s in shapes if s[-2:] == (length, length)]


def test_logits_to_keep(tmp_path: Path) -> None:
    c = case("llava-no-padding")
    model, inputs = load(c.package, c.build(), tmp_path), unmasked(c)
    with torch.no_grad():
        whole, last = model(**inputs).logits, model(**inputs, logits_to_keep=2).logits
    assert last.shape[1] == 2
    assert error(last, whole[:, -2:]) < TOLERANCE


def test_batched_equals_alone(tmp_path: Path) -> None:
    """A row's logits do not depend on its neighbours or its padding."""
    c = case("llava")
    model, inputs = load(c.package, c.build(), tmp_path), llava_inputs()
    with torch.no_grad():
        batch = model(**inputs).logits
        first = inputs["input_ids"][:1]
        alone = model(input_ids=first, pixel_values=inputs["pixel_values"][:2]).logits
    assert error(alone[0], batch[0][inputs["attention_mask"][0].bool()]) < TOLERANCE


@pytest.mark.parametrize("name", NAMES)
def test_stream_equals_generate(name: str, tmp_path: Path) -> None:
    c = case(name)
    model, inputs = load(c.package, c.build(), tmp_path), c.inputs()
    keys = {"max_new_tokens": 6, "do_sample": False, "eos_token_id": None}
    steps = torch.stack(list(model.stream(**inputs, **keys)), 1)
    assert torch.equal(steps, model.generate(**inputs, **keys)[:, inputs["input_ids"].shape[1] :])
