"""Seeing: images through the encoder and the alignment, to visual tokens.

Shapes: N images, S side, P patches of all images, D width of the language model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from benchmarks import counts
from benchmarks.contestants import compiled, models
from benchmarks.models import BLIP, LLAVA, QWEN, Reference, ours, saved, theirs, tiny_qwen
from benchmarks.workload import Contest, Contestant, Goal, Setting, Workload

Sizes = Sequence[tuple[int, int]]
RAGGED: Sizes = ((8, 12), (24, 24), (6, 30), (16, 16), (20, 10), (32, 14), (12, 12), (10, 26))
"""Rows and columns of patches of eight images, a factor of six in area."""
FUSED = {"patch_embeddings": True}
"""transformers' fusion: the patch embedding as a matrix product."""
FIXED, NATIVE = (Goal("× eager", 1.08, 1.25),), (Goal("× eager", 1.20, 1.35),)


@torch.no_grad()
def _run(call: Callable[..., Any], **inputs: Tensor) -> Any:
    return call(**inputs)


def fixed(setting: Setting, images: int) -> Contest:
    """CLIP ViT-L/14-336 and its projection; one image also compiled."""
    setting = setting if images == 1 else replace(setting, compiled=False)
    path = saved(LLAVA, setting.dtype, setting.folder)
    model = theirs(LLAVA, path)
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randn(images, 3, 336, 336, generator=generator).to(setting.torch_dtype)

    def seen(out: Any) -> Tensor:
        return torch.cat(tuple(out.pooler_output)).flatten(0, -2)

    def look(model: Any) -> Callable[..., Any]:
        return lambda pixel_values: model.alignment(model.encoder(pixel_values))

    return _contest(setting, LLAVA, model.model.get_image_features, look, {"pixel_values": pixels}, seen, _flat)


def native(setting: Setting, sizes: Sizes) -> Contest:
    """Qwen3-VL's transformer at each image's own size, with its mergers; one image also compiled."""
    setting = setting if len(sizes) == 1 else replace(setting, compiled=False)
    path = saved(QWEN, setting.dtype, setting.folder)
    model = theirs(QWEN, path)
    inputs = patches(sizes, 3 * 2 * 16 * 16, setting.torch_dtype)

    def look(model: Any) -> Callable[..., Any]:
        return lambda pixel_values, image_grid_thw: model.alignment(model.encoder(pixel_values, image_grid_thw))

    def see(model: Any) -> Callable[..., Any]:
        return lambda pixel_values, image_grid_thw: model.model.visual(pixel_values, grid_thw=image_grid_thw)

    def seen(out: Any) -> Tensor:
        return torch.cat([out.pooler_output, *out.deepstack_features])

    def own(out: Any) -> Tensor:
        return torch.cat([out.tokens, *out.deep])

    contest = _contest(setting, QWEN, see(model), look, inputs, seen, own, see=see)
    fused = theirs(QWEN, path, fusion_config=FUSED)
    _forget_fusions()
    extra = Contestant("transformers fused", "transformers", lambda: _run(see(fused), **inputs), output=seen)
    racing = [contest.contestants[0], extra, *contest.contestants[1:]]
    return Contest(racing, contest.exact, lambda: {**count(setting, sizes), **_floor(contest)})


def patches(sizes: Sizes, width: int, dtype: torch.dtype) -> dict[str, Tensor]:
    """Patches of images of so many rows and columns, and their grid."""
    grid = torch.tensor([[1, rows, columns] for rows, columns in sizes])
    pixels = torch.randn(int(grid.prod(1).sum()), width, generator=torch.Generator().manual_seed(1))
    return {"pixel_values": pixels.to(dtype), "image_grid_thw": grid}


def count(setting: Setting, sizes: Sizes) -> dict[str, float]:
    """Operators of a block and host reads, on a narrow model: widths do not change them."""
    made = {}
    for layers in (4, 8):
        reference = tiny_qwen(layers)
        path = saved(reference, "fp32", setting.folder)
        made[layers] = (theirs(reference, path), ours(reference, path))
    inputs = patches(sizes, 3 * 2 * 16 * 16, torch.float32)
    pixels, grid = inputs.values()

    def see(layers: int) -> Any:
        return made[layers][0].model.visual(pixels, grid_thw=grid)

    def look(layers: int) -> Any:
        model = made[layers][1]
        return model.alignment(model.encoder(pixels, grid))

    found = {"operators a block": counts.a_layer(lambda: look(8), lambda: look(4), 4)}
    found["transformers: operators a block"] = counts.a_layer(lambda: see(8), lambda: see(4), 4)
    found["share of transformers' operators"] = (
        counts.operators(lambda: look(8)).total() / counts.operators(lambda: see(8)).total()
    )
    found["host reads"] = host_reads_on_a_device(made[8][1], inputs)
    found["transformers: host reads"] = counts.host_reads(lambda: see(8))
    return found


def host_reads_on_a_device(model: Any, inputs: dict[str, Tensor]) -> int:
    """Where tensors have no values, whoever asks for one fails: 0, or 1 and there may be more.

    On the host a value is read for free, and is.
    """
    bare = model.to("meta")
    try:
        with torch.no_grad():
            bare.alignment(bare.encoder(*(tensor.to("meta") for tensor in inputs.values())))
    except (RuntimeError, NotImplementedError):
        return 1
    return 0


def q_former(setting: Setting, images: int) -> Contest:
    """BLIP-2's Q-Former at full size: 12 layers, 32 queries, 257 tokens of width 1,408."""
    path = saved(BLIP, setting.dtype, setting.folder)
    model = theirs(BLIP, path)
    features = torch.randn(images, 257, 1408, generator=torch.Generator().manual_seed(1))

    def see(model: Any) -> Callable[..., Any]:
        def call(features: Tensor) -> Tensor:
            queries = model.query_tokens.expand(features.shape[0], -1, -1)
            read = model.qformer(query_embeds=queries, encoder_hidden_states=features).last_hidden_state
            return model.language_projection(read)  # type: ignore[no-any-return]

        return call

    def look(model: Any) -> Callable[..., Any]:
        return lambda features: model.alignment(features)  # noqa: PLW0108 - the keyword is the reference's

    return _contest(setting, BLIP, see(model), look, {"features": features}, _same, _same)


def _contest(
    setting: Setting,
    reference: Reference,
    call: Callable[..., Any],
    look: Callable[[Any], Callable[..., Any]],
    inputs: dict[str, Tensor],
    seen: Callable[[Any], Tensor],
    own: Callable[[Any], Tensor],
    see: Callable[[Any], Callable[..., Any]] | None = None,
) -> Contest:
    """transformers' call against ours, each also compiled where that was asked for."""
    path = saved(reference, setting.dtype, setting.folder)
    racing = [Contestant("transformers", "transformers", lambda: _run(call, **inputs), output=seen)]
    if (fast := compiled(call, setting)) is not None:
        racing.append(Contestant("transformers, compiled", "transformers", lambda: _run(fast, **inputs), output=seen))
    for name, model in models(reference, path).items():
        mine = look(model)
        racing.append(Contestant(name, "chiasm", lambda mine=mine: _run(mine, **inputs), output=own))  # type: ignore[misc]
        if (quick := compiled(mine, setting)) is not None:
            run = lambda quick=quick: _run(quick, **inputs)  # noqa: E731 - as its neighbours
            racing.append(Contestant(f"{name}, compiled", "chiasm", run, output=own))

    def exact() -> Tensor:
        double = theirs(reference, path, dtype=torch.float64)
        wide = {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()}
        target = see(double) if see is not None else double.model.get_image_features
        return seen(_run(target, **wide))

    made = Contest(racing, exact)
    return replace(made, counts=lambda: _floor(made))


def _floor(contest: Contest) -> dict[str, float]:
    return counts.floor(contest.contestants[0].run)


def _flat(out: Tensor) -> Tensor:
    return out.flatten(0, -2)


def _same(out: Tensor) -> Tensor:
    return out


def _forget_fusions() -> None:
    """Its fusion patches classes for good: models loaded later would have it too."""
    from transformers.monkey_patching import clear_patch_mapping  # noqa: PLC0415 - private, used here alone

    clear_patch_mapping()


def _native(name: str, title: str, sizes: Sizes, *, quick: bool = False) -> Workload:
    goals = (*NATIVE, Goal("share of transformers' operators", None, 0.25, at_least=False))
    return Workload(
        f"vision-{name}", f"see {title}, each at its own size (Qwen3-VL, 4 blocks)", lambda s: native(s, sizes),
        (*goals, Goal("host reads", None, 0, at_least=False)), quick=quick,
    )  # fmt: skip


def _q_former(images: int, target: float | None) -> Workload:
    return Workload(
        f"q-former-b{images}", f"Q-Former: 32 queries read 257 × 1408, batch {images}", lambda s: q_former(s, images),
        (Goal("× eager", 1.08, target),), dtypes=("fp32",), quick=images == 1,
    )  # fmt: skip


WORKLOADS = (
    Workload("vision-fixed", "see one image of 336 px (CLIP-L/14, 4 layers)", lambda s: fixed(s, 1), FIXED, quick=True),
    Workload("vision-tiles", "see 5 tiles of 336 px (CLIP-L/14, 4 layers)", lambda s: fixed(s, 5), FIXED, rounds=5),
    _native("one", "one image of 512 px", ((32, 32),)),
    _native("ragged", "8 images, a factor of six in area", RAGGED, quick=True),
    _native("small", "32 images of 128 px", ((8, 8),) * 32),
    _q_former(1, 1.35),
    _q_former(4, None),
)
