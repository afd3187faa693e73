"""Configuration of LLaVA: one frozen dataclass a slot, and every published variant, value by value.

A comment names a claim of knowledge/models/llava.md (or of the page it was taken from) and its citation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .reference import read, write
from .released import RELEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class ViTConfig:
    """A vision transformer at a fixed resolution (CLIP, SigLIP, EVA)."""

    image_size: int  # llava/encoder.image_size: side of the square input, px
    patch_size: int  # llava/encoder.patch_size: side of a patch, px
    channels: int = 3  # llava/encoder.channels: colour channels
    dim: int  # llava/encoder.dim: width
    layers: int  # llava/encoder.layers: blocks
    heads: int  # llava/encoder.heads: attention heads
    mlp_dim: int  # llava/encoder.mlp_dim: hidden width of the MLP
    # activation of the MLP
    activation: Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]  # llava/encoder.activation
    norm_eps: float  # llava/encoder.norm_eps: epsilon of every LayerNorm
    class_token: bool  # llava/encoder.class_token: a learned class token comes first
    patch_bias: bool  # llava/encoder.patch_bias: the patch embedding has a bias
    pre_norm: bool  # llava/encoder.pre_norm: a LayerNorm before the first block
    # a learned probe pools the tokens by attention (MAP head)
    attention_pooling: bool = False  # llava/encoder.attention_pooling
    feature_layer: int  # llava/encoder.feature_layer: the block whose output is read: -1 the last, -2 the last but one
    # what is read: the pooled vector, all tokens, or the tokens without the class token
    features: Literal["pooled", "tokens", "patches"]  # llava/encoder.features
    feature_norm: bool  # llava/encoder.feature_norm: the final LayerNorm is applied to the tokens that are read
    model_type: str  # llava/encoder.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearConfig:
    """One linear layer from the encoder's width to the language model's."""

    bias: bool  # llava/alignment.bias: the layer has a bias
    model_type: str  # llava/alignment.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class MLPConfig:
    """Two linear layers with an activation between."""

    # between the layers
    activation: Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]  # llava/alignment.activation
    bias: bool  # llava/alignment.bias: both layers have a bias
    model_type: str  # llava/alignment.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceConfig:
    """Visual tokens take the places of placeholder tokens in the sequence; plain causal attention does the rest."""

    image_token: int | None  # llava/fusion.image_token: id of the placeholder token; null where the text has none
    model_type: str  # llava/fusion.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedBudgetConfig:
    """Every image becomes the same number of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """A LLaMA-family decoder: RMSNorm, rotary positions, gated MLP, grouped heads (LLaMA, Mistral, Qwen2, Qwen3)."""

    vocab_size: int  # llava/language_model.vocab_size: rows of the token table
    context: int  # llava/language_model.context: positions, tokens
    dim: int  # llava/language_model.dim: width
    layers: int  # llava/language_model.layers: blocks
    heads: int  # llava/language_model.heads: query heads
    kv_heads: int  # llava/language_model.kv_heads: key/value heads; equal to heads where nothing is grouped
    head_dim: int  # llava/language_model.head_dim: width of a head
    mlp_dim: int  # llava/language_model.mlp_dim: hidden width of the gated MLP
    # of the gate
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # llava/language_model.activation
    norm_eps: float  # llava/language_model.norm_eps: epsilon of every RMSNorm
    rope_theta: float  # llava/language_model.rope_theta: base of the rotary embedding
    tied: bool  # llava/language_model.tied: the head is the token table
    qkv_bias: bool = False  # llava/language_model.qkv_bias: q, k and v have biases (Qwen2)
    out_bias: bool = False  # llava/language_model.out_bias: the attention's output projection has a bias
    mlp_bias: bool = False  # llava/language_model.mlp_bias: the MLP's projections have biases
    qk_norm: bool = False  # llava/language_model.qk_norm: RMSNorm a head on q and k before the rotary embedding (Qwen3)
    # rotary channels for time, height, width, interleaved
    mrope_sections: tuple[int, ...] = ()  # llava/language_model.mrope_sections
    bos_token: int | None = None  # llava/language_model.bos_token: id that begins a text
    eos_token: int | None = None  # llava/language_model.eos_token: id that ends an answer
    pad_token: int | None = None  # llava/language_model.pad_token: id that pads a batch
    model_type: str  # llava/language_model.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImagesConfig:
    """Resize (and crop) to one square, rescale to 0…1, normalise."""

    # shortest edge to the size and centre crop, both sides to the size, or pad to a square first
    resize: Literal["shortest_edge", "exact", "pad"]  # llava/preprocessing.resize
    resample: Literal["bicubic", "bilinear", "lanczos"]  # llava/preprocessing.resample: interpolation
    rescale: float  # llava/preprocessing.rescale: factor on 0…255
    mean: tuple[float, float, float]  # llava/preprocessing.mean: subtracted, a channel
    std: tuple[float, float, float]  # llava/preprocessing.std: divided by, a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptConfig:
    """How a question about images becomes a text: `{image}` and `{prompt}` are filled in."""

    template: str  # llava/prompt.template: `{image}` once an image, `{prompt}` once; `/n` is a line break
    image: str  # llava/prompt.image: the text that stands for one image before expansion
    # the token repeated once a visual token; empty where the tokenizer has none
    placeholder: str  # llava/prompt.placeholder
    images_first: bool = False  # llava/prompt.images_first: visual tokens come before everything, even the begin token
    add_special_tokens: bool = True  # llava/prompt.add_special_tokens: the tokenizer adds its own begin token


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole model: what `Model` is built from."""

    encoder: ViTConfig
    alignment: LinearConfig | MLPConfig
    fusion: SpliceConfig
    budget: FixedBudgetConfig
    language_model: LlamaConfig
    preprocessing: FixedImagesConfig
    prompt: PromptConfig

    @classmethod
    def from_reference(cls, reference: Mapping[str, Any]) -> Config:
        """The configuration that a released config.json describes.

        Raises:
            ValueError: a key that the page does not describe, or a value that this package does not compute.
        """
        return read(cls, reference, RELEASED, PRESETS)

    def to_reference(self, loaded: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The released config.json; what `loaded` says besides and does not change the numbers is kept."""
        return write(self, RELEASED, loaded)


# Values of the first variant that uses a kind; the presets say what differs.
_ENCODER = ViTConfig(
    image_size=224,  # clip:vit-l-14/encoder.image_size [@clip-l14-336-config]; [@transformers]
    patch_size=14,  # clip:vit-l-14/encoder.patch_size [@clip-l14-336-config]; [@transformers]
    dim=1024,  # clip:vit-l-14/encoder.dim [@clip-l14-336-config]; [@transformers]
    layers=24,  # clip:vit-l-14/encoder.layers [@clip-l14-336-config]; [@transformers]
    heads=16,  # clip:vit-l-14/encoder.heads [@clip-l14-336-config]; [@transformers]
    mlp_dim=4096,  # clip:vit-l-14/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
    activation="quick_gelu",  # clip/encoder.activation [@clip-repo] clip/model.py
    norm_eps=1e-05,  # clip/encoder.norm_eps [@transformers] clip/configuration_clip.py
    class_token=True,  # clip/encoder.class_token [@clip-repo] clip/model.py
    patch_bias=False,  # clip/encoder.patch_bias [@clip-repo] clip/model.py
    pre_norm=True,  # clip/encoder.pre_norm [@clip-repo] clip/model.py
    feature_layer=-2,  # llava:1.0-7b/encoder.feature_layer [@llava-repo]
    features="patches",  # llava:1.0-7b/encoder.features [@llava-repo]
    feature_norm=False,  # llava:1.0-7b/encoder.feature_norm [@llava-repo]
    model_type="clip_vision_model",  # clip/encoder.model_type [@transformers] clip/configuration_clip.py
)
_ALIGNMENT_LINEAR = LinearConfig(
    bias=True,  # llava:1.0-7b/alignment.bias [@llava-repo] llava/model/multimodal_projector/builder.py
    model_type="llava",  # llava:1.0-7b/alignment.model_type assumed
)
_ALIGNMENT_MLP = MLPConfig(
    activation="gelu",  # llava:1.5-7b/alignment.activation [@llava-hf-config] projector_hidden_act
    bias=True,  # llava:1.5-7b/alignment.bias [@transformers]
    model_type="llava",  # llava:1.5-7b/alignment.model_type [@llava-hf-config] model_type
)
_FUSION = SpliceConfig(
    image_token=32_000,  # llava/fusion.image_token [@llava-hf-config] image_token_index
    model_type="llava",  # llava/fusion.model_type [@llava-hf-config] model_type
)
_BUDGET = FixedBudgetConfig()
_LANGUAGE_MODEL = LlamaConfig(
    vocab_size=32_064,  # llava:1.0-7b/language_model.vocab_size assumed
    context=2048,  # llava:1.0-7b/language_model.context assumed
    dim=4096,  # llava:1.0-7b/language_model.dim [@llava-hf-13b-config]; [@transformers]
    layers=32,  # llava:1.0-7b/language_model.layers [@llava-hf-13b-config]; [@transformers]
    heads=32,  # llava:1.0-7b/language_model.heads [@llava-hf-13b-config]; [@transformers]
    kv_heads=32,  # llava:1.0-7b/language_model.kv_heads [@llava-hf-13b-config]; [@transformers]
    head_dim=128,  # llava:1.0-7b/language_model.head_dim = dim / heads
    mlp_dim=11_008,  # llava:1.0-7b/language_model.mlp_dim [@llava-hf-13b-config]; [@transformers]
    activation="silu",  # llava/language_model.activation [@transformers]
    norm_eps=1e-06,  # llava:1.0-7b/language_model.norm_eps assumed
    rope_theta=10000.0,  # llava/language_model.rope_theta [@transformers] modeling_rope_utils.py default_theta
    tied=False,  # llava/language_model.tied [@llava-hf-config] tie_word_embeddings
    bos_token=1,  # llava/language_model.bos_token [@transformers] llama/configuration_llama.py bos_token_id
    eos_token=2,  # llava/language_model.eos_token [@transformers] llama/configuration_llama.py eos_token_id
    model_type="llama",  # llava/language_model.model_type [@llava-hf-config] text_config.model_type
)
_PREPROCESSING = FixedImagesConfig(
    resize="shortest_edge",  # llava/preprocessing.resize [@transformers] llava/image_processing_llava.py
    resample="bicubic",  # llava/preprocessing.resample [@transformers] llava/image_processing_llava.py
    rescale=0.00392156862745098,  # llava/preprocessing.rescale [@transformers] image_processing_utils.py
    mean=(0.48145466, 0.4578275, 0.40821073),  # llava/preprocessing.mean [@transformers]
    std=(0.26862954, 0.26130258, 0.27577711),  # llava/preprocessing.std [@transformers]
)
_PROMPT = PromptConfig(
    template="USER: {image}\\n{prompt} ASSISTANT:",  # llava/prompt.template [@transformers]
    image="<image>",  # llava/prompt.image [@transformers] llava/modeling_llava.py
    placeholder="<image>",  # llava/prompt.placeholder [@transformers] llava/processing_llava.py
)

PRESETS: dict[str, Config] = {
    "1.0-7b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT_LINEAR,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=_LANGUAGE_MODEL,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "1.0-13b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT_LINEAR,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            dim=5120,  # llava:1.0-13b/language_model.dim [@llava-hf-13b-config]; [@transformers]
            layers=40,  # llava:1.0-13b/language_model.layers [@llava-hf-13b-config]; [@transformers]
            heads=40,  # llava:1.0-13b/language_model.heads [@llava-hf-13b-config]; [@transformers]
            kv_heads=40,  # llava:1.0-13b/language_model.kv_heads [@llava-hf-13b-config]; [@transformers]
            mlp_dim=13_824,  # llava:1.0-13b/language_model.mlp_dim [@llava-hf-13b-config]; [@transformers]
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "1.5-7b": Config(
        encoder=replace(
            _ENCODER,
            image_size=336,  # clip:vit-l-14-336/encoder.image_size [@clip-l14-336-config]; [@transformers]
        ),
        alignment=_ALIGNMENT_MLP,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            context=4096,  # llava:1.5-7b/language_model.context [@llava-hf-config]; [@llava-hf-13b-config]
            norm_eps=1e-05,  # llava:1.5-7b/language_model.norm_eps [@llava-hf-config]; [@llava-hf-13b-config]
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "1.5-13b": Config(
        encoder=replace(
            _ENCODER,
            image_size=336,  # clip:vit-l-14-336/encoder.image_size [@clip-l14-336-config]; [@transformers]
        ),
        alignment=_ALIGNMENT_MLP,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            context=4096,  # llava:1.5-13b/language_model.context [@llava-hf-config]; [@llava-hf-13b-config]
            dim=5120,  # llava:1.5-13b/language_model.dim [@llava-hf-13b-config]; [@transformers]
            layers=40,  # llava:1.5-13b/language_model.layers [@llava-hf-13b-config]; [@transformers]
            heads=40,  # llava:1.5-13b/language_model.heads [@llava-hf-13b-config]; [@transformers]
            kv_heads=40,  # llava:1.5-13b/language_model.kv_heads [@llava-hf-13b-config]; [@transformers]
            mlp_dim=13_824,  # llava:1.5-13b/language_model.mlp_dim [@llava-hf-13b-config]; [@transformers]
            norm_eps=1e-05,  # llava:1.5-13b/language_model.norm_eps [@llava-hf-config]; [@llava-hf-13b-config]
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    # 1.0-7b at sizes for tests; not a published system
    "tiny": Config(
        encoder=replace(_ENCODER, image_size=12, patch_size=4, dim=48, layers=4, heads=3, mlp_dim=37),
        alignment=_ALIGNMENT_LINEAR,
        fusion=replace(_FUSION, image_token=127),
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL, vocab_size=128, context=256, dim=48, layers=4, heads=3, kv_heads=3, head_dim=16, mlp_dim=37
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
}
