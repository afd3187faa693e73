"""What can only be measured once a process: imports, the first construction, loading, the first compilation.

`python -m benchmarks.fresh KIND JSON` measures one of them and prints a JSON object; `measured` runs it so. Nothing is
imported here that the measured import would have to import itself.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.workload import Sample

TIMEOUT = 600
STATUS = Path("/proc/self/status")


def measured(kind: str, environment: Mapping[str, str] | None = None, **options: Any) -> Sample:
    """A Sample of one measurement in a fresh process.

    Raises:
        RuntimeError: it failed; the message is the end of what it said.
    """
    from benchmarks.workload import Sample  # noqa: PLC0415 - it imports torch

    command = [sys.executable, "-m", "benchmarks.fresh", kind, json.dumps(options)]
    keys = {**os.environ, **(environment or {})}
    # Modules are read as they are wherever Python may keep what it compiled.
    keys.pop("PYTHONDONTWRITEBYTECODE", None)
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False, cwd=root, env=keys)
    if done.returncode:
        raise RuntimeError(f"{kind} {options}: {done.stderr.strip()[-600:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Sample(found.pop("wall"), found.pop("cpu"), found)


def memory(name: str) -> float:
    """VmRSS (held now) or VmHWM (the most so far) in MB; 0 where the system does not say."""
    if not STATUS.is_file():
        return 0.0
    line = next((line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith(name)), "x 0")
    return int(line.split()[1]) / 1000


def forget_peak() -> None:
    """From here on VmHWM is the most from here on."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def timed(call: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What it gives, and its seconds on the wall and of the processor."""
    wall, cpu = time.perf_counter(), _seconds()
    result = call()
    return result, {"wall": time.perf_counter() - wall, "cpu": _seconds() - cpu}


def _seconds() -> float:
    """Of the processor, in this process and those it waited for (a compiler's)."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def importing(module: str, name: str = "") -> dict[str, float]:
    """Seconds of an import and the memory held after it; torch comes first, so that `share` compares like with like."""
    before = memory("VmRSS")
    _, torch = timed(lambda: importlib.import_module("torch"))

    def call() -> Any:
        imported = importlib.import_module(module)
        return getattr(imported, name) if name else imported

    _, own = timed(call)
    total = {key: torch[key] + own[key] for key in torch}
    return {**total, "share": total["wall"] / torch["wall"], "MB": memory("VmRSS") - before}


def constructing(side: str) -> dict[str, float]:
    """Seconds of the first LLaVA-1.5-7B on the meta device in this process, and of the second."""
    import torch  # noqa: PLC0415

    if side == "chiasm":
        package = importlib.import_module("generated.llava")

        def build() -> Any:
            return package.Model(package.PRESETS["1.5-7b"])
    else:
        import transformers as tf  # noqa: PLC0415

        text = {"model_type": "llama", "vocab_size": 32_064}
        vision = {
            "model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
            "num_attention_heads": 16, "image_size": 336, "patch_size": 14, "projection_dim": 768,
        }  # fmt: skip
        config = tf.LlavaConfig(vision_config=vision, text_config=text)

        def build() -> Any:
            return tf.LlavaForConditionalGeneration(config)

    before = set(sys.modules)
    with torch.device("meta"):
        model, first = timed(build)
        _, second = timed(build)
    imported = {name for name in sys.modules if name.startswith(("torch._decomp", "torch._refs"))} - before
    parameters = sum(p.numel() for p in model.parameters())
    return {**first, "second": second["wall"], "decompositions": len(imported), "parameters": parameters}


def loading(side: str, path: str, layer: float) -> dict[str, float]:
    """Seconds of reading a checkpoint, of also touching every weight, and the peak of memory until then.

    `layer` is the size of one decoder layer in MB, the unit in which the peak above the weights is given.
    """
    import torch  # noqa: PLC0415
    from safetensors import safe_open  # noqa: PLC0415

    files = sorted(Path(path).glob("*.safetensors"))

    def copy() -> Any:
        held = []
        for file in files:
            with safe_open(file, framework="pt") as opened:
                held += [opened.get_tensor(name).clone() for name in opened.keys()]  # noqa: SIM118
        return held

    if side == "transformers":
        import transformers as tf  # noqa: PLC0415

        cls = tf.LlavaForConditionalGeneration

        def call() -> Any:
            return list(cls.from_pretrained(path, dtype="auto").parameters())
    elif side == "chiasm":
        model = importlib.import_module("generated.llava").Model

        def call() -> Any:
            return list(model.from_pretrained(path).parameters())
    else:
        call = copy
    weights = sum(file.stat().st_size for file in files) / 1e6
    torch.zeros(1).add(1)
    forget_peak()
    before = memory("VmRSS")
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        held, seconds = timed(call)
    for tensor in held:
        # One element a page: every page is there, hardly anything is computed.
        tensor.detach().flatten()[:: 4096 // tensor.element_size()].sum()
    ready, peak = time.perf_counter() - start, memory("VmHWM") - before
    return {**seconds, "ready": ready, "peak": peak, "layers above": (peak - weights) / layer}


def compiling(side: str, path: str, *, regions: bool = False) -> dict[str, float]:
    """Seconds of the first compiled prefill and the first compiled step; the cache of compiled code must be empty."""
    import torch  # noqa: PLC0415

    ids, pixels = torch.full((1, 12), 5), torch.randn(1, 3, 28, 28)
    ids[0, 2:6] = 500
    torch._dynamo.config.cache_size_limit = 64
    if side == "chiasm":
        from benchmarks.contestants import compiled_steps  # noqa: PLC0415

        model = importlib.import_module("generated.llava").Model.from_pretrained(path)
        prefill, step = compiled_steps(model, ids, pixels, regions=regions)
    else:
        import transformers as tf  # noqa: PLC0415

        model = tf.LlavaForConditionalGeneration.from_pretrained(path, attn_implementation="sdpa").eval()
        cache = tf.StaticCache(config=model.config, max_cache_len=32)
        call = torch.compile(model.forward)

        def prefill() -> Any:
            return call(input_ids=ids, pixel_values=pixels, past_key_values=cache, use_cache=True, logits_to_keep=1)

        def step() -> Any:
            return call(input_ids=ids[:, :1], past_key_values=cache, use_cache=True, logits_to_keep=1)

    with torch.no_grad():
        _, first = timed(prefill)
        _, second = timed(step)
    return {"wall": first["wall"] + second["wall"], "cpu": first["cpu"] + second["cpu"], "step": second["wall"]}


KINDS: Mapping[str, Callable[..., dict[str, float]]] = {
    "importing": importing,
    "constructing": constructing,
    "loading": loading,
    "compiling": compiling,
}

if __name__ == "__main__":
    print(json.dumps(KINDS[sys.argv[1]](**json.loads(sys.argv[2]))))
