"""QFormer equals transformers' Q-Former with its queries and its projection."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from tests.components.reference import TOLERANCE, assert_same, error, load, shaken
from torch import Tensor, nn
from transformers.models.blip_2.modeling_blip_2 import Blip2QFormerModel

from chiasm.components.layers import initialize
from chiasm.components.q_former import QFormer

OUTPUTS = {"attention.out": "attention.output.dense", "attention_norm": "attention.output.LayerNorm"}
CROSS = {
    "cross.q": "crossattention.attention.query", "cross.out": "crossattention.output.dense",
    "cross.kv": ["crossattention.attention.key", "crossattention.attention.value"],
    "cross_norm": "crossattention.output.LayerNorm",
}  # fmt: skip
BLOCK = OUTPUTS | {
    "attention.qkv": ["attention.attention.query", "attention.attention.key", "attention.attention.value"],
    "mlp.up": "intermediate_query.dense", "mlp.down": "output_query.dense", "mlp_norm": "output_query.LayerNorm",
}  # fmt: skip
TEXT = {"text_mlp.up": "intermediate.dense", "text_mlp.down": "output.dense", "text_mlp_norm": "output.LayerNorm"}


def names(layers: int, every: int, *, text: bool = False, ours: str = "", theirs: str = "qformer.") -> dict[str, Any]:
    """Names of the blocks and of the first norm; cross-attention in blocks 0, every, 2 · every …"""
    found: dict[str, Any] = {f"{ours}norm": f"{theirs}layernorm"}
    for index in range(layers):
        block = BLOCK | (CROSS if index % every == 0 else {}) | (TEXT if text else {})
        for name, source in block.items():
            sources = [source] if isinstance(source, str) else source
            found[f"{ours}blocks.{index}.{name}"] = [f"{theirs}encoder.layer.{index}.{s}" for s in sources]
    return found


class Reference(nn.Module):
    def __init__(self, *, queries: int, layers: int, every: int, heads: int, act: str) -> None:
        super().__init__()
        config = transformers.Blip2QFormerConfig(
            hidden_size=30, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=44, hidden_act=act,
            cross_attention_frequency=every, encoder_hidden_size=22, vocab_size=10,
        )  # fmt: skip
        self.qformer = Blip2QFormerModel(config)
        self.query_tokens = nn.Parameter(torch.empty(1, queries, 30))
        self.language_projection = nn.Linear(30, 26)

    def forward(self, features: Tensor) -> Tensor:
        queries = self.query_tokens.expand(features.shape[0], -1, -1)
        out: Tensor = self.language_projection(
            self.qformer(query_embeds=queries, encoder_hidden_states=features).last_hidden_state
        )
        return out


def q_former(**changes: Any) -> QFormer:
    keywords: dict[str, Any] = {
        "in_dim": 22, "out_dim": 26, "num_queries": 5, "dim": 30, "layers": 4, "heads": 5, "mlp_dim": 44,
        "activation": "gelu", "norm_eps": 1e-12, "cross_attention_every": 2, "text_vocab_size": 33, "text_context": 12,
    }  # fmt: skip
    return QFormer(**keywords | changes)


def features(model: nn.Module, dtype: torch.dtype) -> Tensor:
    x = torch.randn(6, 7, 22, generator=torch.Generator().manual_seed(3)).to(dtype)
    return model(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("queries", "layers", "every", "heads", "act"),
    [(5, 4, 2, 5, "gelu"), (7, 5, 3, 3, "relu"), (1, 1, 1, 1, "gelu"), (4, 3, 1, 2, "gelu")],
)
def test_second_stage(queries: int, layers: int, every: int, heads: int, act: str) -> None:
    reference = shaken(Reference(queries=queries, layers=layers, every=every, heads=heads, act=act))
    model = q_former(num_queries=queries, layers=layers, cross_attention_every=every, heads=heads, activation=act)
    own = {"queries": "query_tokens", "proj": "language_projection"}
    assert_same(model, reference, own | names(layers, every), features, features)


def test_the_second_stage_has_no_text_branch_and_the_first_no_projection() -> None:
    second, first = q_former(), q_former(out_dim=None)
    assert not any("text" in name for name, _ in second.named_parameters())
    own = dict(first.named_parameters())
    assert {"text_embedding.weight", "text_positions", "blocks.0.text_mlp.up.weight"} <= own.keys()
    assert first.proj is None
    with pytest.raises(ValueError, match="no text branch"):
        second.text(torch.zeros(1, 2, dtype=torch.long), None)


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="texts are 13 tokens, the Q-Former's context is 12"):
        q_former(out_dim=None).text(torch.zeros(1, 13, dtype=torch.long), None)


def test_a_projection_in_another_precision() -> None:
    """BLIP-2's reference keeps the Q-Former in single precision beside a half-precision language model."""
    model = q_former()
    initialize(model)
    assert model.proj is not None
    model.proj.bfloat16()
    assert model(torch.randn(2, 7, 22).bfloat16()).dtype == torch.bfloat16


def test_keys_and_values_unpack_to_what_they_were_packed_from() -> None:
    kv = q_former().blocks[0].cross.kv  # type: ignore[union-attr]
    key, value = torch.randn(30, 22), torch.randn(30, 22)
    unpacked = kv.unpack("weight", kv.pack("weight", [key, value]), 2)  # type: ignore[union-attr, operator]
    assert torch.equal(unpacked[0], key)
    assert torch.equal(unpacked[1], value)


def test_compiles_and_exports() -> None:
    model = q_former()
    reference = shaken(Reference(queries=5, layers=4, every=2, heads=5, act="gelu"))
    load(model, reference, {"queries": "query_tokens", "proj": "language_projection"} | names(4, 2))
    x = torch.randn(3, 7, 22)
    expected = model(x)
    assert error(torch.compile(model, fullgraph=True, backend="aot_eager")(x), expected) < TOLERANCE
    exported = torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim("images", min=2)},))
    assert error(exported.module()(x[:2]), expected[:2]) < TOLERANCE
