"""Configuration of Qwen3-VL: one frozen dataclass a slot, and every published variant, value by value.

A comment names a claim of knowledge/models/qwen3-vl.md (or of the page it was taken from) and its citation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .reference import read, write
from .released import RELEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeViTConfig:
    """A vision transformer at native resolution: interpolated positions and 2-D rotary embedding, packed images."""

    patch_size: int  # qwen3-vl/encoder.patch_size: side of a patch, px
    # frames a patch spans; an image is repeated to fill it
    temporal_patch_size: int  # qwen3-vl/encoder.temporal_patch_size
    channels: int = 3  # qwen3-vl/encoder.channels: colour channels
    # patches a side that the alignment merges; patches are ordered by these blocks
    merge_size: int  # qwen3-vl/encoder.merge_size
    dim: int  # qwen3-vl/encoder.dim: width
    layers: int  # qwen3-vl/encoder.layers: blocks
    heads: int  # qwen3-vl/encoder.heads: attention heads
    mlp_dim: int  # qwen3-vl/encoder.mlp_dim: hidden width of the MLP
    # activation of the MLP
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # qwen3-vl/encoder.activation
    norm_eps: float  # qwen3-vl/encoder.norm_eps: epsilon of every LayerNorm
    positions: int  # qwen3-vl/encoder.positions: rows of the learned position table, a square
    rope_theta: float  # qwen3-vl/encoder.rope_theta: base of the 2-D rotary embedding
    taps: tuple[int, ...]  # qwen3-vl/encoder.taps: blocks whose outputs are also read (DeepStack)
    model_type: str  # qwen3-vl/encoder.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchMergerConfig:
    """Concatenates merge × merge neighbouring patches, then two linear layers; one more merger a tap (DeepStack)."""

    # between the layers
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # qwen3-vl/alignment.activation
    norm_eps: float  # qwen3-vl/alignment.norm_eps: epsilon of the LayerNorms
    model_type: str  # qwen3-vl/alignment.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepStackConfig:
    """A token splice, and features of earlier encoder blocks added at the same places after the first layers."""

    image_token: int  # qwen3-vl/fusion.image_token: id of the image placeholder token
    video_token: int  # qwen3-vl/fusion.video_token: id of the video placeholder token
    vision_start_token: int  # qwen3-vl/fusion.vision_start_token: id of the token before an image
    vision_end_token: int  # qwen3-vl/fusion.vision_end_token: id of the token after an image
    model_type: str  # qwen3-vl/fusion.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicBudgetConfig:
    """The number of tokens follows the image's size, between bounds."""

    factor: int  # qwen3-vl/budget.factor: both sides are rounded to a multiple of this, px
    min_pixels: int  # qwen3-vl/budget.min_pixels: smaller images are enlarged to this area, px
    max_pixels: int  # qwen3-vl/budget.max_pixels: larger images are shrunk to this area, px


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """A LLaMA-family decoder: RMSNorm, rotary positions, gated MLP, grouped heads (LLaMA, Mistral, Qwen2, Qwen3)."""

    vocab_size: int  # qwen3-vl/language_model.vocab_size: rows of the token table
    context: int  # qwen3-vl/language_model.context: positions, tokens
    dim: int  # qwen3-vl/language_model.dim: width
    layers: int  # qwen3-vl/language_model.layers: blocks
    heads: int  # qwen3-vl/language_model.heads: query heads
    kv_heads: int  # qwen3-vl/language_model.kv_heads: key/value heads; equal to heads where nothing is grouped
    head_dim: int  # qwen3-vl/language_model.head_dim: width of a head
    mlp_dim: int  # qwen3-vl/language_model.mlp_dim: hidden width of the gated MLP
    # of the gate
    activation: Literal[
        "gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"
    ]  # qwen3-vl/language_model.activation
    norm_eps: float  # qwen3-vl/language_model.norm_eps: epsilon of every RMSNorm
    rope_theta: float  # qwen3-vl/language_model.rope_theta: base of the rotary embedding
    tied: bool  # qwen3-vl/language_model.tied: the head is the token table
    qkv_bias: bool = False  # qwen3-vl/language_model.qkv_bias: q, k and v have biases (Qwen2)
    out_bias: bool = False  # qwen3-vl/language_model.out_bias: the attention's output projection has a bias
    mlp_bias: bool = False  # qwen3-vl/language_model.mlp_bias: the MLP's projections have biases
    # RMSNorm a head on q and k before the rotary embedding (Qwen3)
    qk_norm: bool = False  # qwen3-vl/language_model.qk_norm
    # rotary channels for time, height, width, interleaved
    mrope_sections: tuple[int, ...] = ()  # qwen3-vl/language_model.mrope_sections
    bos_token: int | None = None  # qwen3-vl/language_model.bos_token: id that begins a text
    eos_token: int | None = None  # qwen3-vl/language_model.eos_token: id that ends an answer
    pad_token: int | None = None  # qwen3-vl/language_model.pad_token: id that pads a batch
    model_type: str  # qwen3-vl/language_model.model_type: what released configurations call it


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeImagesConfig:
    """Round both sides to a multiple within an area, cut into patches ordered by merge blocks."""

    resample: Literal["bicubic", "bilinear", "lanczos"]  # qwen3-vl/preprocessing.resample: interpolation
    rescale: float  # qwen3-vl/preprocessing.rescale: factor on 0…255
    mean: tuple[float, float, float]  # qwen3-vl/preprocessing.mean: subtracted, a channel
    std: tuple[float, float, float]  # qwen3-vl/preprocessing.std: divided by, a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptConfig:
    """How a question about images becomes a text: `{image}` and `{prompt}` are filled in."""

    template: str  # qwen3-vl/prompt.template: `{image}` once an image, `{prompt}` once; `/n` is a line break
    image: str  # qwen3-vl/prompt.image: the text that stands for one image before expansion
    # the token repeated once a visual token; empty where the tokenizer has none
    placeholder: str  # qwen3-vl/prompt.placeholder
    # visual tokens come before everything, even the begin token
    images_first: bool = False  # qwen3-vl/prompt.images_first
    add_special_tokens: bool = True  # qwen3-vl/prompt.add_special_tokens: the tokenizer adds its own begin token


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole model: what `Model` is built from."""

    encoder: NativeViTConfig
    alignment: PatchMergerConfig
    fusion: DeepStackConfig
    budget: DynamicBudgetConfig
    language_model: LlamaConfig
    preprocessing: NativeImagesConfig
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
_ENCODER = NativeViTConfig(
    patch_size=16,  # qwen3-vl/encoder.patch_size [@qwen3vl-32b-config] vision_config.patch_size
    temporal_patch_size=2,  # qwen3-vl/encoder.temporal_patch_size [@transformers]
    merge_size=2,  # qwen3-vl/encoder.merge_size [@qwen3vl-32b-config] vision_config.spatial_merge_size
    dim=1024,  # qwen3-vl:2b/encoder.dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
    layers=24,  # qwen3-vl:2b/encoder.layers [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
    heads=16,  # qwen3-vl:2b/encoder.heads [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
    mlp_dim=4096,  # qwen3-vl:2b/encoder.mlp_dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
    activation="gelu_tanh",  # qwen3-vl/encoder.activation [@qwen3vl-32b-config] vision_config.hidden_act
    norm_eps=1e-06,  # qwen3-vl/encoder.norm_eps [@transformers] qwen3_vl/modeling_qwen3_vl.py
    positions=2304,  # qwen3-vl/encoder.positions [@qwen3vl-32b-config] vision_config.num_position_embeddings
    rope_theta=10000.0,  # qwen3-vl/encoder.rope_theta [@transformers] modeling_rope_utils.py default_theta
    taps=(5, 11, 17),  # qwen3-vl:2b/encoder.taps [@qwen3vl-4b-config]; [@qwen3vl-8b-config]
    model_type="qwen3_vl_vision",  # qwen3-vl/encoder.model_type [@transformers]
)
_ALIGNMENT = PatchMergerConfig(
    activation="gelu",  # qwen3-vl/alignment.activation [@transformers] qwen3_vl/modeling_qwen3_vl.py
    norm_eps=1e-06,  # qwen3-vl/alignment.norm_eps [@transformers] qwen3_vl/modeling_qwen3_vl.py
    model_type="qwen3_vl",  # qwen3-vl/alignment.model_type [@qwen3vl-8b-config] model_type
)
_FUSION = DeepStackConfig(
    image_token=151_655,  # qwen3-vl/fusion.image_token [@qwen3vl-8b-config] image_token_id
    video_token=151_656,  # qwen3-vl/fusion.video_token [@qwen3vl-8b-config] video_token_id
    vision_start_token=151_652,  # qwen3-vl/fusion.vision_start_token [@transformers]
    vision_end_token=151_653,  # qwen3-vl/fusion.vision_end_token [@transformers]
    model_type="qwen3_vl",  # qwen3-vl/fusion.model_type [@qwen3vl-8b-config] model_type
)
_BUDGET = DynamicBudgetConfig(
    factor=32,  # qwen3-vl/budget.factor = encoder.patch_size * encoder.merge_size
    min_pixels=65_536,  # qwen3-vl/budget.min_pixels [@qwen3vl-preprocessor] size.shortest_edge
    max_pixels=16_777_216,  # qwen3-vl/budget.max_pixels [@qwen3vl-preprocessor] size.longest_edge
)
_LANGUAGE_MODEL = LlamaConfig(
    vocab_size=151_936,  # qwen3-vl/language_model.vocab_size [@qwen3vl-8b-config] text_config.vocab_size
    context=262_144,  # qwen3-vl/language_model.context [@qwen3vl-8b-config] text_config.max_position_embeddings
    dim=2048,  # qwen3-vl:2b/language_model.dim assumed
    layers=28,  # qwen3-vl:2b/language_model.layers assumed
    heads=16,  # qwen3-vl:2b/language_model.heads assumed
    kv_heads=8,  # qwen3-vl:2b/language_model.kv_heads assumed
    head_dim=128,  # qwen3-vl/language_model.head_dim [@qwen3vl-8b-config] text_config.head_dim
    mlp_dim=6144,  # qwen3-vl:2b/language_model.mlp_dim assumed
    activation="silu",  # qwen3-vl/language_model.activation [@qwen3vl-8b-config] text_config.hidden_act
    norm_eps=1e-06,  # qwen3-vl/language_model.norm_eps [@qwen3vl-8b-config] text_config.rms_norm_eps
    rope_theta=5000000.0,  # qwen3-vl/language_model.rope_theta [@qwen3vl-8b-config] text_config.rope_theta
    tied=True,  # qwen3-vl:2b/language_model.tied assumed
    qk_norm=True,  # qwen3-vl/language_model.qk_norm [@transformers] qwen3_vl/modeling_qwen3_vl.py
    mrope_sections=(24, 20, 20),  # qwen3-vl/language_model.mrope_sections [@qwen3vl-8b-config]
    bos_token=151_643,  # qwen3-vl/language_model.bos_token [@qwen3vl-8b-config] text_config.bos_token_id
    eos_token=151_645,  # qwen3-vl/language_model.eos_token [@qwen3vl-8b-config] text_config.eos_token_id
    model_type="qwen3_vl_text",  # qwen3-vl/language_model.model_type [@qwen3vl-8b-config]
)
_PREPROCESSING = NativeImagesConfig(
    resample="bicubic",  # qwen3-vl/preprocessing.resample [@transformers] qwen2_vl/image_processing_qwen2_vl.py
    rescale=0.00392156862745098,  # qwen3-vl/preprocessing.rescale [@transformers] image_processing_utils.py
    mean=(0.5, 0.5, 0.5),  # qwen3-vl/preprocessing.mean [@qwen3vl-preprocessor] image_mean
    std=(0.5, 0.5, 0.5),  # qwen3-vl/preprocessing.std [@qwen3vl-preprocessor] image_std
)
_PROMPT = PromptConfig(
    template="<|im_start|>user\\n{image}{prompt}<|im_end|>\\n<|im_start|>assistant\\n",  # qwen3-vl/prompt.template
    image="<|vision_start|><|image_pad|><|vision_end|>",  # qwen3-vl/prompt.image [@transformers]
    placeholder="<|image_pad|>",  # qwen3-vl/prompt.placeholder [@transformers] qwen3_vl/processing_qwen3_vl.py
)

PRESETS: dict[str, Config] = {
    "2b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=_LANGUAGE_MODEL,
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "4b": Config(
        encoder=_ENCODER,
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            dim=2560,  # qwen3-vl:4b/language_model.dim
            layers=36,  # qwen3-vl:4b/language_model.layers
            heads=32,  # qwen3-vl:4b/language_model.heads
            mlp_dim=9728,  # qwen3-vl:4b/language_model.mlp_dim
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "8b": Config(
        encoder=replace(
            _ENCODER,
            dim=1152,  # qwen3-vl:8b/encoder.dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            layers=27,  # qwen3-vl:8b/encoder.layers [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            mlp_dim=4304,  # qwen3-vl:8b/encoder.mlp_dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            taps=(8, 16, 24),  # qwen3-vl:8b/encoder.taps [@qwen3vl-4b-config]; [@qwen3vl-8b-config]
        ),
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            dim=4096,  # qwen3-vl:8b/language_model.dim
            layers=36,  # qwen3-vl:8b/language_model.layers
            heads=32,  # qwen3-vl:8b/language_model.heads
            mlp_dim=12_288,  # qwen3-vl:8b/language_model.mlp_dim
            tied=False,  # qwen3-vl:8b/language_model.tied
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    "32b": Config(
        encoder=replace(
            _ENCODER,
            dim=1152,  # qwen3-vl:32b/encoder.dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            layers=27,  # qwen3-vl:32b/encoder.layers [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            mlp_dim=4304,  # qwen3-vl:32b/encoder.mlp_dim [@qwen3vl-4b-config]; [@qwen3vl-32b-config]
            taps=(8, 16, 24),  # qwen3-vl:32b/encoder.taps [@qwen3vl-4b-config]; [@qwen3vl-8b-config]
        ),
        alignment=_ALIGNMENT,
        fusion=_FUSION,
        budget=_BUDGET,
        language_model=replace(
            _LANGUAGE_MODEL,
            dim=5120,  # qwen3-vl:32b/language_model.dim
            layers=64,  # qwen3-vl:32b/language_model.layers
            heads=64,  # qwen3-vl:32b/language_model.heads
            mlp_dim=25_600,  # qwen3-vl:32b/language_model.mlp_dim
            tied=False,  # qwen3-vl:32b/language_model.tied
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
    # 2b at sizes for tests; not a published system
    "tiny": Config(
        encoder=replace(_ENCODER, patch_size=4, dim=48, layers=4, heads=3, mlp_dim=37, positions=16, taps=(0, 1, 2)),
        alignment=_ALIGNMENT,
        fusion=replace(_FUSION, image_token=127, video_token=126, vision_start_token=125, vision_end_token=124),
        budget=replace(_BUDGET, factor=8, min_pixels=256, max_pixels=2304),
        language_model=replace(
            _LANGUAGE_MODEL,
            vocab_size=128,
            context=256,
            dim=64,
            layers=4,
            heads=4,
            kv_heads=2,
            head_dim=16,
            mlp_dim=37,
            mrope_sections=(4, 2, 2),
            bos_token=123,
            eos_token=122,
        ),
        preprocessing=_PREPROCESSING,
        prompt=_PROMPT,
    ),
}
