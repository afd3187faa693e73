"""What releases call the fields and tensors of this package: the name tables of its page and of its kinds."""

from __future__ import annotations

from .dialects import Demand, Dialect, Field, Names, Released, Section

RELEASED = Released(
    model_type="qwen3_vl",
    architectures=("Qwen3VLForConditionalGeneration",),
    sections={
        "alignment": Section("", ""),
        "encoder": Section("vision_config", "qwen3_vl_vision", {"qwen3_vl": "qwen3_vl_vision"}),
        "fusion": Section("", ""),
        "language_model": Section("text_config", "qwen3_vl_text"),
    },
    dialects={
        "alignment": {
            "qwen3_vl": (
                Dialect(
                    "PatchMergerConfig",
                    "knowledge/concepts/alignment.md#patch-merger",
                    fields=(
                        Field("activation", (), "gelu"),
                        Field("norm_eps", (), 1e-06),
                    ),
                    tensors=(
                        Names("merger.norm", ("merger.norm",)),
                        Names("merger.up", ("merger.linear_fc1",)),
                        Names("merger.down", ("merger.linear_fc2",)),
                        Names("deep.N.norm", ("deepstack_merger_list.N.norm",)),
                        Names("deep.N.up", ("deepstack_merger_list.N.linear_fc1",)),
                        Names("deep.N.down", ("deepstack_merger_list.N.linear_fc2",)),
                    ),
                ),
            ),
        },
        "encoder": {
            "qwen3_vl_vision": (
                Dialect(
                    "NativeViTConfig",
                    "knowledge/concepts/encoders.md#native-resolution-vision-transformer",
                    fields=(
                        Field("patch_size", ("patch_size",), 16, minimum=1),
                        Field("temporal_patch_size", ("temporal_patch_size",), 2, minimum=1),
                        Field("channels", ("in_channels",), 3, minimum=1),
                        Field("merge_size", ("spatial_merge_size",), 2, minimum=1),
                        Field("dim", ("hidden_size",), 1152, minimum=1),
                        Field("layers", ("depth", "num_hidden_layers"), 27, minimum=1),
                        Field("heads", ("num_heads", "num_attention_heads"), 16, minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 4304, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "gelu_pytorch_tanh",
                            words={"gelu_pytorch_tanh": "gelu_tanh", "gelu_new": "gelu_tanh"},
                        ),
                        Field("norm_eps", (), 1e-06),
                        Field("positions", ("num_position_embeddings",), 2304, minimum=1),
                        Field("rope_theta", ("rope_parameters.rope_theta", "rope_theta"), 10000),
                        Field("taps", ("deepstack_visual_indexes",), (8, 16, 24)),
                        Field("language_model.dim", ("out_hidden_size",), 3584),
                    ),
                    demands=(Demand(("rope_parameters.rope_type",), (("is", "axial"), ("is", "default"))),),
                    ignored=("initializer_range",),
                    tensors=(
                        Names("patch_embedding", ("patch_embed.proj",)),
                        Names("positions", ("pos_embed.weight",)),
                        Names("blocks.N.norm1", ("blocks.N.norm1",)),
                        Names("blocks.N.attention.qkv", ("blocks.N.attn.qkv",)),
                        Names("blocks.N.attention.out", ("blocks.N.attn.proj",)),
                        Names("blocks.N.norm2", ("blocks.N.norm2",)),
                        Names("blocks.N.mlp.up", ("blocks.N.mlp.linear_fc1",)),
                        Names("blocks.N.mlp.down", ("blocks.N.mlp.linear_fc2",)),
                    ),
                    stale=("rotary_pos_emb.inv_freq",),
                ),
            ),
        },
        "fusion": {
            "qwen3_vl": (
                Dialect(
                    "DeepStackConfig",
                    "knowledge/concepts/fusion.md#deepstack",
                    fields=(
                        Field("image_token", ("image_token_id", "image_token_index"), 151655, minimum=0),
                        Field("video_token", ("video_token_id",), 151656, minimum=0),
                        Field("vision_start_token", ("vision_start_token_id",), 151652, minimum=0),
                        Field("vision_end_token", ("vision_end_token_id",), 151653, minimum=0),
                    ),
                ),
            ),
        },
        "language_model": {
            "llama": (
                Dialect(
                    "LlamaConfig",
                    "knowledge/concepts/language-models.md#llama-family",
                    fields=(
                        Field("vocab_size", ("vocab_size",), 32000, minimum=1),
                        Field("context", ("max_position_embeddings",), 2048, minimum=1),
                        Field("dim", ("hidden_size",), 4096, minimum=1),
                        Field("layers", ("num_hidden_layers",), 32, minimum=1),
                        Field("heads", ("num_attention_heads",), 32, minimum=1),
                        Field("kv_heads", ("num_key_value_heads",), otherwise=("heads",), minimum=1),
                        Field("head_dim", ("head_dim",), otherwise=("dim", "heads"), minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 11008, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "silu",
                            words={
                                "silu": "silu",
                                "swish": "silu",
                                "gelu_pytorch_tanh": "gelu_tanh",
                                "gelu_new": "gelu_tanh",
                            },
                        ),
                        Field("norm_eps", ("rms_norm_eps",), 1e-06),
                        Field(
                            "rope_theta", ("rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta"), 10000
                        ),
                        Field("tied", ("tie_word_embeddings",), False),
                        Field("qkv_bias", ("attention_bias",), False),
                        Field("out_bias", ("attention_bias",), False),
                        Field("mlp_bias", ("mlp_bias",), False),
                        Field("qk_norm", (), False),
                        Field("bos_token", ("bos_token_id",), 1),
                        Field("eos_token", ("eos_token_id",), 2),
                        Field("pad_token", ("pad_token_id",), None),
                    ),
                    demands=(
                        Demand(
                            ("rope_parameters.rope_type", "rope_scaling.rope_type", "rope_scaling.type"),
                            (("is", "default"),),
                        ),
                    ),
                    ignored=(
                        "attention_dropout",
                        "initializer_range",
                        "use_cache",
                        "pretraining_tp",
                        "sliding_window",
                    ),
                    tensors=(
                        Names("embedding", ("embed_tokens",)),
                        Names("layers.N.norm1", ("layers.N.input_layernorm",)),
                        Names(
                            "layers.N.attention.qkv",
                            ("layers.N.self_attn.q_proj", "layers.N.self_attn.k_proj", "layers.N.self_attn.v_proj"),
                        ),
                        Names("layers.N.attention.out", ("layers.N.self_attn.o_proj",)),
                        Names("layers.N.norm2", ("layers.N.post_attention_layernorm",)),
                        Names("layers.N.mlp.gate_up", ("layers.N.mlp.gate_proj", "layers.N.mlp.up_proj")),
                        Names("layers.N.mlp.down", ("layers.N.mlp.down_proj",)),
                        Names("norm", ("norm",)),
                    ),
                    stale=(
                        "layers.N.self_attn.rotary_emb.inv_freq",
                        "rotary_emb.inv_freq",
                    ),
                ),
            ),
            "mistral": (
                Dialect(
                    "LlamaConfig",
                    "knowledge/concepts/language-models.md#llama-family",
                    fields=(
                        Field("vocab_size", ("vocab_size",), 32000, minimum=1),
                        Field("context", ("max_position_embeddings",), 131072, minimum=1),
                        Field("dim", ("hidden_size",), 4096, minimum=1),
                        Field("layers", ("num_hidden_layers",), 32, minimum=1),
                        Field("heads", ("num_attention_heads",), 32, minimum=1),
                        Field("kv_heads", ("num_key_value_heads",), 8, otherwise=("heads",), minimum=1),
                        Field("head_dim", ("head_dim",), otherwise=("dim", "heads"), minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 14336, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "silu",
                            words={
                                "silu": "silu",
                                "swish": "silu",
                                "gelu_pytorch_tanh": "gelu_tanh",
                                "gelu_new": "gelu_tanh",
                            },
                        ),
                        Field("norm_eps", ("rms_norm_eps",), 1e-06),
                        Field(
                            "rope_theta", ("rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta"), 10000
                        ),
                        Field("tied", ("tie_word_embeddings",), False),
                        Field("qkv_bias", (), False),
                        Field("out_bias", (), False),
                        Field("mlp_bias", (), False),
                        Field("qk_norm", (), False),
                        Field("bos_token", ("bos_token_id",), 1),
                        Field("eos_token", ("eos_token_id",), 2),
                        Field("pad_token", ("pad_token_id",), None),
                    ),
                    demands=(
                        Demand(
                            ("rope_parameters.rope_type", "rope_scaling.rope_type", "rope_scaling.type"),
                            (("is", "default"),),
                        ),
                        Demand(("sliding_window",), (("is", None), ("at least", "context")), 4096),
                    ),
                    ignored=(
                        "attention_dropout",
                        "initializer_range",
                        "use_cache",
                        "pretraining_tp",
                        "attention_bias",
                        "mlp_bias",
                    ),
                    tensors=(
                        Names("embedding", ("embed_tokens",)),
                        Names("layers.N.norm1", ("layers.N.input_layernorm",)),
                        Names(
                            "layers.N.attention.qkv",
                            ("layers.N.self_attn.q_proj", "layers.N.self_attn.k_proj", "layers.N.self_attn.v_proj"),
                        ),
                        Names("layers.N.attention.out", ("layers.N.self_attn.o_proj",)),
                        Names("layers.N.norm2", ("layers.N.post_attention_layernorm",)),
                        Names("layers.N.mlp.gate_up", ("layers.N.mlp.gate_proj", "layers.N.mlp.up_proj")),
                        Names("layers.N.mlp.down", ("layers.N.mlp.down_proj",)),
                        Names("norm", ("norm",)),
                    ),
                    stale=(
                        "layers.N.self_attn.rotary_emb.inv_freq",
                        "rotary_emb.inv_freq",
                    ),
                ),
            ),
            "qwen2": (
                Dialect(
                    "LlamaConfig",
                    "knowledge/concepts/language-models.md#llama-family",
                    fields=(
                        Field("vocab_size", ("vocab_size",), 151936, minimum=1),
                        Field("context", ("max_position_embeddings",), 32768, minimum=1),
                        Field("dim", ("hidden_size",), 4096, minimum=1),
                        Field("layers", ("num_hidden_layers",), 32, minimum=1),
                        Field("heads", ("num_attention_heads",), 32, minimum=1),
                        Field("kv_heads", ("num_key_value_heads",), 32, otherwise=("heads",), minimum=1),
                        Field("head_dim", ("head_dim",), otherwise=("dim", "heads"), minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 22016, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "silu",
                            words={
                                "silu": "silu",
                                "swish": "silu",
                                "gelu_pytorch_tanh": "gelu_tanh",
                                "gelu_new": "gelu_tanh",
                            },
                        ),
                        Field("norm_eps", ("rms_norm_eps",), 1e-06),
                        Field(
                            "rope_theta", ("rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta"), 10000
                        ),
                        Field("tied", ("tie_word_embeddings",), False),
                        Field("qkv_bias", (), True),
                        Field("out_bias", (), False),
                        Field("mlp_bias", (), False),
                        Field("qk_norm", (), False),
                        Field("bos_token", ("bos_token_id",), None),
                        Field("eos_token", ("eos_token_id",), None),
                        Field("pad_token", ("pad_token_id",), None),
                    ),
                    demands=(
                        Demand(
                            ("rope_parameters.rope_type", "rope_scaling.rope_type", "rope_scaling.type"),
                            (("is", "default"),),
                        ),
                        Demand(("use_sliding_window",), (("is", False),)),
                        Demand(("layer_types",), (("is", None), ("each", "full_attention"))),
                    ),
                    ignored=(
                        "attention_dropout",
                        "initializer_range",
                        "use_cache",
                        "pretraining_tp",
                        "attention_bias",
                        "mlp_bias",
                        "sliding_window",
                        "max_window_layers",
                    ),
                    tensors=(
                        Names("embedding", ("embed_tokens",)),
                        Names("layers.N.norm1", ("layers.N.input_layernorm",)),
                        Names(
                            "layers.N.attention.qkv",
                            ("layers.N.self_attn.q_proj", "layers.N.self_attn.k_proj", "layers.N.self_attn.v_proj"),
                        ),
                        Names("layers.N.attention.out", ("layers.N.self_attn.o_proj",)),
                        Names("layers.N.norm2", ("layers.N.post_attention_layernorm",)),
                        Names("layers.N.mlp.gate_up", ("layers.N.mlp.gate_proj", "layers.N.mlp.up_proj")),
                        Names("layers.N.mlp.down", ("layers.N.mlp.down_proj",)),
                        Names("norm", ("norm",)),
                    ),
                    stale=(
                        "layers.N.self_attn.rotary_emb.inv_freq",
                        "rotary_emb.inv_freq",
                    ),
                ),
            ),
            "qwen3": (
                Dialect(
                    "LlamaConfig",
                    "knowledge/concepts/language-models.md#llama-family",
                    fields=(
                        Field("vocab_size", ("vocab_size",), 151936, minimum=1),
                        Field("context", ("max_position_embeddings",), 32768, minimum=1),
                        Field("dim", ("hidden_size",), 4096, minimum=1),
                        Field("layers", ("num_hidden_layers",), 32, minimum=1),
                        Field("heads", ("num_attention_heads",), 32, minimum=1),
                        Field("kv_heads", ("num_key_value_heads",), 32, otherwise=("heads",), minimum=1),
                        Field("head_dim", ("head_dim",), 128, minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 22016, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "silu",
                            words={
                                "silu": "silu",
                                "swish": "silu",
                                "gelu_pytorch_tanh": "gelu_tanh",
                                "gelu_new": "gelu_tanh",
                            },
                        ),
                        Field("norm_eps", ("rms_norm_eps",), 1e-06),
                        Field(
                            "rope_theta", ("rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta"), 10000
                        ),
                        Field("tied", ("tie_word_embeddings",), False),
                        Field("qkv_bias", ("attention_bias",), False),
                        Field("out_bias", ("attention_bias",), False),
                        Field("mlp_bias", (), False),
                        Field("qk_norm", (), True),
                        Field("bos_token", ("bos_token_id",), None),
                        Field("eos_token", ("eos_token_id",), None),
                        Field("pad_token", ("pad_token_id",), None),
                    ),
                    demands=(
                        Demand(
                            ("rope_parameters.rope_type", "rope_scaling.rope_type", "rope_scaling.type"),
                            (("is", "default"),),
                        ),
                        Demand(("use_sliding_window",), (("is", False),)),
                        Demand(("layer_types",), (("is", None), ("each", "full_attention"))),
                    ),
                    ignored=(
                        "attention_dropout",
                        "initializer_range",
                        "use_cache",
                        "pretraining_tp",
                        "mlp_bias",
                        "sliding_window",
                        "max_window_layers",
                    ),
                    tensors=(
                        Names("embedding", ("embed_tokens",)),
                        Names("layers.N.norm1", ("layers.N.input_layernorm",)),
                        Names(
                            "layers.N.attention.qkv",
                            ("layers.N.self_attn.q_proj", "layers.N.self_attn.k_proj", "layers.N.self_attn.v_proj"),
                        ),
                        Names("layers.N.attention.out", ("layers.N.self_attn.o_proj",)),
                        Names("layers.N.attention.q_norm", ("layers.N.self_attn.q_norm",)),
                        Names("layers.N.attention.k_norm", ("layers.N.self_attn.k_norm",)),
                        Names("layers.N.norm2", ("layers.N.post_attention_layernorm",)),
                        Names("layers.N.mlp.gate_up", ("layers.N.mlp.gate_proj", "layers.N.mlp.up_proj")),
                        Names("layers.N.mlp.down", ("layers.N.mlp.down_proj",)),
                        Names("norm", ("norm",)),
                    ),
                    stale=(
                        "layers.N.self_attn.rotary_emb.inv_freq",
                        "rotary_emb.inv_freq",
                    ),
                ),
            ),
            "qwen3_vl_text": (
                Dialect(
                    "LlamaConfig",
                    "knowledge/concepts/language-models.md#llama-family",
                    fields=(
                        Field("vocab_size", ("vocab_size",), 151936, minimum=1),
                        Field("context", ("max_position_embeddings",), 128000, minimum=1),
                        Field("dim", ("hidden_size",), 4096, minimum=1),
                        Field("layers", ("num_hidden_layers",), 32, minimum=1),
                        Field("heads", ("num_attention_heads",), 32, minimum=1),
                        Field("kv_heads", ("num_key_value_heads",), 32, otherwise=("heads",), minimum=1),
                        Field("head_dim", ("head_dim",), 128, minimum=1),
                        Field("mlp_dim", ("intermediate_size",), 22016, minimum=1),
                        Field(
                            "activation",
                            ("hidden_act",),
                            "silu",
                            words={
                                "silu": "silu",
                                "swish": "silu",
                                "gelu_pytorch_tanh": "gelu_tanh",
                                "gelu_new": "gelu_tanh",
                            },
                        ),
                        Field("norm_eps", ("rms_norm_eps",), 1e-06),
                        Field(
                            "rope_theta",
                            ("rope_parameters.rope_theta", "rope_scaling.rope_theta", "rope_theta"),
                            500000,
                        ),
                        Field("tied", ("tie_word_embeddings",), False),
                        Field("qkv_bias", ("attention_bias",), False),
                        Field("out_bias", ("attention_bias",), False),
                        Field("mlp_bias", (), False),
                        Field("qk_norm", (), True),
                        Field(
                            "mrope_sections",
                            ("rope_parameters.mrope_section", "rope_scaling.mrope_section"),
                            (24, 20, 20),
                        ),
                        Field("bos_token", ("bos_token_id",), None),
                        Field("eos_token", ("eos_token_id",), None),
                        Field("pad_token", ("pad_token_id",), None),
                    ),
                    demands=(
                        Demand(
                            ("rope_parameters.rope_type", "rope_scaling.rope_type", "rope_scaling.type"),
                            (("is", "default"), ("is", "mrope")),
                        ),
                        Demand(
                            ("rope_parameters.mrope_interleaved", "rope_scaling.mrope_interleaved"), (("is", True),)
                        ),
                    ),
                    ignored=(
                        "attention_dropout",
                        "initializer_range",
                        "use_cache",
                        "mlp_bias",
                    ),
                    tensors=(
                        Names("embedding", ("embed_tokens",)),
                        Names("layers.N.norm1", ("layers.N.input_layernorm",)),
                        Names(
                            "layers.N.attention.qkv",
                            ("layers.N.self_attn.q_proj", "layers.N.self_attn.k_proj", "layers.N.self_attn.v_proj"),
                        ),
                        Names("layers.N.attention.out", ("layers.N.self_attn.o_proj",)),
                        Names("layers.N.attention.q_norm", ("layers.N.self_attn.q_norm",)),
                        Names("layers.N.attention.k_norm", ("layers.N.self_attn.k_norm",)),
                        Names("layers.N.norm2", ("layers.N.post_attention_layernorm",)),
                        Names("layers.N.mlp.gate_up", ("layers.N.mlp.gate_proj", "layers.N.mlp.up_proj")),
                        Names("layers.N.mlp.down", ("layers.N.mlp.down_proj",)),
                        Names("norm", ("norm",)),
                    ),
                    stale=(
                        "layers.N.self_attn.rotary_emb.inv_freq",
                        "rotary_emb.inv_freq",
                    ),
                ),
            ),
        },
    },
    fields=(Field("language_model.tied", ("tie_word_embeddings",), False),),
    ignored=(),
    layouts={
        "hub": (
            Names("encoder", ("model.visual",)),
            Names("alignment", ("model.visual",)),
            Names("language_model", ("model.language_model",)),
            Names("language_model.head", ("lm_head",)),
        ),
        "transformers": (
            Names("encoder", ("model.visual",)),
            Names("alignment", ("model.visual",)),
            Names("language_model", ("model.language_model",)),
            Names("language_model.head", ("lm_head",)),
        ),
    },
    stale=(),
    without=(),
)
