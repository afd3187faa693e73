"""What releases call the fields and tensors of this package: the name tables of its page and of its kinds."""

from __future__ import annotations

from .dialects import Dialect, Key, Released, Section

DIALECTS = (
    Dialect(
        "alignment",
        "clip",
        "JointProjectionConfig",
        "knowledge/concepts/alignment.md#joint-projection",
        fields={"dim": Key("projection_dim", 512, minimum=1)},
        tensors={"vision_proj": "visual_projection", "text_proj": "text_projection"},
    ),
    Dialect(
        "encoder",
        "clip_vision_model",
        "ViTConfig",
        "knowledge/concepts/encoders.md#vision-transformer",
        fields={
            "image_size": Key("image_size", 224, minimum=1),
            "patch_size": Key("patch_size", 32, minimum=1),
            "channels": Key("num_channels", 3, minimum=1),
            "dim": Key("hidden_size", 768, minimum=1),
            "layers": Key("num_hidden_layers", 12, minimum=1),
            "heads": Key("num_attention_heads", 12, minimum=1),
            "mlp_dim": Key("intermediate_size", 3072, minimum=1),
            "activation": Key("hidden_act", "quick_gelu", words="gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"),
            "norm_eps": Key("layer_norm_eps", 1e-05),
            "class_token": True,
            "patch_bias": False,
            "pre_norm": True,
            "attention_pooling": False,
        },
        ignored="projection_dim attention_dropout dropout initializer_range initializer_factor vocab_size",
        tensors={
            "patch_embedding": "embeddings.patch_embedding",
            "class_token": "embeddings.class_embedding",
            "positions": "embeddings.position_embedding.weight",
            "pre_norm": "pre_layrnorm",
            "blocks.N.norm1": "encoder.layers.N.layer_norm1",
            "blocks.N.attention.qkv": "encoder.layers.N.self_attn.{q,k,v}_proj",
            "blocks.N.attention.out": "encoder.layers.N.self_attn.out_proj",
            "blocks.N.norm2": "encoder.layers.N.layer_norm2",
            "blocks.N.mlp.up": "encoder.layers.N.mlp.fc1",
            "blocks.N.mlp.down": "encoder.layers.N.mlp.fc2",
            "norm": "post_layernorm",
        },
        stale="embeddings.position_ids",
    ),
    Dialect(
        "fusion",
        "clip",
        "ContrastiveConfig",
        "knowledge/concepts/fusion.md#contrastive",
        fields={"loss": "softmax", "logit_scale_init": Key("logit_scale_init_value", 2.6592), "logit_bias": False},
        ignored="initializer_factor",
        tensors={"logit_scale": "logit_scale"},
    ),
    Dialect(
        "text_encoder",
        "clip_text_model",
        "TextTransformerConfig",
        "knowledge/concepts/encoders.md#text-transformer",
        fields={
            "vocab_size": Key("vocab_size", 49408, minimum=1),
            "context": Key("max_position_embeddings", 77, minimum=1),
            "dim": Key("hidden_size", 512, minimum=1),
            "layers": Key("num_hidden_layers", 12, minimum=1),
            "heads": Key("num_attention_heads", 8, minimum=1),
            "mlp_dim": Key("intermediate_size", 2048, minimum=1),
            "activation": Key("hidden_act", "quick_gelu", words="gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"),
            "norm_eps": Key("layer_norm_eps", 1e-05),
            "causal": True,
            "pooling": "end_of_text",
            "eos_token": Key("eos_token_id", 49407, minimum=0),
        },
        ignored=(
            "projection_dim pad_token_id bos_token_id attention_dropout dropout initializer_range initializer_factor"
        ),
        tensors={
            "embedding": "embeddings.token_embedding",
            "positions": "embeddings.position_embedding.weight",
            "blocks.N.norm1": "encoder.layers.N.layer_norm1",
            "blocks.N.attention.qkv": "encoder.layers.N.self_attn.{q,k,v}_proj",
            "blocks.N.attention.out": "encoder.layers.N.self_attn.out_proj",
            "blocks.N.norm2": "encoder.layers.N.layer_norm2",
            "blocks.N.mlp.up": "encoder.layers.N.mlp.fc1",
            "blocks.N.mlp.down": "encoder.layers.N.mlp.fc2",
            "norm": "final_layer_norm",
        },
        stale="embeddings.position_ids",
    ),
)

LAYOUT = {"encoder": "vision_model", "text_encoder": "text_model", "alignment": "", "fusion": ""}

RELEASED = Released(
    page="knowledge/models/clip.md",
    model_type="clip",
    architectures=("CLIPModel",),
    sections={
        "alignment": Section(),
        "encoder": Section("vision_config", "clip_vision_model"),
        "fusion": Section(),
        "text_encoder": Section("text_config", "clip_text_model"),
    },
    dialects=DIALECTS,
    fields={"encoder.feature_layer": -1, "encoder.features": "pooled", "encoder.feature_norm": True},
    ignored="text_config_dict vision_config_dict",
    layouts={"hub": LAYOUT, "transformers": LAYOUT},
    without=("encoder.attention_pooling", "fusion.logit_bias"),
)
