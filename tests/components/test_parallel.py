"""Two gloo processes equal one: sharded parameters, split heads (grouped ones too), both at once, and recomputation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.multiprocessing.spawn import start_processes

from chiasm.components.compiling import compile_blocks
from chiasm.components.contrastive import Contrastive
from chiasm.components.layers import initialize
from chiasm.components.llama import Llama
from chiasm.components.parallel import blocks, gathered, plan, shard, split
from chiasm.components.q_former import QFormer
from chiasm.components.training import checkpoint_activations
from chiasm.components.vit import VisionTransformer


class Tiny(nn.Module):
    """Encoder, alignment and a language model with grouped heads and QK-norm; a scalar beside them."""

    def __init__(self, *, kv_heads: int = 2) -> None:
        super().__init__()
        self.encoder = VisionTransformer(
            image_size=12, patch_size=4, channels=3, dim=16, layers=2, heads=4, mlp_dim=24, activation="quick_gelu",
            norm_eps=1e-5, class_token=True, patch_bias=True, pre_norm=False, attention_pooling=True, feature_layer=-1,
            features="patches", feature_norm=True,
        )  # fmt: skip
        self.alignment = QFormer(
            in_dim=16, out_dim=24, num_queries=3, dim=12, layers=2, heads=2, mlp_dim=20, activation="gelu",
            norm_eps=1e-12, cross_attention_every=2, text_vocab_size=0, text_context=0,
        )  # fmt: skip
        self.language_model = Llama(
            vocab_size=31, context=32, dim=24, layers=2, heads=3 * kv_heads, kv_heads=kv_heads, head_dim=4, mlp_dim=40,
            activation="silu", norm_eps=1e-6, rope_theta=1e4, tied=True, qkv_bias=True, out_bias=True, qk_norm=True,
        )  # fmt: skip
        self.fusion = Contrastive(loss="softmax", logit_scale_init=0.1, logit_bias=False)
        torch.manual_seed(0)
        initialize(self)
        for parameter in self.parameters():
            parameter.data += torch.randn(parameter.shape) * 0.1

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        visual = self.alignment(self.encoder(images))
        x = torch.cat([visual, self.language_model.embed(ids)], dim=1)
        context = self.language_model.context(torch.arange(x.shape[1])[None, None])
        logits: Tensor = self.language_model.logits(self.language_model(x, context))
        return logits * self.fusion.logit_scale.exp()


def inputs(rows: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(rows, 3, 12, 12, generator=generator), torch.randint(0, 31, (rows, 5), generator=generator)


def loss(logits: Tensor) -> Tensor:
    return (logits * torch.linspace(-1, 1, logits[0].numel()).view(logits.shape[1:])).square().sum((1, 2)).mean()


def close(ours: Tensor, expected: Tensor, scale: float) -> None:
    assert ours.shape == expected.shape
    assert float((ours - expected).abs().max()) <= 1e-5 * scale


def expectation() -> tuple[Tensor, dict[str, Tensor], float]:
    """Output and gradients of one process, and the largest gradient."""
    model = Tiny()
    out = model(*inputs())
    loss(out).backward()
    grads = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return out.detach(), grads, max(float(g.abs().max()) for g in grads.values())


def worker(rank: int, ranks: int, store: str, job: Callable[[int], None]) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=ranks)
    try:
        job(rank)
    finally:
        dist.destroy_process_group()


def together(job: Callable[[int], None], tmp_path: Path, ranks: int = 2) -> None:
    start_processes(worker, args=(ranks, str(tmp_path / "store"), job), nprocs=ranks, start_method="spawn")


# --- tensor parallel ----------------------------------------------------------------------------------------------


def split_job(rank: int) -> None:
    expected, grads, largest = expectation()
    model, whole = split(Tiny()), dict(Tiny().named_parameters())
    axes = plan(model)
    assert model.get_parameter("language_model.layers.0.attention.qkv.weight").shape == (5 * 4, 24)
    assert model.get_parameter("language_model.layers.0.mlp.gate_up.weight").shape == (2, 20, 24)
    out = model(*inputs())
    close(out.detach(), expected, float(expected.abs().max()))
    loss(out).backward()
    for name, parameter in model.named_parameters():
        if name in grads:
            assert parameter.grad is not None, name
            share = grads[name].chunk(2, dim=axes[name])[rank] if name in axes else grads[name]
            close(parameter.grad, share, largest)
    again = gathered(model)
    assert again.keys() == whole.keys() or rank
    assert all(torch.equal(again[name], whole[name]) for name in again)


def test_split_heads_equal_one_process(tmp_path: Path) -> None:
    together(split_job, tmp_path)


def uneven_job(_: int) -> None:
    with pytest.raises(ValueError, match=r"layers\.0\.attention\.qkv has 3 heads or hidden units, which 2 ranks"):
        split(Tiny(kv_heads=3))


def partly_job(_: int) -> None:
    expected = Tiny(kv_heads=3)(*inputs()).detach()
    model = split(Tiny(kv_heads=3), whole=("language_model", "encoder.pool"))
    assert model.get_parameter("language_model.layers.0.mlp.down.weight").shape == (24, 40)
    assert model.get_parameter("encoder.pool.mlp.up.weight").shape == (24, 16)
    assert model.get_parameter("encoder.blocks.0.mlp.up.weight").shape == (12, 16)
    close(model(*inputs()).detach(), expected, float(expected.abs().max()))


def test_what_is_named_stays_whole(tmp_path: Path) -> None:
    together(partly_job, tmp_path)


def test_heads_that_cannot_be_shared(tmp_path: Path) -> None:
    together(uneven_job, tmp_path)


def test_the_plan_cuts_layers_and_leaves_the_rest() -> None:
    axes = plan(Tiny())
    assert axes["language_model.layers.1.mlp.gate_up.weight"] == 1
    assert axes["alignment.blocks.0.cross.kv.bias"] == 0
    assert axes["encoder.blocks.1.attention.out.weight"] == 1
    assert not any(name.endswith(("out.bias", "down.bias")) or "norm" in name or "embedding" in name for name in axes)
    assert not any(name.startswith("encoder.pool.qkv") for name in axes)
    assert "encoder.pool.mlp.up.weight" in axes


# --- data parallel ------------------------------------------------------------------------------------------------


def compare_sharded(model: nn.Module, rows: slice) -> None:
    """Each rank has half the batch, and a share of the averaged gradient of the whole batch."""
    expected, grads, largest = expectation()
    images, ids = inputs()
    out = model(images[rows], ids[rows])
    close(out.detach(), expected[rows], float(expected.abs().max()))
    loss(out).backward()
    for name, parameter in model.named_parameters():
        if name in grads:
            grad: Any = parameter.grad
            close(grad.full_tensor() if hasattr(grad, "full_tensor") else grad, grads[name], largest)


def shard_job(rank: int) -> None:
    model = Tiny()
    checkpoint_activations(model)
    shard(model, init_device_mesh("cpu", (2,)))
    sharded: Any = model.get_parameter("language_model.layers.0.mlp.down.weight")
    assert sharded.to_local().shape == (12, 40)
    compare_sharded(model, slice(2 * rank, 2 * rank + 2))


def compiled_job(rank: int) -> None:
    """Recomputed, compiled a block at a time, sharded: in that order."""
    model = Tiny()
    checkpoint_activations(model)
    compile_blocks(model, backend="aot_eager")
    shard(model, init_device_mesh("cpu", (2,)))
    compare_sharded(model, slice(2 * rank, 2 * rank + 2))


@pytest.mark.slow
def test_compiled_blocks_can_be_sharded(tmp_path: Path) -> None:
    together(compiled_job, tmp_path)


def test_sharded_parameters_equal_one_process(tmp_path: Path) -> None:
    together(shard_job, tmp_path)


def both_job(rank: int) -> None:
    mesh = init_device_mesh("cpu", (2, 2), mesh_dim_names=("data", "heads"))
    expected, _, _ = expectation()
    model = shard(split(Tiny(), mesh["heads"].get_group()), mesh["data"])
    images, ids = inputs()
    rows = slice(2 * (rank // 2), 2 * (rank // 2) + 2)
    out = model(images[rows], ids[rows])
    close(out.detach(), expected[rows], float(expected.abs().max()))
    loss(out).backward()


def test_both_at_once(tmp_path: Path) -> None:
    together(both_job, tmp_path, ranks=4)


# --- memory -------------------------------------------------------------------------------------------------------


def test_recomputation_changes_no_gradient() -> None:
    expected, grads, largest = expectation()
    model = Tiny()
    checkpoint_activations(model)
    out = model(*inputs())
    assert torch.equal(out.detach(), expected)
    loss(out).backward()
    for name, parameter in model.named_parameters():
        if name in grads:
            assert parameter.grad is not None
            close(parameter.grad, grads[name], largest)


def test_recomputation_keeps_products_only() -> None:
    def kept(model: nn.Module) -> int:
        total = 0

        def count(x: Tensor) -> Tensor:
            nonlocal total
            total += x.numel()
            return x

        with torch.autograd.graph.saved_tensors_hooks(count, lambda x: x):
            model(*inputs())
        return total

    model = Tiny()
    checkpoint_activations(model)
    assert kept(model) < kept(Tiny())


def test_blocks_are_the_members_of_lists() -> None:
    assert len(list(blocks(Tiny()))) == 6
