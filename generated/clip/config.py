"""Configuration of CLIP: one frozen dataclass a slot, and every published variant, value by value.

A comment names a claim of knowledge/models/clip.md (or of the page it was taken from) and its citation.
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

    image_size: int  # clip/encoder.image_size: side of the square input, px
    patch_size: int  # clip/encoder.patch_size: side of a patch, px
    channels: int = 3  # clip/encoder.channels: colour channels
    dim: int  # clip/encoder.dim: width
    layers: int  # clip/encoder.layers: blocks
    heads: int  # clip/encoder.heads: attention heads
    mlp_dim: int  # clip/encoder.mlp_dim: hidden width of the MLP
    # activation of the MLP
    activation: Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]  # clip/encoder.activation
    norm_eps: float  # clip/encoder.norm_eps: epsilon of every LayerNorm
    class_token: bool  # clip/encoder.class_token: a learned class token comes first
    patch_bias: bool  # clip/encoder.patch_bias: the patch embedding has a bias
    pre_norm: bool  # clip/encoder.pre_norm: a LayerNorm before the first block
    # a learned probe pools the tokens by attention (MAP head)
    attention_pooling: bool = False  # clip/encoder.attention_pooling
    feature_layer: int  # clip/encoder.feature_layer: the block whose output is read: -1 the last, -2 the last but one
    # what is read: the pooled vector, all tokens, or the tokens without the class token
    features: Literal["pooled", "tokens", "patches"]  # clip/encoder.features
    feature_norm: bool  # clip/encoder.feature_norm: the final LayerNorm is applied to the tokens that are read
    model_type: str  # clip/encoder.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTransformerConfig:
    """A text tower of a contrastive pair (CLIP: causal, pooled at the end-of-text token)."""

    vocab_size: int  # clip/text_encoder.vocab_size: rows of the token table
    context: int  # clip/text_encoder.context: positions, tokens
    dim: int  # clip/text_encoder.dim: width
    layers: int  # clip/text_encoder.layers: blocks
    heads: int  # clip/text_encoder.heads: attention heads
    mlp_dim: int  # clip/text_encoder.mlp_dim: hidden width of the MLP
    # activation of the MLP
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # clip/text_encoder.activation
    norm_eps: float  # clip/text_encoder.norm_eps: epsilon of every LayerNorm
    causal: bool  # clip/text_encoder.causal: a token sees only what precedes it
    pooling: Literal["end_of_text", "last"]  # clip/text_encoder.pooling: the position whose output stands for the text
    eos_token: int  # clip/text_encoder.eos_token: id of the end-of-text token; 2 means: the largest id of the row
    model_type: str  # clip/text_encoder.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class JointProjectionConfig:
    """Both towers' pooled vectors projected into one space, without bias."""

    dim: int  # clip/alignment.dim: width of the joint space
    model_type: str  # clip/alignment.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastiveConfig:
    """Two pooled embeddings compared by cosine: no token of one tower ever meets a token of the other."""

    loss: Literal["softmax", "sigmoid"]  # clip/fusion.loss: softmax over the batch (CLIP) or a sigmoid a pair (SigLIP)
    logit_scale_init: float  # clip/fusion.logit_scale_init: initial log of the logit scale
    logit_bias: bool = False  # clip/fusion.logit_bias: a learned bias is added to the logits
    model_type: str  # clip/fusion.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBudgetConfig:
    """Nothing is handed to a language model: the budget is the encoder's own sequence (contrastive towers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImagesConfig:
    """Resize (and crop) to one square, rescale to 0…1, normalise."""

    # shortest edge to the size and centre crop, both sides to the size, or pad to a square first
    resize: Literal["shortest_edge", "exact", "pad"]  # clip/preprocessing.resize
    resample: Literal["bicubic", "bilinear", "lanczos"]  # clip/preprocessing.resample: interpolation
    rescale: float  # clip/preprocessing.rescale: factor on 0…255
    mean: tuple[float, float, float]  # clip/preprocessing.mean: subtracted, a channel
    std: tuple[float, float, float]  # clip/preprocessing.std: divided by, a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPromptConfig:
    """No prompt: texts are encoded as they are (contrastive towers)."""

    pad_to: int = 0  # clip/prompt.pad_to: texts are padded to this length; 0: to the longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole model: what `Model` is built from."""

    encoder: ViTConfig
    text_encoder: TextTransformerConfig
    alignment: JointProjectionConfig
    fusion: ContrastiveConfig
    budget: NoBudgetConfig
    preprocessing: FixedImagesConfig
    prompt: PlainPromptConfig

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
    image_size=224,  # clip:vit-b-32/encoder.image_size [@clip-l14-336-config]; [@transformers]
    patch_size=32,  # clip:vit-b-32/encoder.patch_size [@clip-l14-336-config]; [@transformers]
    dim=768,  # clip:vit-b-32/encoder.dim [@clip-l14-336-config]; [@transformers]
    layers=12,  # clip:vit-b-32/encoder.layers [@clip-l14-336-config]; [@transformers]
    heads=12,  # clip:vit-b-32/encoder.heads [@clip-l14-336-config]; [@transformers]
    mlp_dim=3072,  # clip:vit-b-32/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
    activation="quick_gelu",  # clip/encoder.activation [@clip-repo] clip/model.py
    norm_eps=1e-05,  # clip/encoder.norm_eps [@transformers] clip/configuration_clip.py
    class_token=True,  # clip/encoder.class_token [@clip-repo] clip/model.py
    patch_bias=False,  # clip/encoder.patch_bias [@clip-repo] clip/model.py
    pre_norm=True,  # clip/encoder.pre_norm [@clip-repo] clip/model.py
    feature_layer=-1,  # clip/encoder.feature_layer [@clip-repo] clip/model.py
    features="pooled",  # clip/encoder.features [@clip-repo] clip/model.py
    feature_norm=True,  # clip/encoder.feature_norm [@clip-repo] clip/model.py
    model_type="clip_vision_model",  # clip/encoder.model_type [@transformers] clip/configuration_clip.py
)
_TEXT_ENCODER = TextTransformerConfig(
    vocab_size=49_408,  # clip/text_encoder.vocab_size [@transformers] clip/configuration_clip.py
    context=77,  # clip/text_encoder.context [@clip-l14-config] text_config.max_position_embeddings
    dim=512,  # clip:vit-b-32/text_encoder.dim [@clip-l14-336-config]; [@transformers]
    layers=12,  # clip/text_encoder.layers [@clip-l14-config] text_config.num_hidden_layers
    heads=8,  # clip:vit-b-32/text_encoder.heads [@clip-l14-336-config]; [@transformers]
    mlp_dim=2048,  # clip:vit-b-32/text_encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
    activation="quick_gelu",  # clip/text_encoder.activation [@clip-l14-config] text_config.hidden_act
    norm_eps=1e-05,  # clip/text_encoder.norm_eps [@clip-l14-config] text_config.layer_norm_eps
    causal=True,  # clip/text_encoder.causal [@clip-repo] clip/model.py
    pooling="end_of_text",  # clip/text_encoder.pooling [@clip-repo] clip/model.py
    eos_token=49_407,  # clip:vit-b-32/text_encoder.eos_token [@clip-l14-config]; [@transformers]
    model_type="clip_text_model",  # clip/text_encoder.model_type [@transformers] clip/configuration_clip.py
)
_ALIGNMENT = JointProjectionConfig(
    dim=512,  # clip:vit-b-32/alignment.dim [@clip-l14-336-config]; [@transformers]
    model_type="clip",  # clip:vit-b-32/alignment.model_type [@clip-l14-336-config] model_type
)
_FUSION = ContrastiveConfig(
    loss="softmax",  # clip/fusion.loss [@radford2021clip]
    logit_scale_init=2.6592,  # clip/fusion.logit_scale_init [@clip-l14-336-config] logit_scale_init_value
    model_type="clip",  # clip/fusion.model_type [@clip-l14-336-config] model_type
)
_BUDGET = NoBudgetConfig()
_PREPROCESSING = FixedImagesConfig(
    resize="shortest_edge",  # clip/preprocessing.resize [@transformers] clip/image_processing_clip.py
    resample="bicubic",  # clip/preprocessing.resample [@transformers] clip/image_processing_clip.py
    rescale=0.00392156862745098,  # clip/preprocessing.rescale [@transformers] image_processing_utils.py
    mean=(0.48145466, 0.4578275, 0.40821073),  # clip/preprocessing.mean [@transformers]
    std=(0.26862954, 0.26130258, 0.27577711),  # clip/preprocessing.std [@transformers]
)
_PROMPT = PlainPromptConfig()

PRESETS: dict[str, Config] = {
    "vit-b-32": Config(
        encoder=_ENCODER,
        text_encoder=_TEXT_ENCODER,
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "vit-l-14": Config(
        encoder=replace(
            _ENCODER,
            patch_size=14,  # clip:vit-l-14/encoder.patch_size [@clip-l14-336-config]; [@transformers]
            dim=1024,  # clip:vit-l-14/encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=24,  # clip:vit-l-14/encoder.layers [@clip-l14-336-config]; [@transformers]
            heads=16,  # clip:vit-l-14/encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=4096,  # clip:vit-l-14/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
        ),
        text_encoder=replace(
            _TEXT_ENCODER,
            dim=768,  # clip:vit-l-14/text_encoder.dim [@clip-l14-336-config]; [@transformers]
            heads=12,  # clip:vit-l-14/text_encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=3072,  # clip:vit-l-14/text_encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            eos_token=2,  # clip:vit-l-14/text_encoder.eos_token [@clip-l14-config]; [@transformers]
        ),
        alignment=replace(
            _ALIGNMENT,
            dim=768,  # clip:vit-l-14/alignment.dim [@clip-l14-336-config]; [@transformers]
        ),
        fusion=_FUSION,
        budget=_BUDGET,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "vit-l-14-336": Config(
        encoder=replace(
            _ENCODER,
            image_size=336,  # clip:vit-l-14-336/encoder.image_size [@clip-l14-336-config]; [@transformers]
            patch_size=14,  # clip:vit-l-14-336/encoder.patch_size [@clip-l14-336-config]; [@transformers]
            dim=1024,  # clip:vit-l-14-336/encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=24,  # clip:vit-l-14-336/encoder.layers [@clip-l14-336-config]; [@transformers]
            heads=16,  # clip:vit-l-14-336/encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=4096,  # clip:vit-l-14-336/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
        ),
        text_encoder=replace(
            _TEXT_ENCODER,
            dim=768,  # clip:vit-l-14-336/text_encoder.dim [@clip-l14-336-config]; [@transformers]
            heads=12,  # clip:vit-l-14-336/text_encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=3072,  # clip:vit-l-14-336/text_encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
        ),
        alignment=replace(
            _ALIGNMENT,
            dim=768,  # clip:vit-l-14-336/alignment.dim [@clip-l14-336-config]; [@transformers]
        ),
        fusion=_FUSION,
        budget=_BUDGET,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    # vit-b-32 at sizes for tests; not a published system
    "tiny": Config(
        encoder=replace(_ENCODER, image_size=12, patch_size=4, dim=48, layers=4, heads=3, mlp_dim=37),
        text_encoder=replace(_TEXT_ENCODER, vocab_size=128, dim=48, layers=4, heads=3, mlp_dim=37, eos_token=127),
        alignment=replace(_ALIGNMENT, dim=23),
        fusion=_FUSION,
        budget=_BUDGET,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
}
