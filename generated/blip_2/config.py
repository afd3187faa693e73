"""Configuration of BLIP-2: one frozen dataclass a slot, and every published variant, value by value.

A comment names a claim of knowledge/models/blip-2.md (or of the page it was taken from) and its citation.
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

    image_size: int  # blip-2/encoder.image_size: side of the square input, px
    patch_size: int  # blip-2/encoder.patch_size: side of a patch, px
    channels: int = 3  # blip-2/encoder.channels: colour channels
    dim: int  # blip-2/encoder.dim: width
    layers: int  # blip-2/encoder.layers: blocks
    heads: int  # blip-2/encoder.heads: attention heads
    mlp_dim: int  # blip-2/encoder.mlp_dim: hidden width of the MLP
    # activation of the MLP
    activation: Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]  # blip-2/encoder.activation
    norm_eps: float  # blip-2/encoder.norm_eps: epsilon of every LayerNorm
    class_token: bool  # blip-2/encoder.class_token: a learned class token comes first
    patch_bias: bool  # blip-2/encoder.patch_bias: the patch embedding has a bias
    pre_norm: bool  # blip-2/encoder.pre_norm: a LayerNorm before the first block
    # a learned probe pools the tokens by attention (MAP head)
    attention_pooling: bool = False  # blip-2/encoder.attention_pooling
    feature_layer: int  # blip-2/encoder.feature_layer: the block whose output is read: -1 the last, -2 the last but one
    # what is read: the pooled vector, all tokens, or the tokens without the class token
    features: Literal["pooled", "tokens", "patches"]  # blip-2/encoder.features
    feature_norm: bool  # blip-2/encoder.feature_norm: the final LayerNorm is applied to the tokens that are read
    model_type: str  # blip-2/encoder.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class QFormerConfig:
    """Learned queries that read the encoder by cross-attention in a BERT, then one linear layer."""

    num_queries: int  # blip-2/alignment.num_queries: learned queries: the tokens an image becomes
    dim: int  # blip-2/alignment.dim: width
    layers: int  # blip-2/alignment.layers: blocks
    heads: int  # blip-2/alignment.heads: attention heads
    mlp_dim: int  # blip-2/alignment.mlp_dim: hidden width of the MLPs
    # activation of the MLPs
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # blip-2/alignment.activation
    norm_eps: float  # blip-2/alignment.norm_eps: epsilon of every LayerNorm
    cross_attention_every: int  # blip-2/alignment.cross_attention_every: blocks 0, n, 2n … read the image
    # rows of the text branch's token table (first stage only)
    text_vocab_size: int = 0  # blip-2/alignment.text_vocab_size
    text_context: int = 0  # blip-2/alignment.text_context: positions of the text branch (first stage only)
    model_type: str  # blip-2/alignment.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class SpliceConfig:
    """Visual tokens take the places of placeholder tokens in the sequence; plain causal attention does the rest."""

    image_token: int | None  # blip-2/fusion.image_token: id of the placeholder token; null where the text has none
    model_type: str  # blip-2/fusion.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedBudgetConfig:
    """Every image becomes the same number of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OPTConfig:
    """OPT: LayerNorm, learned positions (offset 2), ReLU MLP, biases everywhere, tied head."""

    vocab_size: int  # blip-2/language_model.vocab_size: rows of the token table
    context: int  # blip-2/language_model.context: positions, tokens
    dim: int  # blip-2/language_model.dim: width
    layers: int  # blip-2/language_model.layers: blocks
    heads: int  # blip-2/language_model.heads: attention heads
    mlp_dim: int  # blip-2/language_model.mlp_dim: hidden width of the MLP
    # of the MLP
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # blip-2/language_model.activation
    norm_eps: float  # blip-2/language_model.norm_eps: epsilon of every LayerNorm
    tied: bool  # blip-2/language_model.tied: the head is the token table
    bos_token: int | None = None  # blip-2/language_model.bos_token: id that begins a text
    eos_token: int | None = None  # blip-2/language_model.eos_token: id that ends an answer
    pad_token: int | None = None  # blip-2/language_model.pad_token: id that pads a batch
    model_type: str  # blip-2/language_model.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImagesConfig:
    """Resize (and crop) to one square, rescale to 0…1, normalise."""

    # shortest edge to the size and centre crop, both sides to the size, or pad to a square first
    resize: Literal["shortest_edge", "exact", "pad"]  # blip-2/preprocessing.resize
    resample: Literal["bicubic", "bilinear", "lanczos"]  # blip-2/preprocessing.resample: interpolation
    rescale: float  # blip-2/preprocessing.rescale: factor on 0…255
    mean: tuple[float, float, float]  # blip-2/preprocessing.mean: subtracted, a channel
    std: tuple[float, float, float]  # blip-2/preprocessing.std: divided by, a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptConfig:
    """How a question about images becomes a text: `{image}` and `{prompt}` are filled in."""

    template: str  # blip-2/prompt.template: `{image}` once an image, `{prompt}` once; `/n` is a line break
    image: str  # blip-2/prompt.image: the text that stands for one image before expansion
    # the token repeated once a visual token; empty where the tokenizer has none
    placeholder: str  # blip-2/prompt.placeholder
    images_first: bool = False  # blip-2/prompt.images_first: visual tokens come before everything, even the begin token
    add_special_tokens: bool = True  # blip-2/prompt.add_special_tokens: the tokenizer adds its own begin token


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStageConfig:
    """BLIP-2's first stage: image-text contrast, matching and grounded generation on one Q-Former."""

    joint_dim: int  # blip-2/training.joint_dim: width of the contrastive space
    # initial temperature of the contrastive loss
    temperature_init: float | None = None  # blip-2/training.temperature_init


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole model: what `Model` is built from."""

    encoder: ViTConfig
    alignment: QFormerConfig
    fusion: SpliceConfig
    budget: FixedBudgetConfig
    language_model: OPTConfig
    preprocessing: FixedImagesConfig
    prompt: PromptConfig
    training: FirstStageConfig

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
    image_size=224,  # blip-2/encoder.image_size [@li2023blip2] §3.4
    patch_size=14,  # blip-2/encoder.patch_size [@transformers] blip_2/configuration_blip_2.py patch_size
    dim=1408,  # blip-2/encoder.dim [@transformers] blip_2/configuration_blip_2.py hidden_size
    layers=39,  # blip-2/encoder.layers [@lavis] lavis/models/eva_vit.py
    heads=16,  # blip-2/encoder.heads [@transformers] blip_2/configuration_blip_2.py num_attention_heads
    mlp_dim=6144,  # blip-2/encoder.mlp_dim [@transformers] blip_2/configuration_blip_2.py intermediate_size
    activation="gelu",  # blip-2/encoder.activation [@transformers] blip_2/configuration_blip_2.py hidden_act
    norm_eps=1e-06,  # blip-2/encoder.norm_eps [@transformers] blip_2/configuration_blip_2.py layer_norm_eps
    class_token=True,  # blip-2/encoder.class_token [@lavis] lavis/models/eva_vit.py
    patch_bias=True,  # blip-2/encoder.patch_bias [@lavis] lavis/models/eva_vit.py
    pre_norm=False,  # blip-2/encoder.pre_norm [@lavis] lavis/models/eva_vit.py
    feature_layer=-1,  # blip-2/encoder.feature_layer [@transformers] blip_2/modeling_blip_2.py
    features="tokens",  # blip-2/encoder.features [@li2023blip2] §3.1; [@lavis] lavis/models/eva_vit.py
    feature_norm=True,  # blip-2/encoder.feature_norm [@transformers] blip_2/modeling_blip_2.py
    model_type="blip_2_vision_model",  # blip-2/encoder.model_type [@blip2-opt-config] vision_config.model_type
)
_ALIGNMENT = QFormerConfig(
    num_queries=32,  # blip-2/alignment.num_queries [@li2023blip2] §3.1
    dim=768,  # blip-2/alignment.dim [@li2023blip2] §3.1
    layers=12,  # blip-2/alignment.layers [@transformers] blip_2/configuration_blip_2.py num_hidden_layers
    heads=12,  # blip-2/alignment.heads [@transformers] blip_2/configuration_blip_2.py num_attention_heads
    mlp_dim=3072,  # blip-2/alignment.mlp_dim [@transformers] blip_2/configuration_blip_2.py intermediate_size
    activation="gelu",  # blip-2/alignment.activation [@transformers] blip_2/configuration_blip_2.py hidden_act
    norm_eps=1e-12,  # blip-2/alignment.norm_eps [@transformers] blip_2/configuration_blip_2.py layer_norm_eps
    cross_attention_every=2,  # blip-2/alignment.cross_attention_every [@transformers]
    text_vocab_size=30_523,  # blip-2/alignment.text_vocab_size [@blip2-itm-config] qformer_config.vocab_size
    text_context=512,  # blip-2/alignment.text_context [@transformers]
    model_type="blip_2_qformer",  # blip-2/alignment.model_type [@blip2-opt-config] qformer_config.model_type
)
_FUSION = SpliceConfig(
    image_token=50_265,  # blip-2/fusion.image_token [@blip2-opt-config] image_token_index
    model_type="blip-2",  # blip-2/fusion.model_type [@blip2-opt-config] model_type
)
_BUDGET = FixedBudgetConfig()
_LANGUAGE_MODEL = OPTConfig(
    vocab_size=50_304,  # blip-2/language_model.vocab_size [@blip2-opt-config] text_config.vocab_size
    context=2048,  # blip-2/language_model.context [@transformers]
    dim=2560,  # blip-2:opt-2.7b/language_model.dim [@blip2-opt-config] text_config.hidden_size
    layers=32,  # blip-2:opt-2.7b/language_model.layers [@blip2-opt-config] text_config.num_hidden_layers
    heads=32,  # blip-2:opt-2.7b/language_model.heads [@blip2-opt-config] text_config.num_attention_heads
    mlp_dim=10_240,  # blip-2:opt-2.7b/language_model.mlp_dim [@blip2-opt-config] text_config.ffn_dim
    activation="relu",  # blip-2/language_model.activation [@transformers]
    norm_eps=1e-05,  # blip-2/language_model.norm_eps [@transformers] opt/modeling_opt.py
    tied=True,  # blip-2/language_model.tied [@transformers] opt/configuration_opt.py tie_word_embeddings
    bos_token=2,  # blip-2/language_model.bos_token [@transformers] opt/configuration_opt.py bos_token_id
    eos_token=50_118,  # blip-2/language_model.eos_token [@blip2-opt-config] text_config.eos_token_id
    pad_token=1,  # blip-2/language_model.pad_token [@transformers] opt/configuration_opt.py pad_token_id
    model_type="opt",  # blip-2/language_model.model_type [@blip2-opt-config] text_config.model_type
)
_PREPROCESSING = FixedImagesConfig(
    resize="exact",  # blip-2/preprocessing.resize [@transformers] blip/image_processing_blip.py
    resample="bicubic",  # blip-2/preprocessing.resample [@transformers] blip/image_processing_blip.py
    rescale=0.00392156862745098,  # blip-2/preprocessing.rescale [@transformers] image_processing_utils.py
    mean=(0.48145466, 0.4578275, 0.40821073),  # blip-2/preprocessing.mean [@transformers]
    std=(0.26862954, 0.26130258, 0.27577711),  # blip-2/preprocessing.std [@transformers]
)
_PROMPT = PromptConfig(
    template="{image}Question: {prompt} Answer:",  # blip-2/prompt.template [@li2023blip2]; [@transformers]
    image="<image>",  # blip-2/prompt.image [@transformers] blip_2/processing_blip_2.py
    placeholder="<image>",  # blip-2/prompt.placeholder [@transformers] blip_2/processing_blip_2.py
    images_first=True,  # blip-2/prompt.images_first [@transformers] blip_2/processing_blip_2.py
)
_TRAINING = FirstStageConfig(
    joint_dim=256,  # blip-2/training.joint_dim [@blip2-itm-config] image_text_hidden_size
    temperature_init=0.07,  # blip-2/training.temperature_init [@lavis]
)

PRESETS: dict[str, Config] = {
    "opt-2.7b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=_LANGUAGE_MODEL,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
        training=_TRAINING,
    ),
    "opt-6.7b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            dim=4096,  # blip-2:opt-6.7b/language_model.dim [@li2023blip2] Table 2
            mlp_dim=16_384,  # blip-2:opt-6.7b/language_model.mlp_dim assumed
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
        training=_TRAINING,
    ),
    # opt-2.7b at sizes for tests; not a published system
    "tiny": Config(
        encoder=replace(_ENCODER, image_size=12, patch_size=4, dim=48, layers=4, heads=3, mlp_dim=37),
        alignment=replace(
            _ALIGNMENT, num_queries=5, dim=48, layers=4, heads=3, mlp_dim=37, text_vocab_size=128, text_context=32
        ),
        fusion=replace(_FUSION, image_token=127),
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL, vocab_size=128, context=256, dim=48, layers=4, heads=3, mlp_dim=37, eos_token=126
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
        training=replace(_TRAINING, joint_dim=21),
    ),
}
