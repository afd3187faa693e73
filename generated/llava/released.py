"""What releases call the fields and tensors of this package: the name tables of its page and of its kinds."""

from __future__ import annotations

from .dialects import Demand, Dialect, Key, Released, Section

DIALECTS = (
    Dialect(
        "alignment",
        "llava",
        "LinearConfig",
        "knowledge/concepts/alignment.md#linear-projection",
        fields={"bias": Key("multimodal_projector_bias", True)},
        demands=(Demand("mm_projector_type", ("linear",), "mlp2x_gelu"),),
        ignored="projector_hidden_act",
        tensors={"proj": "linear_1"},
    ),
    Dialect(
        "alignment",
        "llava",
        "MLPConfig",
        "knowledge/concepts/alignment.md#mlp-projection",
        fields={
            "activation": Key("projector_hidden_act", "gelu", words="gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"),
            "bias": Key("multimodal_projector_bias", True),
        },
        demands=(Demand("mm_projector_type", ("mlp2x_gelu",), "mlp2x_gelu"),),
        tensors={"up": "linear_1", "down": "linear_2"},
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
        "llava",
        "SpliceConfig",
        "knowledge/concepts/fusion.md#token-splice",
        fields={"image_token": Key("image_token_index image_token_id", 32000)},
        ignored="image_seq_length ignore_index pad_token_id vocab_size",
    ),
    Dialect(
        "language_model",
        "llama",
        "LlamaConfig",
        "knowledge/concepts/language-models.md#llama-family",
        fields={
            "vocab_size": Key("vocab_size", 32000, minimum=1),
            "context": Key("max_position_embeddings", 2048, minimum=1),
            "dim": Key("hidden_size", 4096, minimum=1),
            "layers": Key("num_hidden_layers", 32, minimum=1),
            "heads": Key("num_attention_heads", 32, minimum=1),
            "kv_heads": Key("num_key_value_heads", otherwise="heads", minimum=1),
            "head_dim": Key("head_dim", otherwise="dim/heads", minimum=1),
            "mlp_dim": Key("intermediate_size", 11008, minimum=1),
            "activation": Key(
                "hidden_act", "silu", words="silu=silu swish=silu gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"
            ),
            "norm_eps": Key("rms_norm_eps", 1e-06),
            "rope_theta": Key("rope_parameters.rope_theta rope_scaling.rope_theta rope_theta", 10000),
            "tied": Key("tie_word_embeddings", False),
            "qkv_bias": Key("attention_bias", False),
            "out_bias": Key("attention_bias", False),
            "mlp_bias": Key("mlp_bias", False),
            "qk_norm": False,
            "bos_token": Key("bos_token_id", 1),
            "eos_token": Key("eos_token_id", 2),
            "pad_token": Key("pad_token_id", None),
        },
        demands=(Demand("rope_parameters.rope_type rope_scaling.rope_type rope_scaling.type", ("default",)),),
        ignored="attention_dropout initializer_range use_cache pretraining_tp sliding_window",
        tensors={
            "embedding": "embed_tokens",
            "layers.N.norm1": "layers.N.input_layernorm",
            "layers.N.attention.qkv": "layers.N.self_attn.{q,k,v}_proj",
            "layers.N.attention.out": "layers.N.self_attn.o_proj",
            "layers.N.norm2": "layers.N.post_attention_layernorm",
            "layers.N.mlp.gate_up": "layers.N.mlp.{gate,up}_proj",
            "layers.N.mlp.down": "layers.N.mlp.down_proj",
            "norm": "norm",
        },
        stale="layers.N.self_attn.rotary_emb.inv_freq rotary_emb.inv_freq",
    ),
)

LAYOUT = {
    "encoder": "vision_tower.vision_model",
    "alignment": "multi_modal_projector",
    "language_model": "language_model.model",
    "language_model.head": "language_model.lm_head",
}

RELEASED = Released(
    page="knowledge/models/llava.md",
    model_type="llava",
    architectures=("LlavaForConditionalGeneration",),
    sections={
        "alignment": Section(),
        "encoder": Section("vision_config", "clip_vision_model"),
        "fusion": Section(),
        "language_model": Section("text_config", "llama"),
    },
    dialects=DIALECTS,
    fields={
        "encoder.feature_layer": Key("vision_feature_layer", -2, minimum=-200),
        "encoder.features": Key("vision_feature_select_strategy", "default", words="default=patches full=tokens"),
        "encoder.feature_norm": False,
        "language_model.tied": Key("tie_word_embeddings text_config.tie_word_embeddings", False, any_true=True),
    },
    layouts={"hub": LAYOUT, "transformers": {**LAYOUT, "encoder": "vision_tower"}},
    without=("encoder.attention_pooling", "language_model.mrope_sections", "language_model.qk_norm"),
)
