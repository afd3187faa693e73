"""What releases call the fields and tensors of this package: the name tables of its page and of its kinds."""

from __future__ import annotations

from .dialects import Demand, Dialect, Key, Released, Section

DIALECTS = (
    Dialect(
        "alignment",
        "qwen3_vl",
        "PatchMergerConfig",
        "knowledge/concepts/alignment.md#patch-merger",
        fields={"activation": "gelu", "norm_eps": 1e-06},
        tensors={
            "merger.norm": "merger.norm",
            "merger.up": "merger.linear_fc1",
            "merger.down": "merger.linear_fc2",
            "deep.N.norm": "deepstack_merger_list.N.norm",
            "deep.N.up": "deepstack_merger_list.N.linear_fc1",
            "deep.N.down": "deepstack_merger_list.N.linear_fc2",
        },
    ),
    Dialect(
        "encoder",
        "qwen3_vl_vision",
        "NativeViTConfig",
        "knowledge/concepts/encoders.md#native-resolution-vision-transformer",
        fields={
            "patch_size": Key("patch_size", 16, minimum=1),
            "temporal_patch_size": Key("temporal_patch_size", 2, minimum=1),
            "channels": Key("in_channels", 3, minimum=1),
            "merge_size": Key("spatial_merge_size", 2, minimum=1),
            "dim": Key("hidden_size", 1152, minimum=1),
            "layers": Key("depth num_hidden_layers", 27, minimum=1),
            "heads": Key("num_heads num_attention_heads", 16, minimum=1),
            "mlp_dim": Key("intermediate_size", 4304, minimum=1),
            "activation": Key(
                "hidden_act", "gelu_pytorch_tanh", words="gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"
            ),
            "norm_eps": 1e-06,
            "positions": Key("num_position_embeddings", 2304, minimum=1),
            "rope_theta": Key("rope_parameters.rope_theta rope_theta", 10000),
            "taps": Key("deepstack_visual_indexes", (8, 16, 24)),
            "language_model.dim": Key("out_hidden_size", 3584),
        },
        demands=(Demand("rope_parameters.rope_type", ("axial", "default")),),
        ignored="initializer_range",
        tensors={
            "patch_embedding": "patch_embed.proj",
            "positions": "pos_embed.weight",
            "blocks.N.norm1": "blocks.N.norm1",
            "blocks.N.attention.qkv": "blocks.N.attn.qkv",
            "blocks.N.attention.out": "blocks.N.attn.proj",
            "blocks.N.norm2": "blocks.N.norm2",
            "blocks.N.mlp.up": "blocks.N.mlp.linear_fc1",
            "blocks.N.mlp.down": "blocks.N.mlp.linear_fc2",
        },
        stale="rotary_pos_emb.inv_freq",
    ),
    Dialect(
        "fusion",
        "qwen3_vl",
        "DeepStackConfig",
        "knowledge/concepts/fusion.md#deepstack",
        fields={
            "image_token": Key("image_token_id image_token_index", 151655, minimum=0),
            "video_token": Key("video_token_id", 151656, minimum=0),
            "vision_start_token": Key("vision_start_token_id", 151652, minimum=0),
            "vision_end_token": Key("vision_end_token_id", 151653, minimum=0),
        },
    ),
    Dialect(
        "language_model",
        "qwen3_vl_text",
        "LlamaConfig",
        "knowledge/concepts/language-models.md#llama-family",
        fields={
            "vocab_size": Key("vocab_size", 151936, minimum=1),
            "context": Key("max_position_embeddings", 128000, minimum=1),
            "dim": Key("hidden_size", 4096, minimum=1),
            "layers": Key("num_hidden_layers", 32, minimum=1),
            "heads": Key("num_attention_heads", 32, minimum=1),
            "kv_heads": Key("num_key_value_heads", 32, otherwise="heads", minimum=1),
            "head_dim": Key("head_dim", 128, minimum=1),
            "mlp_dim": Key("intermediate_size", 22016, minimum=1),
            "activation": Key(
                "hidden_act", "silu", words="silu=silu swish=silu gelu_pytorch_tanh=gelu_tanh gelu_new=gelu_tanh"
            ),
            "norm_eps": Key("rms_norm_eps", 1e-06),
            "rope_theta": Key("rope_parameters.rope_theta rope_scaling.rope_theta rope_theta", 500000),
            "tied": Key("tie_word_embeddings", False),
            "qkv_bias": Key("attention_bias", False),
            "out_bias": Key("attention_bias", False),
            "mlp_bias": False,
            "qk_norm": True,
            "mrope_sections": Key("rope_parameters.mrope_section rope_scaling.mrope_section", (24, 20, 20)),
            "bos_token": Key("bos_token_id", None),
            "eos_token": Key("eos_token_id", None),
            "pad_token": Key("pad_token_id", None),
        },
        demands=(
            Demand("rope_parameters.rope_type rope_scaling.rope_type rope_scaling.type", ("default", "mrope")),
            Demand("rope_parameters.mrope_interleaved rope_scaling.mrope_interleaved", (True,)),
        ),
        ignored="attention_dropout initializer_range use_cache mlp_bias",
        tensors={
            "embedding": "embed_tokens",
            "layers.N.norm1": "layers.N.input_layernorm",
            "layers.N.attention.qkv": "layers.N.self_attn.{q,k,v}_proj",
            "layers.N.attention.out": "layers.N.self_attn.o_proj",
            "layers.N.attention.q_norm": "layers.N.self_attn.q_norm",
            "layers.N.attention.k_norm": "layers.N.self_attn.k_norm",
            "layers.N.norm2": "layers.N.post_attention_layernorm",
            "layers.N.mlp.gate_up": "layers.N.mlp.{gate,up}_proj",
            "layers.N.mlp.down": "layers.N.mlp.down_proj",
            "norm": "norm",
        },
        stale="layers.N.self_attn.rotary_emb.inv_freq rotary_emb.inv_freq",
    ),
)

LAYOUT = {
    "encoder": "model.visual",
    "alignment": "model.visual",
    "language_model": "model.language_model",
    "language_model.head": "lm_head",
}

RELEASED = Released(
    page="knowledge/models/qwen3-vl.md",
    model_type="qwen3_vl",
    architectures=("Qwen3VLForConditionalGeneration",),
    sections={
        "alignment": Section(),
        "encoder": Section("vision_config", "qwen3_vl_vision", "qwen3_vl=qwen3_vl_vision"),
        "fusion": Section(),
        "language_model": Section("text_config", "qwen3_vl_text"),
    },
    dialects=DIALECTS,
    fields={"language_model.tied": Key("tie_word_embeddings", False)},
    layouts={"hub": LAYOUT, "transformers": LAYOUT},
)
