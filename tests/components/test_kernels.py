"""The Triton kernels equal their meaning: interpreted, so without a GPU; on one, `tests/cuda` compiles them."""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.components import test_generation

from chiasm.components import fused

ROOT = Path(__file__).parents[2]
FOLDER = Path(fused.__file__).parent


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed: pip install triton")
def test_interpreted_kernels_equal_their_meaning() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-x", "tests/components/interpreted_kernels.py"]
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert re.search(r"\d+ passed", run.stdout)


HALF, WIDE, PLACES = "*bf16", "*fp32", "*i64"
POINTERS = {"partial": WIDE, "weights": WIDE, "rows": PLACES, "places": PLACES}
SCALARS = {"eps": "fp32", "scale": "fp32"}
HEADS = {"GROUPS": 2, "WIDTH": 128, "PADDED": 128}
ONE, FEW = {"ROWS": 1, "COLUMNS": 8, "INNER": 512}, {"ROWS": 16, "COLUMNS": 16, "INNER": 128}
TURNED = {"NORM": True, "TURN": True, "KEEP": True, "HEADS": 4}
WHOLE = dict.fromkeys(("NORM", "BIAS", "ADD", "GATED"), True)
BARE = dict.fromkeys(WHOLE, False)


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not installed: pip install triton")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "fixed", "multiplies"), [
    ("silu_product", {"TILE": 1024}, False), ("quick_gelu", {"TILE": 2048}, False),
    ("rotate_and_keep", {**TURNED, **HEADS}, False),
    ("attend_share", {**HEADS, "HEADS": 16, "SHARES": 8, "TILE": 64}, True),
    ("join_shares", {**HEADS, "SHARES": 8}, False),
    ("product", {**WHOLE, **ONE}, False), ("product", {**BARE, **ONE}, False),
    ("product", {**WHOLE, **FEW}, True), ("product", {**BARE, **FEW}, True),
])  # fmt: skip
def test_kernels_compile_for_a_gpu(
    name: str, fixed: dict[str, Any], multiplies: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down to machine code for sm_90, without one: loads are 16 bytes wide, and products use the matrix unit."""
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    triton, kernels = (importlib.import_module(module) for module in ("triton", "chiasm.components.kernels"))
    target = importlib.import_module("triton.backends.compiler").GPUTarget("cuda", 90, 32)
    function = getattr(kernels, name)
    names = list(inspect.signature(function.fn).parameters)
    halves = ["q", "keys", "values", "x", "gain", "weight", "bias", "residual", "out", "gate_up", "qkv", "kept"]
    halves += ["cos", "sin", "q_weight", "k_weight"]
    kinds = {**dict.fromkeys(halves, HALF), **POINTERS, **SCALARS}
    if name == "product":
        kinds["rows"] = "i32"
    signature = {one: "constexpr" if one in fixed else kinds.get(one, "i32") for one in names}
    # As torch's allocator and real widths have it: addresses, strides and sizes are multiples of 16.
    counted = ("rows", "tokens", "kv_heads") if name != "rotate_and_keep" else ("tokens", "kv_heads")
    even = [i for i, one in enumerate(names) if one not in {*fixed, *SCALARS, *counted}]
    source = importlib.import_module("triton.compiler").ASTSource(
        fn=function, signature=signature, constexprs={(names.index(one),): value for one, value in fixed.items()},
        attrs={(i,): [["tt.divisibility", 16]] for i in even},
    )  # fmt: skip
    options = {"num_warps": 1 if name in ("rotate_and_keep", "join_shares") else 4}
    code = triton.compile(source, target=target, options=options).asm["ptx"]
    assert re.search(r"ld\.global[^;]*v4\.b32|cp\.async[^;]*16", code)
    assert bool(re.search(r"mma\.sync|wgmma", code)) == multiplies


def test_the_host_takes_no_kernel() -> None:
    with torch.no_grad():
        assert not fused.ready(torch.zeros(2))


def test_triton_is_imported_by_the_kernels_alone() -> None:
    imported = re.compile(r"^\s*(import|from) triton", re.MULTILINE)
    naming = [path.name for path in FOLDER.glob("*.py") if imported.search(path.read_text(encoding="utf-8"))]
    assert naming == ["kernels.py"]
    code = "import sys, chiasm.components.fused as f; f.installed(); sys.exit('triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("programs", "places"), [(1, 1), (8, 640), (32, 1024), (256, 4096), (8, 32768)])
def test_shares_fill_the_device_and_are_a_power_of_two(
    programs: int, places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fused, "_multiprocessors", lambda _: 132)
    shares = fused._shares(programs, places, torch.device("cpu"))
    assert shares & (shares - 1) == 0
    assert 1 <= shares <= 64
    assert shares == 1 or places / shares >= 64
    assert shares * programs >= min(264, programs * places / 128, programs * 64)


def test_few_rows_gives_back_what_stood_before_a_block() -> None:
    model = test_generation.llama()[1]
    block, other = model.language_model.layers[:2]
    block.forward = standing = partial(block.forward)
    wanted = model.generate(*test_generation.prompt(), max_new_tokens=3)
    for enabled in (True, True, False, False):
        fused.few_rows(model, enabled=enabled)
        assert (block.forward is standing) != enabled
        assert (other.forward == type(other).forward.__get__(other)) != enabled
        assert torch.equal(copy.deepcopy(model).generate(*test_generation.prompt(), max_new_tokens=3), wanted)
