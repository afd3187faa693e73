"""Configuration of CLIP: one frozen dataclass a slot, and every published variant, value by value.

A comment names a claim of knowledge/models/clip.md (or of the page it was taken from) and its citation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .reference import read, write
from .released import RELEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class ViTConfig:
    """A vision transformer at a fixed resolution (CLIP, SigLIP, EVA)."""

    image_size: int  # clip/encoder.image_size
    """Side of the square input, px."""

    patch_size: int  # clip/encoder.patch_size
    """Side of a patch, px."""

    channels: int = 3  # clip/encoder.channels
    """Colour channels."""

    dim: int  # clip/encoder.dim
    """Width."""

    layers: int  # clip/encoder.layers
    """Blocks."""

    heads: int  # clip/encoder.heads
    """Attention heads."""

    mlp_dim: int  # clip/encoder.mlp_dim
    """Hidden width of the MLP."""

    activation: Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]  # clip/encoder.activation
    """Activation of the MLP."""

    norm_eps: float  # clip/encoder.norm_eps
    """Epsilon of every LayerNorm."""

    class_token: bool  # clip/encoder.class_token
    """A learned class token comes first."""

    patch_bias: bool  # clip/encoder.patch_bias
    """The patch embedding has a bias."""

    pre_norm: bool  # clip/encoder.pre_norm
    """A LayerNorm before the first block."""

    attention_pooling: bool = False  # clip/encoder.attention_pooling
    """A learned probe pools the tokens by attention (MAP head)."""

    feature_layer: int  # clip/encoder.feature_layer
    """The block whose output is read: -1 the last, -2 the last but one."""

    features: Literal["pooled", "tokens", "patches"]  # clip/encoder.features
    """What is read: the pooled vector, all tokens, or the tokens without the class token."""

    feature_norm: bool  # clip/encoder.feature_norm
    """The final LayerNorm is applied to the tokens that are read."""

    model_type: str  # clip/encoder.model_type
    """What released configurations call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTransformerConfig:
    """A text tower of a contrastive pair (CLIP: causal, pooled at the end-of-text token)."""

    vocab_size: int  # clip/text_encoder.vocab_size
    """Rows of the token table."""

    context: int  # clip/text_encoder.context
    """Positions, tokens."""

    dim: int  # clip/text_encoder.dim
    """Width."""

    layers: int  # clip/text_encoder.layers
    """Blocks."""

    heads: int  # clip/text_encoder.heads
    """Attention heads."""

    mlp_dim: int  # clip/text_encoder.mlp_dim
    """Hidden width of the MLP."""

    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # clip/text_encoder.activation
    """Activation of the MLP."""

    norm_eps: float  # clip/text_encoder.norm_eps
    """Epsilon of every LayerNorm."""

    causal: bool  # clip/text_encoder.causal
    """A token sees only what precedes it."""

    pooling: Literal["end_of_text", "last"]  # clip/text_encoder.pooling
    """The position whose output stands for the text."""

    eos_token: int  # clip/text_encoder.eos_token
    """Id of the end-of-text token; 2 means: the largest id of the row."""

    model_type: str  # clip/text_encoder.model_type
    """What released configurations call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointProjectionConfig:
    """Both towers' pooled vectors projected into one space, without bias."""

    dim: int  # clip/alignment.dim
    """Width of the joint space."""

    model_type: str  # clip/alignment.model_type
    """What released configurations call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastiveConfig:
    """Two pooled embeddings compared by cosine: no token of one tower ever meets a token of the other."""

    loss: Literal["softmax", "sigmoid"]  # clip/fusion.loss
    """Softmax over the batch (CLIP) or a sigmoid a pair (SigLIP)."""

    logit_scale_init: float  # clip/fusion.logit_scale_init
    """Initial log of the logit scale."""

    logit_bias: bool = False  # clip/fusion.logit_bias
    """A learned bias is added to the logits."""

    model_type: str  # clip/fusion.model_type
    """What released configurations call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoBudgetConfig:
    """Nothing is handed to a language model: the budget is the encoder's own sequence (contrastive towers)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedImagesConfig:
    """Resize (and crop) to one square, rescale to 0…1, normalise."""

    resize: Literal["shortest_edge", "exact", "pad"]  # clip/preprocessing.resize
    """Shortest edge to the size and centre crop, both sides to the size, or pad to a square first."""

    resample: Literal["bicubic", "bilinear", "lanczos"]  # clip/preprocessing.resample
    """Interpolation."""

    rescale: float  # clip/preprocessing.rescale
    """Factor on 0…255."""

    mean: tuple[float, float, float]  # clip/preprocessing.mean
    """Subtracted, a channel."""

    std: tuple[float, float, float]  # clip/preprocessing.std
    """Divided by, a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPromptConfig:
    """No prompt: texts are encoded as they are (contrastive towers)."""

    pad_to: int = 0  # clip/prompt.pad_to
    """Texts are padded to this length; 0: to the longest."""


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


PRESETS: dict[str, Config] = {
    # vit-b-32
    "vit-b-32": Config(
        encoder=ViTConfig(
            image_size=224,  # clip:vit-b-32/encoder.image_size [@clip-l14-336-config]; [@transformers]
            patch_size=32,  # clip:vit-b-32/encoder.patch_size [@clip-l14-336-config]; [@transformers]
            channels=3,  # clip/encoder.channels [@transformers] clip/configuration_clip.py
            dim=768,  # clip:vit-b-32/encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=12,  # clip:vit-b-32/encoder.layers [@clip-l14-336-config]; [@transformers]
            heads=12,  # clip:vit-b-32/encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=3072,  # clip:vit-b-32/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            activation="quick_gelu",  # clip/encoder.activation [@clip-repo] clip/model.py
            norm_eps=1e-05,  # clip/encoder.norm_eps [@transformers] clip/configuration_clip.py
            class_token=True,  # clip/encoder.class_token [@clip-repo] clip/model.py
            patch_bias=False,  # clip/encoder.patch_bias [@clip-repo] clip/model.py
            pre_norm=True,  # clip/encoder.pre_norm [@clip-repo] clip/model.py
            attention_pooling=False,  # clip/encoder.attention_pooling [@clip-repo] clip/model.py
            feature_layer=-1,  # clip/encoder.feature_layer [@clip-repo] clip/model.py
            features="pooled",  # clip/encoder.features [@clip-repo] clip/model.py
            feature_norm=True,  # clip/encoder.feature_norm [@clip-repo] clip/model.py
            model_type="clip_vision_model",  # clip/encoder.model_type [@transformers] clip/configuration_clip.py
        ),
        text_encoder=TextTransformerConfig(
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
        ),
        alignment=JointProjectionConfig(
            dim=512,  # clip:vit-b-32/alignment.dim [@clip-l14-336-config]; [@transformers]
            model_type="clip",  # clip:vit-b-32/alignment.model_type [@clip-l14-336-config] model_type
        ),
        fusion=ContrastiveConfig(
            loss="softmax",  # clip/fusion.loss [@radford2021clip]
            logit_scale_init=2.6592,  # clip/fusion.logit_scale_init [@clip-l14-336-config] logit_scale_init_value
            logit_bias=False,  # clip/fusion.logit_bias [@clip-repo] clip/model.py
            model_type="clip",  # clip/fusion.model_type [@clip-l14-336-config] model_type
        ),
        budget=NoBudgetConfig(),
        preprocessing=FixedImagesConfig(
            resize="shortest_edge",  # clip/preprocessing.resize [@transformers] clip/image_processing_clip.py
            resample="bicubic",  # clip/preprocessing.resample [@transformers] clip/image_processing_clip.py
            rescale=0.00392156862745098,  # clip/preprocessing.rescale [@transformers] image_processing_utils.py
            mean=(0.48145466, 0.4578275, 0.40821073),  # clip/preprocessing.mean [@transformers]
            std=(0.26862954, 0.26130258, 0.27577711),  # clip/preprocessing.std [@transformers]
        ),
        prompt=PlainPromptConfig(
            pad_to=0,  # clip/prompt.pad_to [@transformers] clip/processing_clip.py
        ),
    ),
    # vit-l-14
    "vit-l-14": Config(
        encoder=ViTConfig(
            image_size=224,  # clip:vit-l-14/encoder.image_size [@clip-l14-336-config]; [@transformers]
            patch_size=14,  # clip:vit-l-14/encoder.patch_size [@clip-l14-336-config]; [@transformers]
            channels=3,  # clip/encoder.channels [@transformers] clip/configuration_clip.py
            dim=1024,  # clip:vit-l-14/encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=24,  # clip:vit-l-14/encoder.layers [@clip-l14-336-config]; [@transformers]
            heads=16,  # clip:vit-l-14/encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=4096,  # clip:vit-l-14/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            activation="quick_gelu",  # clip/encoder.activation [@clip-repo] clip/model.py
            norm_eps=1e-05,  # clip/encoder.norm_eps [@transformers] clip/configuration_clip.py
            class_token=True,  # clip/encoder.class_token [@clip-repo] clip/model.py
            patch_bias=False,  # clip/encoder.patch_bias [@clip-repo] clip/model.py
            pre_norm=True,  # clip/encoder.pre_norm [@clip-repo] clip/model.py
            attention_pooling=False,  # clip/encoder.attention_pooling [@clip-repo] clip/model.py
            feature_layer=-1,  # clip/encoder.feature_layer [@clip-repo] clip/model.py
            features="pooled",  # clip/encoder.features [@clip-repo] clip/model.py
            feature_norm=True,  # clip/encoder.feature_norm [@clip-repo] clip/model.py
            model_type="clip_vision_model",  # clip/encoder.model_type [@transformers] clip/configuration_clip.py
        ),
        text_encoder=TextTransformerConfig(
            vocab_size=49_408,  # clip/text_encoder.vocab_size [@transformers] clip/configuration_clip.py
            context=77,  # clip/text_encoder.context [@clip-l14-config] text_config.max_position_embeddings
            dim=768,  # clip:vit-l-14/text_encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=12,  # clip/text_encoder.layers [@clip-l14-config] text_config.num_hidden_layers
            heads=12,  # clip:vit-l-14/text_encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=3072,  # clip:vit-l-14/text_encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            activation="quick_gelu",  # clip/text_encoder.activation [@clip-l14-config] text_config.hidden_act
            norm_eps=1e-05,  # clip/text_encoder.norm_eps [@clip-l14-config] text_config.layer_norm_eps
            causal=True,  # clip/text_encoder.causal [@clip-repo] clip/model.py
            pooling="end_of_text",  # clip/text_encoder.pooling [@clip-repo] clip/model.py
            eos_token=2,  # clip:vit-l-14/text_encoder.eos_token [@clip-l14-config]; [@transformers]
            model_type="clip_text_model",  # clip/text_encoder.model_type [@transformers] clip/configuration_clip.py
        ),
        alignment=JointProjectionConfig(
            dim=768,  # clip:vit-l-14/alignment.dim [@clip-l14-336-config]; [@transformers]
            model_type="clip",  # clip:vit-l-14/alignment.model_type [@clip-l14-336-config] model_type
        ),
        fusion=ContrastiveConfig(
            loss="softmax",  # clip/fusion.loss [@radford2021clip]
            logit_scale_init=2.6592,  # clip/fusion.logit_scale_init [@clip-l14-336-config] logit_scale_init_value
            logit_bias=False,  # clip/fusion.logit_bias [@clip-repo] clip/model.py
            model_type="clip",  # clip/fusion.model_type [@clip-l14-336-config] model_type
        ),
        budget=NoBudgetConfig(),
        preprocessing=FixedImagesConfig(
            resize="shortest_edge",  # clip/preprocessing.resize [@transformers] clip/image_processing_clip.py
            resample="bicubic",  # clip/preprocessing.resample [@transformers] clip/image_processing_clip.py
            rescale=0.00392156862745098,  # clip/preprocessing.rescale [@transformers] image_processing_utils.py
            mean=(0.48145466, 0.4578275, 0.40821073),  # clip/preprocessing.mean [@transformers]
            std=(0.26862954, 0.26130258, 0.27577711),  # clip/preprocessing.std [@transformers]
        ),
        prompt=PlainPromptConfig(
            pad_to=0,  # clip/prompt.pad_to [@transformers] clip/processing_clip.py
        ),
    ),
    # vit-l-14-336
    "vit-l-14-336": Config(
        encoder=ViTConfig(
            image_size=336,  # clip:vit-l-14-336/encoder.image_size [@clip-l14-336-config]; [@transformers]
            patch_size=14,  # clip:vit-l-14-336/encoder.patch_size [@clip-l14-336-config]; [@transformers]
            channels=3,  # clip/encoder.channels [@transformers] clip/configuration_clip.py
            dim=1024,  # clip:vit-l-14-336/encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=24,  # clip:vit-l-14-336/encoder.layers [@clip-l14-336-config]; [@transformers]
            heads=16,  # clip:vit-l-14-336/encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=4096,  # clip:vit-l-14-336/encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            activation="quick_gelu",  # clip/encoder.activation [@clip-repo] clip/model.py
            norm_eps=1e-05,  # clip/encoder.norm_eps [@transformers] clip/configuration_clip.py
            class_token=True,  # clip/encoder.class_token [@clip-repo] clip/model.py
            patch_bias=False,  # clip/encoder.patch_bias [@clip-repo] clip/model.py
            pre_norm=True,  # clip/encoder.pre_norm [@clip-repo] clip/model.py
            attention_pooling=False,  # clip/encoder.attention_pooling [@clip-repo] clip/model.py
            feature_layer=-1,  # clip/encoder.feature_layer [@clip-repo] clip/model.py
            features="pooled",  # clip/encoder.features [@clip-repo] clip/model.py
            feature_norm=True,  # clip/encoder.feature_norm [@clip-repo] clip/model.py
            model_type="clip_vision_model",  # clip/encoder.model_type [@transformers] clip/configuration_clip.py
        ),
        text_encoder=TextTransformerConfig(
            vocab_size=49_408,  # clip/text_encoder.vocab_size [@transformers] clip/configuration_clip.py
            context=77,  # clip/text_encoder.context [@clip-l14-config] text_config.max_position_embeddings
            dim=768,  # clip:vit-l-14-336/text_encoder.dim [@clip-l14-336-config]; [@transformers]
            layers=12,  # clip/text_encoder.layers [@clip-l14-config] text_config.num_hidden_layers
            heads=12,  # clip:vit-l-14-336/text_encoder.heads [@clip-l14-336-config]; [@transformers]
            mlp_dim=3072,  # clip:vit-l-14-336/text_encoder.mlp_dim [@clip-l14-336-config]; [@transformers]
            activation="quick_gelu",  # clip/text_encoder.activation [@clip-l14-config] text_config.hidden_act
            norm_eps=1e-05,  # clip/text_encoder.norm_eps [@clip-l14-config] text_config.layer_norm_eps
            causal=True,  # clip/text_encoder.causal [@clip-repo] clip/model.py
            pooling="end_of_text",  # clip/text_encoder.pooling [@clip-repo] clip/model.py
            eos_token=49_407,  # clip:vit-l-14-336/text_encoder.eos_token [@clip-l14-config]; [@transformers]
            model_type="clip_text_model",  # clip/text_encoder.model_type [@transformers] clip/configuration_clip.py
        ),
        alignment=JointProjectionConfig(
            dim=768,  # clip:vit-l-14-336/alignment.dim [@clip-l14-336-config]; [@transformers]
            model_type="clip",  # clip:vit-l-14-336/alignment.model_type [@clip-l14-336-config] model_type
        ),
        fusion=ContrastiveConfig(
            loss="softmax",  # clip/fusion.loss [@radford2021clip]
            logit_scale_init=2.6592,  # clip/fusion.logit_scale_init [@clip-l14-336-config] logit_scale_init_value
            logit_bias=False,  # clip/fusion.logit_bias [@clip-repo] clip/model.py
            model_type="clip",  # clip/fusion.model_type [@clip-l14-336-config] model_type
        ),
        budget=NoBudgetConfig(),
        preprocessing=FixedImagesConfig(
            resize="shortest_edge",  # clip/preprocessing.resize [@transformers] clip/image_processing_clip.py
            resample="bicubic",  # clip/preprocessing.resample [@transformers] clip/image_processing_clip.py
            rescale=0.00392156862745098,  # clip/preprocessing.rescale [@transformers] image_processing_utils.py
            mean=(0.48145466, 0.4578275, 0.40821073),  # clip/preprocessing.mean [@transformers]
            std=(0.26862954, 0.26130258, 0.27577711),  # clip/preprocessing.std [@transformers]
        ),
        prompt=PlainPromptConfig(
            pad_to=0,  # clip/prompt.pad_to [@transformers] clip/processing_clip.py
        ),
    ),
    # vit-b-32 at sizes for tests; not a published system
    "tiny": Config(
        encoder=ViTConfig(
            image_size=12,
            patch_size=4,
            dim=48,
            layers=4,
            heads=3,
            mlp_dim=37,
            activation="quick_gelu",
            norm_eps=1e-05,
            class_token=True,
            patch_bias=False,
            pre_norm=True,
            feature_layer=-1,
            features="pooled",
            feature_norm=True,
            model_type="clip_vision_model",
        ),
        text_encoder=TextTransformerConfig(
            vocab_size=128,
            context=77,
            dim=48,
            layers=4,
            heads=3,
            mlp_dim=37,
            activation="quick_gelu",
            norm_eps=1e-05,
            causal=True,
            pooling="end_of_text",
            eos_token=127,
            model_type="clip_text_model",
        ),
        alignment=JointProjectionConfig(
            dim=23,
            model_type="clip",
        ),
        fusion=ContrastiveConfig(
            loss="softmax",
            logit_scale_init=2.6592,
            model_type="clip",
        ),
        budget=NoBudgetConfig(),
        preprocessing=FixedImagesConfig(
            resize="shortest_edge",
            resample="bicubic",
            rescale=0.00392156862745098,
            mean=(0.48145466, 0.4578275, 0.40821073),
            std=(0.26862954, 0.26130258, 0.27577711),
        ),
        prompt=PlainPromptConfig(),
    ),
}
