"""Kinds of budgets and language models that are described only: their facts are typed, checked, counted and shown."""

from __future__ import annotations

from pydantic import Field

from chiasm.spec.described import Described
from chiasm.spec.kind import Activation, Count, Kind, Pixels, Positive, Ratio


class Tiles(Described):
    """The image is cut into tiles, each encoded at the base size, beside a thumbnail (AnyRes)."""

    slot, name, anchor = "budget", "tiles", "token-budget#tiling"
    facts = frozenset({"image_tokens", "max_image_tokens"})

    tile_tokens: Positive = Field(description="tokens of one tile")
    max_tiles: Positive = Field(description="tiles at most, the whole image not counted")
    thumbnail: bool = Field(description="the whole image is encoded as well")
    row_token: bool | None = Field(default=None, description="a learned token ends each row of features")
    tile_size: Pixels | None = Field(default=None, description="side of a tile", json_schema_extra={"unit": "px"})
    image_tokens: Count | None = Field(default=None, description="tokens of an image in `tiles` tiles")
    max_image_tokens: Count | None = Field(default=None, description="tokens of the largest image")


class Raster(Described):
    """Patches line by line, a newline token after each row (Fuyu)."""

    slot, name, anchor = "budget", "raster", "token-budget#raster"
    facts = frozenset({"image_tokens", "max_image_tokens"})

    max_height: Pixels = Field(description="larger images are shrunk to fit", json_schema_extra={"unit": "px"})
    max_width: Pixels = Field(description="larger images are shrunk to fit", json_schema_extra={"unit": "px"})
    image_tokens: Count | None = Field(description="tokens of an image of `height` × `width` pixels")
    max_image_tokens: Count | None = Field(default=None, description="tokens of the largest image")


class Relevance(Described):
    """Each patch gets a number of tokens by its relevance, between a floor and a ceiling (ARR-COC-0-1)."""

    slot, name, anchor = "budget", "relevance", "token-budget#relevance"
    facts = frozenset({"image_tokens"})

    patches: Positive | None = Field(default=None, description="patches an image")
    min_patch_tokens: Positive = Field(description="tokens of the least relevant patch")
    max_patch_tokens: Positive = Field(description="tokens of the most relevant patch")
    mean_patch_tokens: Positive | None = Field(default=None, description="tokens of a patch on average")
    uniform_patch_tokens: Positive | None = Field(default=None, description="tokens of a patch in a uniform tiling")
    image_tokens: Count | None = Field(default=None, description="tokens of an image")


class Decoder(Described):
    """Base of described decoders: what every one of them states."""

    vocab_size: Positive | None = Field(default=None, description="rows of the token table")
    context: Positive | None = Field(default=None, description="positions", json_schema_extra={"unit": "tokens"})
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="query heads")
    mlp_dim: Positive | None = Field(default=None, description="hidden width of the MLP")
    activation: Activation | None = Field(default=None, description="of the MLP")
    norm_eps: Ratio | None = Field(default=None, description="epsilon of every norm")
    tied: bool | None = Field(default=None, description="the head is the token table")


class Chinchilla(Decoder):
    """DeepMind's decoder under Flamingo."""

    slot, name, anchor = "language_model", "chinchilla", "language-models#chinchilla"

    parameters: Positive | None = Field(default=None, description="published parameter count")


class MPT(Decoder):
    """MosaicML's decoder with ALiBi under OpenFlamingo."""

    slot, name, anchor = "language_model", "mpt", "language-models#mpt"

    parameters: Positive | None = Field(default=None, description="nominal parameter count")


class Persimmon(Decoder):
    """Adept's decoder under Fuyu: squared ReLU, norms on q and k, partial rotary embedding."""

    slot, name, anchor = "language_model", "persimmon", "language-models#persimmon"

    head_dim: Positive = Field(description="width of a head")
    rotary_fraction: Ratio = Field(description="share of a head's channels that are rotated", le=1)
    rope_theta: Ratio = Field(description="base of the rotary embedding")
    qk_norm: bool = Field(description="LayerNorm a head on q and k")


class T5(Decoder):
    """An encoder-decoder with relative position biases (Flan-T5)."""

    slot, name, anchor = "language_model", "t5", "language-models#t5"

    decoder_layers: Positive = Field(description="blocks of the decoder; `layers` counts the encoder's")
    head_dim: Positive = Field(description="width of a head")
    position_buckets: Positive | None = Field(default=None, description="buckets of distance, a bias a head for each")
    gated: bool | None = Field(default=None, description="the MLPs are gated")


class Multiway(Decoder):
    """One bidirectional backbone over visual and text tokens with modality experts (BEiT-3)."""

    slot, name, anchor = "language_model", "multiway", "language-models#multiway-transformer"

    inner_norms: bool | None = Field(default=None, description="LayerNorms inside attention and MLP (sub-LN)")


KINDS: tuple[type[Kind], ...] = (
    Tiles,
    Raster,
    Relevance,
    Chinchilla,
    MPT,
    Persimmon,
    T5,
    Multiway,
)
