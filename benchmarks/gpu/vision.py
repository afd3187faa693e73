"""Seeing on a GPU: images to features, at a fixed resolution and at each image's own.

Shapes: N images, P patches of all images, D width.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from benchmarks.gpu import pairs, work
from benchmarks.gpu.device import Site, Timed, waits
from benchmarks.workload import Contest, Goal, Ratio, Value, Workload, nothing

AREAS = tuple(round(64 * 10 ** (i / 63)) for i in range(64))
"""Merged patches of 64 images, the largest ten times the smallest."""


def _quiet(call: Callable[..., Any]) -> Callable[..., Any]:
    @torch.no_grad()
    def run(*given: Tensor) -> Any:
        return call(*given)

    return run


def _recorded(pair: pairs.Pair, site: Site, call: Callable[..., Any], *inputs: Tensor) -> Callable[..., Any]:
    """The call as one CUDA graph; on the host the call itself."""
    return _quiet(call) if site.dry else pair.module("graphs").capture(call, *inputs)


def _compiled(pair: pairs.Pair, encoder: Any) -> Any:
    """A copy of the tower whose blocks are compiled, once for all of them."""
    return pair.module("compiling").compile_blocks(copy.deepcopy(encoder))


def fixed(site: Site, images: int) -> Contest:
    """LLaVA-1.5's CLIP ViT-L/14-336, as far as its features are read."""
    pair = pairs.pair(site, "llava", "1.5-7b", language_model={"layers": 1})
    config, encoder = pair.ours.config.encoder, pair.ours.encoder
    side = config.image_size
    pixels = site.randn(site.sized(images, min(images, 2)), 3, side, side)
    tokens = (side // config.patch_size) ** 2 + config.class_token
    ideal = {"MFU": work.vision(config, encoder, [tokens] * len(pixels)) / site.rates["product"]}
    tower = pair.theirs.model.vision_tower

    def see(model: Any) -> Callable[[Tensor], Tensor]:
        return lambda x: model(x, output_hidden_states=True).hidden_states[config.feature_layer][:, 1:]

    calls = {"transformers": _quiet(see(tower)), "chiasm": _quiet(encoder)}
    calls["chiasm, graph"] = _recorded(pair, site, encoder, pixels)
    if site.compiled:
        blocks = _compiled(pair, encoder)
        calls["chiasm, compiled"] = _quiet(blocks)
        calls["chiasm, compiled, graph"] = _recorded(pair, site, blocks, pixels)
        calls["transformers, compiled"] = _quiet(torch.compile(see(tower)))
    racing = [_timed(name, call, (pixels,), ideal) for name, call in calls.items()]
    return Contest(
        racing, lambda: pairs.exact(tower, lambda wide: see(wide)(pixels.to(next(wide.parameters()).dtype))),
        values=(Value("MFU", "chiasm*", "MFU"), Value("ms", "chiasm*", scale=1e3)),
    )  # fmt: skip


def _timed(name: str, call: Callable[..., Any], inputs: Sequence[Tensor], ideal: dict[str, float]) -> Timed:
    side: Any = "chiasm" if name.startswith("chiasm") else "transformers"
    return Timed(name, side, lambda: call(*inputs), nothing, _features, ideal=ideal)


def _features(out: Any) -> Tensor:
    return torch.cat([out.last, *out.taps]) if hasattr(out, "taps") else out


def _native(site: Site) -> pairs.Pair:
    return pairs.pair(site, "qwen3_vl", "8b", language_model={"layers": 1})


def _patches(site: Site, pair: pairs.Pair, sizes: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
    config = pair.ours.config.encoder
    count = sum(rows * columns for rows, columns in sizes)
    width = config.channels * config.temporal_patch_size * config.patch_size**2
    # The grid stays on the host for neither: a device reads it where the patches are.
    grid = torch.tensor([[1, rows, columns] for rows, columns in sizes], device=site.device)
    return site.randn(count, width), grid


def native(site: Site) -> Contest:
    """Qwen3-VL-8B's transformer on one image of 4,096 patches."""
    pair = _native(site)
    side = site.sized(64, 4)
    inputs = _patches(site, pair, [(side, side)])
    encoder, visual = pair.ours.encoder, pair.theirs.model.visual
    ideal = {"MFU": work.vision(pair.ours.config.encoder, encoder, [side * side]) / site.rates["product"]}

    def see(model: Any) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda x, grid: model(x, grid_thw=grid).pooler_output

    def look(x: Tensor, grid: Tensor) -> Tensor:
        tokens: Tensor = pair.ours.alignment(encoder(x, grid)).tokens
        return tokens

    calls = {"transformers": _quiet(see(visual)), "chiasm": _quiet(look)}
    if site.compiled:
        blocks = _compiled(pair, encoder)
        calls["chiasm, compiled"] = _quiet(lambda x, grid: pair.ours.alignment(blocks(x, grid)).tokens)
    racing = [_timed(name, call, inputs, ideal) for name, call in calls.items()]
    return Contest(
        racing,
        lambda: pairs.exact(visual, lambda wide: see(wide)(inputs[0].to(next(wide.parameters()).dtype), inputs[1])),
        counts=lambda: {
            "waits": waits(lambda: calls["chiasm"](*inputs), site.device),
            "transformers: waits": waits(lambda: calls["transformers"](*inputs), site.device),
        },
        values=(Value("MFU", "chiasm*", "MFU"),),
    )


def ragged(site: Site) -> Contest:
    """64 images of very different size, packed; and as large as the largest, all of them: what padding would cost."""
    pair = _native(site)
    merge, encoder = pair.ours.config.encoder.merge_size, pair.ours.encoder
    sides = [max(1, round(area**0.5)) for area in site.sized(AREAS, AREAS[::16])]
    most = max(sides) if not site.dry else 3
    packed = [(merge * min(side, most), merge * min(side, most)) for side in sides]
    padded = [(merge * most, merge * most)] * len(sides)
    racing, share = [], sum(a * b for a, b in packed) / sum(a * b for a, b in padded)
    for name, sizes in (("chiasm padded", padded), ("chiasm packed", packed)):
        inputs = _patches(site, pair, sizes)
        flops = work.vision(pair.ours.config.encoder, encoder, [a * b for a, b in sizes])
        call = _quiet(encoder)
        racing.append(
            Timed(
                name, "chiasm", lambda call=call, inputs=inputs: call(*inputs),  # type: ignore[misc]
                ideal={"MFU": flops / site.rates["product"], "patches": len(inputs[0]) / 1e9},
            )
        )  # fmt: skip
    return Contest(
        racing, counts=lambda: {"padding": 1 - share},
        ratios=(
            Ratio("padded / packed", "chiasm padded", "chiasm packed"),
            # Patches a second: one where packing gains exactly what padding wastes.
            Ratio("of what padding wastes", "chiasm packed", "chiasm padded", "patches"),
            Ratio("MFU of uniform's", "chiasm packed", "chiasm padded", "MFU"),
        ),
        values=(Value("MFU packed", "chiasm packed", "MFU"), Value("MFU uniform", "chiasm padded", "MFU")),
    )  # fmt: skip


WORKLOADS = (
    Workload(
        "vit-b32", "CLIP ViT-L/14-336, 32 images", lambda site: fixed(site, 32), (Goal("MFU", 0.45, 0.6),), quick=True
    ),
    Workload(
        "vit-b1", "CLIP ViT-L/14-336, one image, captured", lambda site: fixed(site, 1),
        (Goal("ms", 1.5, 1.0, at_least=False),), quick=True,
    ),
    Workload(
        "vit-native", "Qwen3-VL-8B's ViT, 4,096 patches, heads of 72", native,
        (Goal("MFU", 0.4, 0.5), Goal("waits", 0, 0, at_least=False)),
    ),
    Workload(
        "vit-ragged", "64 images, tenfold spread in area: packed against padded", ragged,
        (Goal("of what padding wastes", 0.9, 1.0), Goal("MFU of uniform's", 0.9, 0.95)),
    ),
)  # fmt: skip
