"""VisionTransformer equals CLIP's, SigLIP's and BLIP-2's towers, for every way of reading them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from tests.components.reference import TOLERANCE, assert_same, blocks, error, load, shaken
from torch import Tensor, nn

from chiasm.components.layers import initialize
from chiasm.components.vit import VisionTransformer

CLIP_BLOCK: dict[str, Any] = {
    "norm1": "layer_norm1", "norm2": "layer_norm2", "attention.out": "self_attn.out_proj", "mlp.up": "mlp.fc1",
    "attention.qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], "mlp.down": "mlp.fc2",
}  # fmt: skip
EVA_BLOCK: dict[str, Any] = CLIP_BLOCK | {
    "attention.qkv": "self_attn.qkv",
    "attention.out": "self_attn.projection",
}
SHARED: dict[str, Any] = {
    "patch_embedding": "embeddings.patch_embedding", "positions": "embeddings.position_embedding.weight",
    "norm": "post_layernorm",
}  # fmt: skip
CLIP: dict[str, Any] = SHARED | {"class_token": "embeddings.class_embedding", "pre_norm": "pre_layrnorm"}
EVA: dict[str, Any] = SHARED | {
    "class_token": "embeddings.class_embedding",
    "positions": "embeddings.position_embedding",
}
POOL: dict[str, Any] = {
    "pool.probe": "head.probe", "pool.qkv": "head.attention.in_proj", "pool.out": "head.attention.out_proj",
    "pool.norm": "head.layernorm", "pool.mlp.up": "head.mlp.fc1", "pool.mlp.down": "head.mlp.fc2",
}  # fmt: skip

SIZES: dict[str, Any] = {
    "hidden_size": 30, "intermediate_size": 50, "num_hidden_layers": 4, "num_attention_heads": 5, "image_size": 29,
    "patch_size": 9,
}  # fmt: skip


def tower(**changes: Any) -> VisionTransformer:
    keywords: dict[str, Any] = {
        "image_size": 29, "patch_size": 9, "channels": 3, "dim": 30, "layers": 4, "heads": 5, "mlp_dim": 50,
        "activation": "quick_gelu", "norm_eps": 1e-5, "class_token": True, "patch_bias": False, "pre_norm": True,
        "attention_pooling": False, "feature_layer": -1, "features": "pooled", "feature_norm": True,
    }  # fmt: skip
    return VisionTransformer(**keywords | changes)


def images(dtype: torch.dtype, size: int = 29) -> Tensor:
    return torch.randn(24, 3, size, size, generator=torch.Generator().manual_seed(1)).to(dtype)


def ours(model: nn.Module, dtype: torch.dtype) -> Tensor:
    return model(images(dtype))  # type: ignore[no-any-return]


def theirs(read: str, layer: int = -1, skip: int = 0) -> Any:
    """Read the reference: its pooled or last output, or the tokens that leave a layer."""

    def run(model: Any, dtype: torch.dtype) -> Tensor:
        out = model(pixel_values=images(dtype), output_hidden_states=True)
        found: Tensor = out.hidden_states[layer][:, skip:] if read == "hidden" else getattr(out, read)
        return found

    return run


def clip(**changes: Any) -> nn.Module:
    config = transformers.CLIPVisionConfig(**SIZES | {"hidden_act": "quick_gelu"} | changes)
    return shaken(transformers.CLIPVisionModel(config))


def siglip(**changes: Any) -> nn.Module:
    return shaken(transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**SIZES | changes)))


def test_clip_pooled() -> None:
    names = CLIP | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK)
    assert_same(tower(), clip(), names, ours, theirs("pooler_output"))


@pytest.mark.parametrize(
    ("layer", "features"), [(-2, "patches"), (-1, "tokens"), (-4, "patches"), (2, "tokens"), (0, "tokens")]
)
def test_clip_layer(layer: int, features: str) -> None:
    names = CLIP | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK)
    model = tower(feature_layer=layer, features=features, feature_norm=False)
    assert_same(model, clip(), names, ours, theirs("hidden", layer, int(features == "patches")))


def test_clip_other_activation_and_one_head() -> None:
    names = CLIP | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK)
    reference = clip(num_attention_heads=1, hidden_act="gelu", layer_norm_eps=1e-3)
    assert_same(tower(heads=1, activation="gelu", norm_eps=1e-3), reference, names, ours, theirs("pooler_output"))


SIGLIP: dict[str, Any] = {
    "class_token": False, "pre_norm": False, "patch_bias": True, "attention_pooling": True, "activation": "gelu_tanh",
    "norm_eps": 1e-6,
}  # fmt: skip


def test_siglip_pooled() -> None:
    names = SHARED | POOL | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK)
    assert_same(tower(**SIGLIP), siglip(), names, ours, theirs("pooler_output"))


@pytest.mark.parametrize(("layer", "norm"), [(-2, False), (-1, True)])
def test_siglip_tokens(layer: int, norm: bool) -> None:
    names = SHARED | POOL | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK)
    read = theirs("last_hidden_state") if norm else theirs("hidden", layer)
    model = tower(**SIGLIP, feature_layer=layer, features="patches", feature_norm=norm)
    assert_same(model, siglip(), names, ours, read)


def test_eva_tokens() -> None:
    reference = shaken(transformers.Blip2VisionModel(transformers.Blip2VisionConfig(**SIZES)))
    names = EVA | blocks("blocks", "encoder.layers", 4, EVA_BLOCK)
    model = tower(features="tokens", pre_norm=False, patch_bias=True, activation="gelu", norm_eps=1e-6)
    assert_same(model, reference, names, ours, theirs("last_hidden_state"))


def test_what_is_not_read_is_kept_but_not_computed() -> None:
    model = tower(feature_layer=-2, features="patches", feature_norm=False)
    initialize(model)
    before = model(images(torch.float32))
    for unread in (model.blocks[3], model.norm):
        for parameter in unread.parameters():
            parameter.data.fill_(torch.nan)
    assert torch.equal(model(images(torch.float32)), before)
    assert "blocks.3.mlp.up.weight" in model.state_dict()


def test_another_image_size_is_named() -> None:
    with pytest.raises(ValueError, match="images are 27×29 px, the encoder takes 29×29 px"):
        tower()(torch.zeros(1, 3, 27, 29))


@pytest.mark.parametrize("layer", [5, -6])
def test_a_layer_that_does_not_exist(layer: int) -> None:
    with pytest.raises(ValueError, match=f"feature_layer {layer} is not a layer of 4"):
        tower(feature_layer=layer)


def test_nothing_to_pool_with() -> None:
    with pytest.raises(ValueError, match="neither a class token nor a pooling head"):
        tower(class_token=False)


def test_of_the_last_block_only_the_class_token_goes_on() -> None:
    seen: list[tuple[int, ...]] = []
    model = tower()
    initialize(model)
    for block in model.blocks[-2:]:
        block.mlp.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))  # type: ignore[union-attr]
    model(images(torch.float32))
    assert seen == [(24, 10, 30), (1, 24, 30)]


def test_compiles_to_one_graph_and_exports() -> None:
    model = tower(**SIGLIP)
    initialize(model)
    expected = model(images(torch.float32))
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    assert error(compiled(images(torch.float32)), expected) < TOLERANCE
    batch = torch.export.Dim("batch", min=2)
    exported = torch.export.export(model, (images(torch.float32),), dynamic_shapes=({0: batch},))
    assert error(exported.module()(images(torch.float32)[:2]), expected[:2]) < TOLERANCE


def test_weights_round_trip_through_packing() -> None:
    model, reference = tower(), clip()
    load(model, reference, CLIP | blocks("blocks", "encoder.layers", 4, CLIP_BLOCK))
    layer = model.blocks[1]
    q, k, v = layer.attention.qkv.unpack("weight", layer.attention.qkv.weight, 3)  # type: ignore[union-attr, operator]
    state = reference.state_dict()
    for got, name in zip((q, k, v), "qkv", strict=True):
        assert torch.equal(got, state[f"encoder.layers.1.self_attn.{name}_proj.weight"])
    assert torch.equal(
        model.patch_embedding.unpack("weight", model.patch_embedding.weight, 1)[0],
        state["embeddings.patch_embedding.weight"],
    )
