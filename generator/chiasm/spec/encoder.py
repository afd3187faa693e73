"""Kinds of the encoder slots: pixels or text in, features out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chiasm.spec.kind import Activation, Count, Kind, Pixels, Positive, Ratio


class ViT(Kind):
    """A vision transformer at a fixed resolution (CLIP, SigLIP, EVA)."""

    slot, name, anchor = "encoder", "vit", "encoders#vision-transformer"
    component, cls, config = "vit", "VisionTransformer", "ViTConfig"
    facts = frozenset({"tokens", "model_type"})
    gates = {"class_token": "class_token", "pre_norm": "pre_norm", "attention_pooling": "attention_pooling"}
    inputs = ("pixel_values",)

    image_size: Pixels = Field(description="side of the square input", json_schema_extra={"unit": "px"})
    patch_size: Pixels = Field(description="side of a patch", json_schema_extra={"unit": "px"})
    channels: Positive = Field(default=3, description="colour channels")
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLP")
    activation: Activation = Field(description="activation of the MLP")
    norm_eps: Ratio = Field(description="epsilon of every LayerNorm")
    class_token: bool = Field(description="a learned class token comes first")
    patch_bias: bool = Field(description="the patch embedding has a bias")
    pre_norm: bool = Field(description="a LayerNorm before the first block")
    attention_pooling: bool = Field(
        default=False, description="a learned probe pools the tokens by attention (MAP head)"
    )
    feature_layer: int = Field(
        description="the block whose output is read: -1 the last, -2 the last but one", ge=-200, le=200
    )
    features: Literal["pooled", "tokens", "patches"] = Field(
        description="what is read: the pooled vector, all tokens, or the tokens without the class token"
    )
    feature_norm: bool = Field(description="the final LayerNorm is applied to the tokens that are read")
    tokens: Count = Field(description="tokens of one image, class token included")
    model_type: str = Field(description="what released configurations call it")


class NativeViT(Kind):
    """A vision transformer at native resolution: interpolated positions and 2-D rotary embedding, packed images."""

    slot, name, anchor = "encoder", "native_vit", "encoders#native-resolution-vision-transformer"
    component, cls, config = "native_vit", "NativeVisionTransformer", "NativeViTConfig"
    facts = frozenset({"model_type"})
    gates = {"packing": "layers", "rotary": "layers", "native": "layers"}
    inputs = ("pixel_values", "image_grid_thw")

    patch_size: Pixels = Field(description="side of a patch", json_schema_extra={"unit": "px"})
    temporal_patch_size: Positive = Field(description="frames a patch spans; an image is repeated to fill it")
    channels: Positive = Field(default=3, description="colour channels")
    merge_size: Positive = Field(
        description="patches a side that the alignment merges; patches are ordered by these blocks"
    )
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLP")
    activation: Activation = Field(description="activation of the MLP")
    norm_eps: Ratio = Field(description="epsilon of every LayerNorm")
    positions: Positive = Field(description="rows of the learned position table, a square")
    rope_theta: Ratio = Field(description="base of the 2-D rotary embedding")
    taps: tuple[Count, ...] = Field(description="blocks whose outputs are also read (DeepStack)")
    model_type: str = Field(description="what released configurations call it")


class TextTransformer(Kind):
    """A text tower of a contrastive pair (CLIP: causal, pooled at the end-of-text token)."""

    slot, name, anchor = "text_encoder", "text_transformer", "encoders#text-transformer"
    component, cls, config = "text_transformer", "TextTransformer", "TextTransformerConfig"
    facts = frozenset({"model_type", "head"})
    inputs = ("input_ids", "attention_mask")

    vocab_size: Positive = Field(description="rows of the token table")
    context: Positive = Field(description="positions", json_schema_extra={"unit": "tokens"})
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLP")
    activation: Activation = Field(description="activation of the MLP")
    norm_eps: Ratio = Field(description="epsilon of every LayerNorm")
    causal: bool = Field(description="a token sees only what precedes it")
    pooling: Literal["end_of_text", "last"] = Field(description="the position whose output stands for the text")
    head: bool = Field(default=False, description="a linear layer follows what is pooled (SigLIP)")
    eos_token: Count = Field(description="id of the end-of-text token; 2 means: the largest id of the row")
    model_type: str = Field(description="what released configurations call it")
