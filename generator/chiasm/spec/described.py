"""Kinds without a component: their facts are typed, checked and shown, and no package is written for them.

Fields that sources do not publish are optional; a table leaves them out rather than guessing.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from chiasm.spec.kind import Activation, Count, Kind, Pixels, Positive, Ratio


class Described(Kind):
    """Base of kinds that are described only."""

    generated: ClassVar[bool] = False


class NFNet(Described):
    """A normalizer-free convolutional network whose grid of features is flattened (Flamingo)."""

    slot, name, anchor = "encoder", "nfnet", "encoders#nfnet"

    variant: str = Field(description="which network of the family (F6)")
    image_size: Pixels | None = Field(
        default=None, description="side of the square input", json_schema_extra={"unit": "px"}
    )
    parameters: Positive | None = Field(default=None, description="published parameter count")
    frozen: bool | None = Field(default=None, description="its weights never change in the system")
    temporal_embeddings: bool | None = Field(default=None, description="learned embeddings of time are added to frames")
    frames: Positive | None = Field(default=None, description="frames of a video seen in training")
    frame_rate: Ratio | None = Field(default=None, description="frames a second in training")


class AspectViT(Described):
    """A vision transformer that keeps an image's aspect ratio: variable grids on learned positions (NaViT)."""

    slot, name, anchor = "encoder", "aspect_vit", "encoders#aspect-preserving-vision-transformer"

    patch_size: Pixels = Field(description="side of a patch", json_schema_extra={"unit": "px"})
    channels: Positive = Field(default=3, description="colour channels")
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLP")
    activation: Activation = Field(description="activation of the MLP")
    norm_eps: Ratio | None = Field(default=None, description="epsilon of every LayerNorm")
    positions: Positive = Field(description="rows of the learned position table")
    position_lookup: Literal["fractional buckets", "bicubic", "bilinear"] = Field(
        description="how a grid reads the table"
    )
    rope_theta: Ratio | None = Field(default=None, description="base of a 2-D rotary embedding, where there is one")
    merge_size: Positive = Field(default=1, description="patches a side that the alignment merges")
    min_side: Pixels | None = Field(default=None, description="shortest edge", json_schema_extra={"unit": "px"})
    max_side: Pixels | None = Field(default=None, description="longest edge", json_schema_extra={"unit": "px"})
    feature_layer: int | None = Field(default=None, description="the block whose output is read", ge=-200, le=200)
    feature_norm: bool | None = Field(default=None, description="the final LayerNorm is applied to what is read")
    class_token: bool | None = Field(default=None, description="a class token stands before the patches")
    patch_bias: bool | None = Field(default=None, description="the patch embedding has a bias")
    pre_norm: bool | None = Field(default=None, description="a LayerNorm stands before the first block")


class HybridEncoder(Described):
    """A high-resolution and a low-resolution tower whose features are joined on channels (DeepSeek-VL)."""

    slot, name, anchor = "encoder", "hybrid", "encoders#hybrid-encoder"

    high_image_size: Pixels = Field(description="side of the high-resolution input", json_schema_extra={"unit": "px"})
    high_patch_size: Pixels = Field(description="its patch", json_schema_extra={"unit": "px"})
    high_dim: Positive = Field(description="its width")
    high_layers: Positive = Field(description="its blocks")
    high_heads: Positive = Field(description="its heads")
    high_mlp_dim: Positive | None = Field(default=None, description="hidden width of its MLPs")
    window: Positive | None = Field(default=None, description="side of its attention windows, in patches")
    global_blocks: tuple[Count, ...] = Field(default=(), description="its blocks that attend globally")
    neck_dim: Positive | None = Field(default=None, description="channels of its two necks")
    downsamples: tuple[Count, ...] = Field(default=(), description="channels after each halving convolution")
    channels: Positive = Field(default=3, description="colour channels of both towers")
    low_image_size: Pixels = Field(description="side of the low-resolution input", json_schema_extra={"unit": "px"})
    low_patch_size: Pixels = Field(description="its patch", json_schema_extra={"unit": "px"})
    low_dim: Positive = Field(description="its width")
    low_layers: Positive = Field(description="its blocks")
    low_heads: Positive = Field(description="its heads")
    low_mlp_dim: Positive | None = Field(default=None, description="hidden width of its MLPs")
    low_attention_pooling: bool | None = Field(default=None, description="it has an attention pooling, read or not")
    tokens: Count = Field(description="positions of the joined grid")
    dim: Positive = Field(description="channels of the joined features")


class RawPatches(Described):
    """No encoder: flattened pixels of a patch go straight to the alignment (Fuyu)."""

    slot, name, anchor = "encoder", "raw_patches", "encoders#raw-patches"

    patch_size: Pixels = Field(description="side of a patch", json_schema_extra={"unit": "px"})
    channels: Positive = Field(default=3, description="colour channels")
    dim: Positive = Field(description="numbers in a flattened patch")


class PatchEmbedding(Described):
    """No encoder of its own: an image becomes patch embeddings that the shared backbone reads (BEiT-3)."""

    slot, name, anchor = "encoder", "patch_embedding", "encoders#patch-embedding"

    image_size: Pixels = Field(description="side of the square input", json_schema_extra={"unit": "px"})
    patch_size: Pixels = Field(description="side of a patch", json_schema_extra={"unit": "px"})
    channels: Positive = Field(default=3, description="colour channels")
    dim: Positive = Field(description="width of an embedding")
    tokens: Count = Field(description="tokens of one image, class token included")
    positions: Positive | None = Field(default=None, description="rows of the learned position table")
    mask_token: bool | None = Field(default=None, description="a learned vector stands for a masked patch")


class PerceiverResampler(Described):
    """Learned latents that read the features by cross-attention, in several layers (Flamingo, Idefics)."""

    slot, name, anchor = "alignment", "perceiver_resampler", "alignment#perceiver-resampler"

    num_queries: Positive = Field(description="learned latents: the tokens an image becomes")
    dim: Positive | None = Field(default=None, description="width")
    layers: Positive | None = Field(default=None, description="layers")
    heads: Positive | None = Field(default=None, description="attention heads")
    kv_heads: Positive | None = Field(default=None, description="key/value heads, where they are grouped")
    head_dim: Positive | None = Field(default=None, description="width of a head")
    mlp_dim: Positive | None = Field(default=None, description="hidden width of the MLPs")
    activation: Activation | None = Field(default=None, description="activation of the MLPs")
    gated: bool | None = Field(default=None, description="the MLPs are gated")
    norm: Literal["layer", "rms"] | None = Field(default=None, description="LayerNorm or RMSNorm")
    qk_norm: bool | None = Field(default=None, description="queries and keys are normalised")
    projection_dim: Positive | None = Field(default=None, description="hidden width of an MLP before the resampler")
    latents_in_keys: bool | None = Field(default=None, description="keys and values are features and latents")


class SpatialResampler(Described):
    """Queries tied to places of the image: each reads its own region of the grid (LLaVA-UHD's released code)."""

    slot, name, anchor = "alignment", "spatial_resampler", "alignment#spatial-resampler"

    num_queries: Positive = Field(description="queries a slice")
    dim: Positive | None = Field(default=None, description="width")
    heads: Positive | None = Field(default=None, description="attention heads")
    layers: Positive = Field(default=1, description="cross-attention layers")
    region_constrained: bool = Field(description="a query attends only to its own region")


class VisualEmbeddingTable(Described):
    """Features become a distribution over a visual vocabulary, and the expected row of its table (Ovis)."""

    slot, name, anchor = "alignment", "visual_embedding_table", "alignment#visual-embedding-table"

    vocab_size: Positive = Field(description="rows of the table, indicators included")
    indicators: Count = Field(description="rows that mark where an image begins and ends")
    logits: Positive = Field(description="outputs of the head")
    in_dim: Positive = Field(description="width of the merged features that the head reads")
    dim: Positive = Field(description="width of a row")


class HybridProjector(Described):
    """One projection a tower, concatenated on channels, then an MLP (DeepSeek-VL)."""

    slot, name, anchor = "alignment", "hybrid_projector", "alignment#hybrid-projector"

    in_dim: Positive = Field(description="channels a tower")
    branch_dim: Positive = Field(description="width a tower is projected to")
    dim: Positive = Field(description="width after the second layer")
    activation: Activation = Field(description="between the layers")
    bias: bool | None = Field(default=None, description="the layers have biases")


class NoAlignment(Described):
    """Nothing stands between: images and text share one width from the start."""

    slot, name, anchor = "alignment", "none", "alignment#none"


class GatedCrossAttention(Described):
    """New layers between frozen ones: text reads visual tokens by cross-attention behind a tanh gate (Flamingo)."""

    slot, name, anchor = "fusion", "gated_cross_attention", "fusion#gated-cross-attention"

    every: Positive = Field(description="a new layer every so many language-model layers")
    layers: Positive | None = Field(default=None, description="new layers in all")
    dim: Positive | None = Field(default=None, description="width of the queries")
    heads: Positive | None = Field(default=None, description="attention heads")
    head_dim: Positive | None = Field(default=None, description="width of a head")
    mlp_dim: Positive | None = Field(default=None, description="hidden width of the new MLPs")
    activation: Activation | None = Field(default=None, description="activation of the new MLPs")
    gated: bool | None = Field(default=None, description="the new MLPs are gated")
    norm: Literal["layer", "rms"] | None = Field(default=None, description="LayerNorm or RMSNorm")
    gate_init: float | None = Field(default=None, description="initial value under the tanh", ge=-10, le=10)
    last_image_only: bool | None = Field(default=None, description="a token reads only the image before it")
    qk_norm: bool | None = Field(default=None, description="queries and keys are normalised")


class ModalityExperts(Described):
    """Shared sequence, own weights: each modality has its own feed-forward (or projections) in every layer."""

    slot, name, anchor = "fusion", "modality_experts", "fusion#modality-experts"

    experts: Positive = Field(description="experts a layer")
    attention_experts: bool = Field(description="attention projections are duplicated too")
    layers: Positive | None = Field(default=None, description="layers with experts")


class RelevanceFusion(Described):
    """Visual tokens are allocated by their relevance to the question, patch by patch (ARR-COC-0-1)."""

    slot, name, anchor = "fusion", "relevance", "fusion#relevance-driven-tokenization"

    scorers: tuple[str, ...] = Field(description="ways of knowing that score relevance")
    tensions: tuple[str, ...] = Field(description="opposed pairs that the scores are balanced over")
    learned: bool | None = Field(default=None, description="relevance is learned rather than computed")


KINDS: tuple[type[Kind], ...] = (
    NFNet,
    AspectViT,
    HybridEncoder,
    RawPatches,
    PatchEmbedding,
    PerceiverResampler,
    SpatialResampler,
    VisualEmbeddingTable,
    HybridProjector,
    NoAlignment,
    GatedCrossAttention,
    ModalityExperts,
    RelevanceFusion,
)
