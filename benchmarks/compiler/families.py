"""What the families of synthetic systems state: headings, kinds and facts, and the names in their checkpoints."""

from __future__ import annotations

_VIT = "[ViT](../concepts/encoders.md#vision-transformer)"
_NATIVE = "[Native ViT](../concepts/encoders.md#native-resolution-vision-transformer)"
_ASPECT = "[Aspect-preserving ViT](../concepts/encoders.md#aspect-preserving-vision-transformer)"
_MLP = "[MLP](../concepts/alignment.md#mlp-projection)"
_MERGER = "[Patch merger](../concepts/alignment.md#patch-merger)"
_PERCEIVER = "[Perceiver resampler](../concepts/alignment.md#perceiver-resampler)"
_SPLICE = "[Splice](../concepts/fusion.md#token-splice)"
_DEEPSTACK = "[DeepStack](../concepts/fusion.md#deepstack)"
_FIXED = "[Fixed](../concepts/token-budget.md#fixed)"
_DYNAMIC = "[Dynamic](../concepts/token-budget.md#dynamic-resolution)"
_LLAMA = "[LLaMA](../concepts/language-models.md#llama-family)"
_SQUARE = "[Square](../concepts/encoders.md#preprocessing-to-a-square)"
_OWN = "[Native](../concepts/encoders.md#preprocessing-at-native-resolution)"
_CHAT = "[Chat](../concepts/fusion.md#prompts)"
_TOWER = ("dim", "layers", "heads", "mlp_dim")
_DECODER = ("vocab_size", "context", "dim", "layers", "heads", "kv_heads", "head_dim", "mlp_dim")
_DECODER_FIXED = (
    ("activation", "silu", ""),
    ("norm_eps", "1e-5", ""),
    ("rope_theta", "10000", ""),
    ("tied", "false", ""),
    ("bos_token", "1", ""),
    ("eos_token", "2", ""),
    ("model_type", "llama", ""),
)
_QWEN_FIXED = (
    ("activation", "silu", ""),
    ("norm_eps", "1e-6", ""),
    ("rope_theta", "5000000", ""),
    ("tied", "false", ""),
    ("qk_norm", "true", ""),
    ("mrope_sections", "24, 20, 20", ""),
    ("bos_token", "1", ""),
    ("eos_token", "2", ""),
    ("model_type", "qwen3_vl_text", ""),
)
_TURNS = (
    ("template", r"`USER: {image}\n{prompt} ASSISTANT:`", ""),
    ("image", "`<image>`", ""),
    ("placeholder", "`<image>`", ""),
    ("add_special_tokens", "true", ""),
)
_PIXELS = (
    ("resample", "bicubic", ""),
    ("rescale", "`1 / 255`", ""),
    ("mean", "0.5, 0.5, 0.5", ""),
    ("std", "0.5, 0.5, 0.5", ""),
)

FAMILIES = {
    "splice": (
        (
            "Encoder",
            _VIT,
            ("image_size", "patch_size", *_TOWER),
            (
                ("tokens", "`(image_size / patch_size)^2 + 1`", "derived"),
                ("channels", "3", ""),
                ("activation", "quick_gelu", ""),
                ("norm_eps", "1e-5", ""),
                ("class_token", "true", ""),
                ("patch_bias", "false", ""),
                ("pre_norm", "true", ""),
                ("attention_pooling", "false", ""),
                ("feature_layer", "-2", ""),
                ("features", "patches", ""),
                ("feature_norm", "false", ""),
                ("model_type", "clip_vision_model", ""),
            ),
        ),
        ("Alignment", _MLP, (), (("activation", "gelu", ""), ("bias", "true", ""), ("model_type", "llava", ""))),
        ("Fusion", _SPLICE, (), (("image_token", "32000", ""), ("model_type", "llava", ""))),
        ("Token budget", _FIXED, (), (("image_tokens", "`(encoder.image_size / encoder.patch_size)^2`", "derived"),)),
        ("Language model", _LLAMA, _DECODER, _DECODER_FIXED),
        ("Preprocessing", _SQUARE, (), (("resize", "shortest_edge", ""), *_PIXELS)),
        ("Prompt", _CHAT, (), _TURNS),
    ),
    "native": (
        (
            "Encoder",
            _NATIVE,
            _TOWER,
            (
                ("taps", "3, 6, 9", ""),
                ("patch_size", "16 px", ""),
                ("temporal_patch_size", "2", ""),
                ("channels", "3", ""),
                ("merge_size", "2", ""),
                ("activation", "gelu_tanh", ""),
                ("norm_eps", "1e-6", ""),
                ("positions", "2304", ""),
                ("rope_theta", "10000", ""),
                ("model_type", "qwen3_vl_vision", ""),
            ),
        ),
        (
            "Alignment",
            _MERGER,
            (),
            (("activation", "gelu", ""), ("norm_eps", "1e-6", ""), ("model_type", "qwen3_vl", "")),
        ),
        (
            "Fusion",
            _DEEPSTACK,
            (),
            (
                ("image_token", "655", ""),
                ("video_token", "656", ""),
                ("vision_start_token", "652", ""),
                ("vision_end_token", "653", ""),
                ("layers", "3", ""),
                ("model_type", "qwen3_vl", ""),
            ),
        ),
        (
            "Token budget",
            _DYNAMIC,
            (),
            (
                ("factor", "`encoder.patch_size * encoder.merge_size` = 32 px", "derived"),
                ("min_pixels", "65536 px", ""),
                ("max_pixels", "16777216 px", ""),
                ("image_tokens", "`(height / factor) * (width / factor)`", "derived"),
            ),
        ),
        ("Language model", _LLAMA, _DECODER, _QWEN_FIXED),
        ("Preprocessing", _OWN, (), _PIXELS),
        ("Prompt", _CHAT, (), _TURNS),
    ),
    "described": (
        (
            "Encoder",
            _ASPECT,
            _TOWER,
            (
                ("patch_size", "14 px", ""),
                ("activation", "gelu_tanh", ""),
                ("norm_eps", "1e-6", ""),
                ("positions", "`(max_side / patch_size)^2` = 4900", "derived"),
                ("position_lookup", "fractional buckets", ""),
                ("min_side", "378 px", ""),
                ("max_side", "980 px", ""),
                ("feature_norm", "true", ""),
            ),
        ),
        (
            "Alignment",
            _PERCEIVER,
            ("num_queries",),
            (
                ("dim", "4096", ""),
                ("layers", "3", ""),
                ("heads", "16", ""),
                ("kv_heads", "4", ""),
                ("head_dim", "96", ""),
                ("mlp_dim", "`4 * dim` = 16384", "derived"),
                ("activation", "silu", ""),
                ("projection_dim", "14336", ""),
                ("latents_in_keys", "true", ""),
            ),
        ),
        ("Fusion", _SPLICE, (), (("image_token", "32001", ""), ("model_type", "idefics2", ""))),
        ("Token budget", _FIXED, ("image_tokens",), ()),
        ("Language model", _LLAMA, _DECODER, _DECODER_FIXED),
    ),
}
"""Family → heading, kind, facts that differ by variant, facts of all variants with their evidence."""

CHECKPOINTS = {
    "splice": """## Checkpoint

| tensors | hub | transformers | source |
|---|---|---|---|
| encoder | `vision_tower.vision_model` | `vision_tower` | [@$report] §5 |
| alignment | `multi_modal_projector` | `multi_modal_projector` | [@$report] §5 |
| language_model | `language_model.model` | `language_model.model` | [@$report] §5 |
| language_model.head | `language_model.lm_head` | `language_model.lm_head` | [@$report] §5 |

| configuration | key | source |
|---|---|---|
| model_type | llava | [@$report] §5 |
| architectures | LlavaForConditionalGeneration | [@$report] §5 |
| encoder | `vision_config` clip_vision_model | [@$report] §5 |
| language_model | `text_config` llama | [@$report] §5 |
| encoder.feature_layer | `vision_feature_layer` -2 | [@$report] §5 |
| encoder.features | `vision_feature_select_strategy` default (default = patches, full = tokens) | [@$report] §5 |
| encoder.feature_norm | false | [@$report] §5 |
| language_model.tied | `tie_word_embeddings` or `text_config.tie_word_embeddings` false | [@$report] §5 |""",
    "native": """## Checkpoint

| tensors | hub | transformers | source |
|---|---|---|---|
| encoder | `model.visual` | `model.visual` | [@$report] §5 |
| alignment | `model.visual` | `model.visual` | [@$report] §5 |
| language_model | `model.language_model` | `model.language_model` | [@$report] §5 |
| language_model.head | `lm_head` | `lm_head` | [@$report] §5 |

| configuration | key | source |
|---|---|---|
| model_type | qwen3_vl | [@$report] §5 |
| architectures | Qwen3VLForConditionalGeneration | [@$report] §5 |
| encoder | `vision_config` qwen3_vl_vision (qwen3_vl = qwen3_vl_vision) | [@$report] §5 |
| language_model | `text_config` qwen3_vl_text | [@$report] §5 |
| language_model.tied | `tie_word_embeddings` false | [@$report] §5 |""",
    "described": "",
}
