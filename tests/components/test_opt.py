"""OPT: same weights, same numbers as transformers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from chiasm.components import positions
from chiasm.components.opt import OPT

transformers = pytest.importorskip("transformers")


def reference() -> Any:
    torch.manual_seed(0)
    config = transformers.OPTConfig(
        vocab_size=61, hidden_size=24, ffn_dim=40, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=32, word_embed_proj_dim=24, pad_token_id=1,
    )  # fmt: skip
    model = transformers.OPTForCausalLM(config)
    for name, parameter in model.named_parameters():
        nn.init.normal_(parameter, mean=float("norm.weight" in name), std=0.15)
    return model.eval()


def twin(ref: Any) -> OPT:
    model = OPT(
        vocab_size=61, context=32, dim=24, layers=3, heads=4, mlp_dim=40, activation="relu", norm_eps=1e-5, tied=True
    )
    body = ref.model.decoder
    pairs = [
        (model.embedding, body.embed_tokens),
        (model.positions, body.embed_positions),
        (model.norm, body.final_layer_norm),
    ]
    for ours, theirs in zip(model.layers, body.layers, strict=True):
        pairs += [(ours.norm1, theirs.self_attn_layer_norm), (ours.norm2, theirs.final_layer_norm),
                  (ours.mlp.up, theirs.fc1),
                  (ours.mlp.down, theirs.fc2), (ours.attention.out, theirs.self_attn.out_proj)]  # fmt: skip
        projections = [theirs.self_attn.q_proj, theirs.self_attn.k_proj, theirs.self_attn.v_proj]
        for name, parameter in ours.attention.qkv.named_parameters():
            parameter.data.copy_(ours.attention.qkv.pack(name, [getattr(p, name) for p in projections]))
    for ours, theirs in pairs:
        ours.load_state_dict(theirs.state_dict())
    return model.eval()


def run(model: OPT, ids: Tensor, mask: Tensor | None) -> Tensor:
    where = positions.sequential(mask, ids)
    compiled = torch.compile(positions.layout, backend="eager", fullgraph=True)
    square = None if mask is None else compiled(mask, ids.device)[1]
    context = model.context(where, mask=square)
    return model.logits(model(model.begin(model.embed(ids), where), context))


@pytest.mark.parametrize("padded", [False, True])
def test_logits_equal_the_reference(padded: bool) -> None:
    ref = reference()
    ids, mask = torch.randint(3, 61, (2, 9)), torch.ones(2, 9, dtype=torch.long)
    if padded:
        mask[0, :3] = 0
    theirs, ours = ref(input_ids=ids, attention_mask=mask).logits, run(twin(ref), ids, mask if padded else None)
    real = mask.bool()
    assert (ours - theirs)[real].abs().max() <= 1e-5 * theirs[real].abs().max()


def test_tied_head_has_no_tensor_of_its_own() -> None:
    model = twin(reference())
    assert model.head is None
    with torch.no_grad():
        assert model.tables[1] is model.embedding.weight
