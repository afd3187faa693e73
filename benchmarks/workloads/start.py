"""Starting: imports, the first construction, loading a checkpoint, the first compilation; a fresh process each time."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import counts, fresh
from benchmarks.models import LLAVA, ours, saved, theirs, tiny_llava, tiny_qwen
from benchmarks.workload import Contest, Contestant, Goal, Ratio, Sample, Setting, Side, Value, Workload
from benchmarks.workloads.vision import patches

SHARD = "200MB"
LAYER = (4 * 2048**2 + 3 * 2048 * 5504) * 2 / 1e6
"""A decoder layer of the saved model in bf16, in MB."""
IMAGES = ((2, 2), (2, 4), (4, 4), (6, 4), (8, 8), (2, 14), (14, 2), (10, 6))
LENGTHS = (3, 4, 5, 7, 10, 15, 22, 35)


def _fresh(contestant: str, of: Side, kind: str, **options: Any) -> Contestant:
    def run() -> Sample:
        return fresh.measured(kind, **options)

    return Contestant(contestant, of, run, own_clock=True)


def importing(setting: Setting) -> Contest:
    del setting
    racing = [
        _fresh("torch", "floor", "importing", module="torch"),
        _fresh(
            "transformers", "transformers", "importing", module="transformers", name="LlavaForConditionalGeneration"
        ),
        _fresh("chiasm", "chiasm", "importing", module="generated.llava", name="Model"),
    ]
    ratios = (
        Ratio("MB more than torch", "chiasm", "torch", "MB", minus=True),
        Ratio("transformers: MB more than torch", "transformers", "torch", "MB", minus=True),
    )
    values = (
        Value("of torch's own import", "chiasm", "share"),
        Value("transformers: of torch's own import", "transformers", "share"),
    )
    return Contest(racing, ratios=ratios, values=values, slow=True)


def constructing(setting: Setting) -> Contest:
    del setting
    sides: tuple[Side, ...] = ("transformers", "chiasm")
    racing = [_fresh(side, side, "constructing", side=side) for side in sides]
    values = (
        Value("ms, first", "chiasm", "wall", 1e3), Value("transformers: ms, first", "transformers", "wall", 1e3),
        Value("ms, second", "chiasm", "second", 1e3), Value("transformers: ms, second", "transformers", "second", 1e3),
        Value("modules of decompositions imported", "chiasm", "decompositions"),
    )  # fmt: skip
    return Contest(racing, ratios=(), values=values, slow=True)


def loading(setting: Setting) -> Contest:
    path = saved(LLAVA, "bf16", setting.folder / "sharded", max_shard_size=SHARD)
    options = {"path": str(path), "layer": LAYER}
    racing = [
        _fresh("map and copy", "floor", "loading", side="floor", **options),
        _fresh("transformers", "transformers", "loading", side="transformers", **options),
        _fresh("chiasm", "chiasm", "loading", side="chiasm", **options),
    ]
    ratios = (
        Ratio("of mapping and copying", "chiasm", "map and copy"),
        Ratio("of mapping and copying, every weight touched", "chiasm", "map and copy", "ready"),
        Ratio("transformers: of mapping and copying, every weight touched", "transformers", "map and copy", "ready"),
        Ratio("× transformers", "transformers", "chiasm"),
        Ratio("× transformers, every weight touched", "transformers", "chiasm", "ready"),
    )
    values = (
        Value("layers of memory above the weights", "chiasm", "layers above"),
        Value("transformers: layers of memory above the weights", "transformers", "layers above"),
    )
    return Contest(racing, ratios=ratios, values=values, slow=True)


def compiling(setting: Setting) -> Contest:
    path = saved(tiny_llava(4), "fp32", setting.folder)

    def racer(name: str, side: Side, *, regions: bool = False) -> Contestant:
        def run() -> Sample:
            # What was compiled before must not be found.
            with tempfile.TemporaryDirectory() as empty:
                keys = {"TORCHINDUCTOR_CACHE_DIR": empty, "TORCHINDUCTOR_FX_GRAPH_CACHE": "0"}
                return fresh.measured("compiling", keys, side=side, path=str(path), regions=regions)

        return Contestant(name, side, run, own_clock=True)

    return Contest(
        [
            racer("transformers", "transformers"),
            racer("chiasm", "chiasm"),
            racer("chiasm, a block at a time", "chiasm", regions=True),
        ],
        ratios=(
            Ratio("of transformers' seconds", "chiasm*", "transformers"),
            Ratio("as a whole: of transformers' seconds", "chiasm", "transformers"),
            Ratio("of transformers' processor time", "chiasm*", "transformers", "cpu"),
        ),
        counts=lambda: count_graphs(setting.folder),
        slow=True,
    )


def count_graphs(folder: Path) -> dict[str, float]:
    """Graphs and breaks over 8 image sizes × 8 prompt lengths."""
    reference = tiny_qwen(4)
    path = saved(reference, "fp32", folder)
    sweep = [_prompt(image, length) for image in IMAGES for length in LENGTHS]
    own = counts.graphs(ours(reference, path), sweep)
    # Each size is compiled anew there, or given up on: a quarter of them says as much.
    other = counts.graphs(theirs(reference, path), sweep[::4])
    return {
        "graphs over 64 sizes": own.graphs,
        "graph breaks": own.breaks,
        "transformers: graphs over 16 sizes": other.graphs,
        "transformers: graph breaks": other.breaks,
    }


def _prompt(image: tuple[int, int], length: int) -> dict[str, Tensor]:
    """Text, an image of so many rows and columns of patches, and text."""
    tokens = torch.full((image[0] * image[1] // 4,), 500)
    ids = torch.cat([torch.full((length,), 5), torch.tensor([502]), tokens, torch.tensor([503, 7, 7, 7])])[None]
    made = {"input_ids": ids, **patches((image,), 3 * 2 * 16 * 16, torch.float32)}
    return {**made, "mm_token_type_ids": (ids == 500).int()}


WORKLOADS = (
    Workload(
        "import", "import the model's class, in a fresh process", importing,
        (
            Goal("of torch's own import", 1.05, 1.02, at_least=False),
            Goal("MB more than torch", 5, None, at_least=False),
        ),
        dtypes=("fp32",), quick=True, rounds=5,
    ),
    Workload(
        "construct-meta", "LLaVA-1.5-7B on the meta device, in a fresh process", constructing,
        (
            Goal("ms, first", 60, 25, at_least=False),
            Goal("modules of decompositions imported", 0, None, at_least=False),
        ),
        dtypes=("fp32",), quick=True, rounds=5,
    ),
    Workload(
        "load", f"load 0.8 GB in shards of {SHARD}, in a fresh process", loading,
        (
            Goal("of mapping and copying", 1.2, 1.0, at_least=False),
            Goal("layers of memory above the weights", 1, None, at_least=False),
        ),
        dtypes=("fp32",),
    ),
    Workload(
        "compile-cold", "compile prefill and step, in a fresh process without a cache", compiling,
        (
            Goal("of transformers' seconds", 0.6, 0.4, at_least=False),
            Goal("graphs over 64 sizes", 2, None, at_least=False),
            Goal("graph breaks", 0, None, at_least=False),
        ),
        dtypes=("fp32",), rounds=3, unit="s",
    ),
)  # fmt: skip
