"""Layers: packing of released tensors, shards that are whole models, free construction, equality with torch's own."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from chiasm.components import layers
from chiasm.components.layers import (
    MLP,
    Attention,
    Block,
    Context,
    GatedMLP,
    GateUp,
    GroupedQKV,
    LayerNorm,
    Linear,
    PatchEmbedding,
    RMSNorm,
    Rotary,
    Segments,
    initialize,
    rebuild,
)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def attention(**options: object) -> Attention:
    layer = Attention(24, heads=6, kv_heads=2, **options)  # type: ignore[arg-type]
    initialize(layer, std=0.3)
    return layer


@pytest.mark.parametrize("bias", [True, False])
def test_grouped_projections_pack_and_come_back(bias: bool) -> None:
    layer = GroupedQKV(10, heads=6, kv_heads=2, head_dim=4, bias=bias)
    for name, parameter in layer.named_parameters():
        shapes = [(rows, *parameter.shape[1:]) for rows in (24, 8, 8)]
        parts = [torch.randn(shape) for shape in shapes]
        packed = layer.pack(name, parts)
        assert packed.shape == parameter.shape
        for part, back in zip(parts, layer.unpack(name, packed, 3), strict=True):
            assert torch.equal(part, back)
        assert torch.equal(layer.pack(name, [torch.cat(parts)]), packed)
        assert torch.equal(layer.unpack(name, packed, 1)[0], torch.cat(parts))


def test_grouped_projections_compute_queries_keys_and_values() -> None:
    layer = GroupedQKV(10, heads=6, kv_heads=2, head_dim=4, bias=False)
    q, k, v = (torch.randn(rows, 10) for rows in (24, 8, 8))
    layer.weight.data.copy_(layer.pack("weight", [q, k, v]))
    x = torch.randn(3, 5, 10)
    grouped = layer(x)
    torch.testing.assert_close(grouped[..., :3, :].flatten(2), x @ q.T)
    torch.testing.assert_close(grouped[..., 3, :].flatten(2), x @ k.T)
    torch.testing.assert_close(grouped[..., 4, :].flatten(2), x @ v.T)


def test_heads_that_cannot_be_shared_are_refused() -> None:
    with pytest.raises(ValueError, match="6 query heads cannot be shared evenly by 4"):
        GroupedQKV(24, heads=6, kv_heads=4, head_dim=4, bias=False)


def test_a_share_of_an_attention_layer_is_an_attention_layer() -> None:
    whole = attention(bias=False)
    x, total = torch.randn(2, 5, 24), torch.zeros(2, 5, 24)
    for rank in range(2):
        share = attention(bias=False)
        share.qkv.weight = nn.Parameter(whole.qkv.weight.chunk(2)[rank])
        share.out.weight = nn.Parameter(whole.out.weight.chunk(2, 1)[rank])
        total += share(x)
    torch.testing.assert_close(total, whole(x))


def test_a_share_of_a_gated_mlp_is_a_gated_mlp() -> None:
    whole = GatedMLP(6, 8, activation="silu")
    initialize(whole, std=0.5)
    x, total = torch.randn(3, 6), torch.zeros(3, 6)
    for rank in range(2):
        share = GatedMLP(6, 8, activation="silu")
        share.gate_up.weight = nn.Parameter(whole.gate_up.weight.chunk(2, 1)[rank])
        share.down.weight = nn.Parameter(whole.down.weight.chunk(2, 1)[rank])
        total += share(x)
    torch.testing.assert_close(total, whole(x))


def test_gate_and_up_pack_and_come_back() -> None:
    layer = GateUp(5, 7, bias=True)
    for name, shape in (("weight", (7, 5)), ("bias", (7,))):
        gate, up = torch.randn(shape), torch.randn(shape)
        packed = layer.pack(name, [gate, up])
        assert packed.shape == getattr(layer, name).shape
        assert all(map(torch.equal, layer.unpack(name, packed, 2), (gate, up)))
        assert torch.equal(layer.pack(name, [torch.cat((gate, up))]), packed)
        assert torch.equal(layer.unpack(name, packed, 1)[0], torch.cat((gate, up)))


def test_patch_embedding_is_the_convolution() -> None:
    weight, bias, images = torch.randn(8, 3, 4, 4), torch.randn(8), torch.randn(2, 3, 14, 9)
    layer = PatchEmbedding(8, patch_size=4)
    layer.load_state_dict({"weight": layer.pack("weight", [weight]), "bias": layer.pack("bias", [bias])})
    expected = F.conv2d(images, weight, bias, stride=4).flatten(2).mT
    torch.testing.assert_close(layer(images), expected)
    assert torch.equal(layer.unpack("weight", layer.weight, 1)[0], weight)
    with pytest.raises(ValueError, match=r"\(2, 1, 14, 9\).*\(N, 3, height, width\)"):
        layer(images[:, :1])


def test_patch_embedding_over_time_takes_flat_patches() -> None:
    weight, patches = torch.randn(8, 3, 2, 4, 4), torch.randn(5, 3, 2, 4, 4)
    layer = PatchEmbedding(8, patch_size=4, temporal_patch_size=2, bias=False)
    layer.load_state_dict({"weight": layer.pack("weight", [weight])})
    torch.testing.assert_close(layer(patches.flatten(1)), F.conv3d(patches, weight).flatten(1), rtol=1e-5, atol=1e-5)
    assert torch.equal(layer.unpack("weight", layer.weight, 1)[0], weight)
    with pytest.raises(ValueError, match=r"\(5, 95\).*\(P, 96\)"):
        layer(patches.flatten(1)[:, 1:])


def test_packed_sequences_equal_each_alone() -> None:
    layer = attention(causal=True)
    parts = [torch.randn(1, n, 24) for n in (3, 1, 5)]
    packed = layer(torch.cat(parts, 1), Context(segments=Segments(torch.tensor([0, 3, 4, 9], dtype=torch.int32), 9)))
    torch.testing.assert_close(packed, torch.cat([layer(part) for part in parts], 1))


def test_normalized_queries_and_keys() -> None:
    layer = attention(qk_norm_eps=1e-6, causal=True)
    assert layer.q_norm is not None
    x = torch.randn(2, 4, 24)
    before = layer(x)
    layer.qkv.weight.data *= 7
    layer.qkv.bias.data.zero_()
    ratio = layer(x) - layer.out.bias
    torch.testing.assert_close(ratio / 7, before - layer.out.bias, rtol=1e-4, atol=1e-5)


def test_block_equals_torchs_encoder_layer() -> None:
    block = Block(24, heads=4, mlp_dim=40, activation="gelu", norm_eps=1e-5)
    initialize(block, std=0.2)
    theirs = nn.TransformerEncoderLayer(24, 4, 40, 0.0, F.gelu, norm_first=True, batch_first=True)
    q, k, v = block.attention.qkv.unpack("weight", block.attention.qkv.weight, 3)
    theirs.load_state_dict({
        "self_attn.in_proj_weight": torch.cat((q, k, v)),
        "self_attn.in_proj_bias": block.attention.qkv.unpack("bias", block.attention.qkv.bias, 1)[0],
        **{f"self_attn.out_proj.{n}": p for n, p in block.attention.out.named_parameters()},
        **{f"linear1.{n}": p for n, p in block.mlp.up.named_parameters()},
        **{f"linear2.{n}": p for n, p in block.mlp.down.named_parameters()},
        **{f"norm1.{n}": p for n, p in block.norm1.named_parameters()},
        **{f"norm2.{n}": p for n, p in block.norm2.named_parameters()},
    })  # fmt: skip
    x = torch.randn(2, 5, 24)
    torch.testing.assert_close(block(x), theirs(x), rtol=1e-4, atol=1e-5)


def test_rotary_is_rebuilt_wherever_its_tensors_went() -> None:
    layer = Rotary(8, theta=1e4)
    expected = torch.tensor([1.0, 0.1, 0.01, 0.001])
    torch.testing.assert_close(layer.frequencies, expected)
    layer.to(torch.bfloat16)
    assert layer.frequencies.dtype == torch.float32
    torch.testing.assert_close(layer(torch.tensor([[3]])), 3 * expected[None, None])
    with torch.device("meta"):
        holder = nn.ModuleList([Rotary(8, theta=1e4)])
    rebuild(holder, torch.device("cpu"))
    assert torch.equal(holder[0].frequencies, Rotary(8, theta=1e4).frequencies)


def test_initialize_reaches_every_parameter() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Parameter(torch.full((3,), torch.nan))

        def initialize(self) -> None:
            self.token.fill_(7)

    model = nn.ModuleList([Linear(3, 4), LayerNorm(4), RMSNorm(4, eps=1e-5), MLP(4, 5, activation="relu"), Own()])
    for parameter in model.parameters():
        parameter.data.fill_(torch.nan)
    initialize(model)
    assert all(bool(p.isfinite().all()) for p in model.parameters())
    assert bool((model[1].weight == 1).all())
    assert bool((model[2].weight == 1).all())
    assert bool((model[1].bias == 0).all())
    assert bool((model[4].token == 7).all())


def test_building_on_meta_imports_no_compiler() -> None:
    code = (
        "import sys, torch; before = set(sys.modules)\n"
        "from chiasm.components.layers import Block, Embedding, initialize\n"
        "with torch.device('meta'):\n"
        "    m = torch.nn.ModuleList([Embedding(9, 8), Block(8, heads=2, mlp_dim=8, activation='gelu', norm_eps=1)])\n"
        "    initialize(m)\n"
        "new = set(sys.modules) - before\n"
        "print([n for n in new if n.startswith(('torch._decomp', 'torch._refs', 'torch._dynamo', 'torch._inductor'))])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == "[]"


def test_attention_by_default_sees_everything_and_causally_only_the_past() -> None:
    x = torch.randn(1, 4, 24)
    for causal in (False, True):
        layer = attention(causal=causal)
        changed = x.clone()
        changed[:, 3] += 1

        def first(y: Tensor, layer: Attention = layer) -> Tensor:
            return layer(y)[:, 0]

        assert torch.equal(first(x), first(changed)) == causal
    assert layers.Context().mask is None
