"""LLaMA, Mistral, Qwen2, Qwen3 and Qwen3-VL's text model: same weights, same numbers as transformers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from chiasm.components import positions
from chiasm.components.layers import GateUp, GroupedQKV, initialize
from chiasm.components.llama import Llama
from chiasm.components.training import checkpoint_activations

transformers = pytest.importorskip("transformers")
compiled_layout = torch.compile(positions.layout, backend="eager", fullgraph=True)

SIZES = {"vocab_size": 61, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 6,
             "max_position_embeddings": 64}  # fmt: skip
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {"num_key_value_heads": 6},
    "mistral": {"num_key_value_heads": 2, "sliding_window": None, "head_dim": 6},
    "qwen2": {"num_key_value_heads": 3, "tie_word_embeddings": True},
    "qwen3": {"num_key_value_heads": 2, "head_dim": 10},
    "qwen3_vl_text": {
        "num_key_value_heads": 2, "head_dim": 16,
        "rope_parameters": {"rope_type": "default", "rope_theta": 5e4, "mrope_section": [4, 2, 2]},
    },
}  # fmt: skip


def reference(family: str, dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(family, **SIZES, **FAMILIES[family])
    if family == "qwen3_vl_text":
        model = nn.Module()
        model.model = transformers.models.qwen3_vl.modeling_qwen3_vl.Qwen3VLTextModel(config)
        model.lm_head, model.config = nn.Linear(24, 61, bias=False), config
    else:
        model = transformers.AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        # Norms and biases start at one and zero: make every one of them matter.
        if parameter.ndim == 1:
            nn.init.normal_(parameter, mean=float("norm" in name), std=0.2)
        else:
            nn.init.normal_(parameter, std=0.15)
    return model.to(dtype).eval()


def twin(ref: Any) -> Llama:
    """Our model with the reference's weights."""
    c = ref.config
    heads, kv = c.num_attention_heads, c.num_key_value_heads
    rope = c.rope_parameters
    model = Llama(
        vocab_size=61, context=64, dim=24, layers=3, heads=heads, kv_heads=kv,
        head_dim=getattr(c, "head_dim", None) or 24 // heads, mlp_dim=40, activation="silu", norm_eps=c.rms_norm_eps,
        rope_theta=rope["rope_theta"], tied=bool(getattr(c, "tie_word_embeddings", False)),
        qkv_bias=c.model_type == "qwen2",
        qk_norm="qwen3" in c.model_type, mrope_sections=tuple(rope.get("mrope_section", ())),
    )  # fmt: skip
    body = ref.model
    with torch.no_grad():
        model.embedding.weight.copy_(body.embed_tokens.weight)
        model.norm.weight.copy_(body.norm.weight)
        if model.head is not None:
            model.head.weight.copy_(ref.lm_head.weight)
        for ours, theirs in zip(model.layers, body.layers, strict=True):
            copy_layer(ours, theirs)
    return model.to(body.embed_tokens.weight.dtype).eval()


def copy_layer(ours: Any, theirs: Any) -> None:
    ours.norm1.weight.copy_(theirs.input_layernorm.weight)
    ours.norm2.weight.copy_(theirs.post_attention_layernorm.weight)
    ours.attention.out.weight.copy_(theirs.self_attn.o_proj.weight)
    ours.mlp.down.weight.copy_(theirs.mlp.down_proj.weight)
    fill(ours.attention.qkv, [theirs.self_attn.q_proj, theirs.self_attn.k_proj, theirs.self_attn.v_proj])
    fill(ours.mlp.gate_up, [theirs.mlp.gate_proj, theirs.mlp.up_proj])
    if ours.attention.q_norm is not None:
        ours.attention.q_norm.weight.copy_(theirs.self_attn.q_norm.weight)
        ours.attention.k_norm.weight.copy_(theirs.self_attn.k_norm.weight)


def fill(packed: GroupedQKV | GateUp, parts: list[Any]) -> None:
    for name, parameter in packed.named_parameters():
        parameter.copy_(packed.pack(name, [getattr(part, name) for part in parts]))


def run(
    model: Llama, ids: Tensor, mask: Tensor | None = None, *, pack: bool = True, where: Tensor | None = None
) -> Tensor:
    where_ABT = positions.sequential(mask, ids) if where is None else where
    x = model.embed(ids)
    packing, square = positions.layout(mask, ids.device) if pack else compiled_layout(mask, ids.device)
    if packing is None:
        return model.logits(model(model.begin(x, where_ABT), model.context(where_ABT, mask=square)))
    where_ABT = torch.stack([packing.pack(axis) for axis in where_ABT])
    context = model.context(where_ABT, segments=packing.segments)
    return packing.unpack(model.logits(model(model.begin(packing.pack(x), where_ABT), context)))


def reference_logits(ref: Any, ids: Tensor, mask: Tensor | None = None, **kwargs: Any) -> Tensor:
    return ref.lm_head(ref.model(input_ids=ids, attention_mask=mask, **kwargs).last_hidden_state)


def close(ours: Tensor, theirs: Tensor) -> None:
    assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()


@pytest.mark.parametrize("family", FAMILIES)
def test_logits_and_gradients_equal_the_reference(family: str) -> None:
    ref = reference(family)
    model = twin(ref)
    ids = torch.randint(0, 61, (2, 9))
    theirs, ours = reference_logits(ref, ids), run(model, ids)
    close(ours, theirs)
    seed = torch.randn_like(theirs)
    theirs.backward(seed)
    ours.backward(seed)
    close(model.embedding.weight.grad, ref.model.embed_tokens.weight.grad)
    attention = ref.model.layers[1].self_attn
    parts = model.layers[1].attention.qkv.unpack("weight", model.layers[1].attention.qkv.weight.grad, 3)
    for part, projection in zip(parts, (attention.q_proj, attention.k_proj, attention.v_proj), strict=True):
        close(part, projection.weight.grad)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("pack", [True, False])
def test_padding_changes_nothing(family: str, side: str, pack: bool) -> None:
    ref = reference(family)
    ids, mask = torch.randint(0, 61, (3, 9)), torch.ones(3, 9, dtype=torch.long)
    mask[1, :4], mask[2, :1] = 0, 0
    if side == "right":
        mask = mask.flip(-1)
    theirs, ours = reference_logits(ref, ids, mask), run(twin(ref), ids, mask, pack=pack)
    close(ours[mask.bool()], theirs[mask.bool()])


def test_image_positions_equal_the_reference() -> None:
    ref = reference("qwen3_vl_text")
    ids, where = torch.randint(0, 61, (2, 9)), torch.randint(0, 30, (3, 2, 9))
    close(run(twin(ref), ids, where=where), reference_logits(ref, ids, position_ids=where))


@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_errs_no_more_than_the_reference(family: str) -> None:
    ids = torch.randint(0, 61, (4, 16))
    low, exact = reference(family, torch.bfloat16), reference(family).double()
    with torch.no_grad():
        for a, b in zip(exact.parameters(), low.parameters(), strict=True):
            a.copy_(b)
        truth = reference_logits(exact, ids)
        errors = [(x.double() - truth).norm() for x in (run(twin(low), ids), reference_logits(low, ids))]
    assert errors[0] <= 1.1 * errors[1]


def test_rotary_frequencies_survive_casts_and_moves() -> None:
    model = twin(reference("llama"))
    before = model.rotary.frequencies.clone()
    assert torch.equal(model.to(torch.bfloat16).rotary.frequencies, before)
    assert torch.equal(model.to("meta").to_empty(device="cpu").rotary.frequencies, before)
    assert "rotary.frequencies" not in model.state_dict()


def test_selective_checkpointing_changes_no_gradient() -> None:
    ref = reference("qwen3")
    model, ids = twin(ref), torch.randint(0, 61, (2, 9))
    run(model, ids).square().sum().backward()
    plain = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    checkpoint_activations(model)
    run(model, ids).square().sum().backward()
    for name, parameter in model.named_parameters():
        # What is made again is made without a gradient, by other kernels.
        torch.testing.assert_close(parameter.grad, plain[name], msg=name)
    checkpoint_activations(model, enabled=False)
    assert "forward" not in vars(model.layers[0])


def test_sections_must_fill_the_head() -> None:
    with pytest.raises(ValueError, match=r"sections \(4, 2, 1\).*16 / 2"):
        Llama(vocab_size=8, context=8, dim=16, layers=1, heads=1, kv_heads=1, head_dim=16, mlp_dim=8, activation="silu",
              norm_eps=1e-6, rope_theta=1e4, tied=True, mrope_sections=(4, 2, 1))  # fmt: skip


def test_seven_billion_parameters_on_meta_cost_nothing() -> None:
    with torch.device("meta"):
        model = Llama(vocab_size=32000, context=4096, dim=4096, layers=32, heads=32, kv_heads=32, head_dim=128,
                      mlp_dim=11008, activation="silu", norm_eps=1e-5, rope_theta=1e4, tied=False)  # fmt: skip
        initialize(model)
    assert sum(p.numel() for p in model.parameters()) == 6_738_415_616
