"""Tiny random transformers references, odd on purpose, and inputs that go straight into them and into ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import transformers as tf
from torch import Tensor, nn

Inputs = dict[str, Tensor]

CLIP_VISION = {
    "model_type": "clip_vision_model",
    "hidden_size": 36,
    "intermediate_size": 52,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "image_size": 30,
    "patch_size": 10,
    "projection_dim": 20,
}
LLAMA = {
    "model_type": "llama",
    "hidden_size": 48,
    "intermediate_size": 76,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "vocab_size": 131,
    "max_position_embeddings": 256,
    "pad_token_id": 0,
}
IMAGE = 127


@dataclass(frozen=True)
class Case:
    """One reference: the package that must equal it, how to build it, inputs for it."""

    name: str
    package: str
    build: Callable[[], nn.Module]
    inputs: Callable[[], Inputs]


def _shake(model: nn.Module) -> nn.Module:
    """Make every parameter matter: reference initialisers leave biases and norms at constants."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
    return model.eval()


def seeded(build: Callable[[], nn.Module], seed: int = 11) -> Callable[[], nn.Module]:
    """The same weights whatever was built before."""

    def made() -> nn.Module:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return build()

    return made


def text(*shape: int, seed: int = 0) -> Tensor:
    """Random ids that are no placeholder and no special token."""
    return torch.randint(3, 120, shape, generator=torch.Generator().manual_seed(seed))


def pixels(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def padded(rows: list[Tensor], side: str = "left", pad: int = 0) -> Inputs:
    """Ragged rows of ids as a batch with its mask."""
    length = max(len(row) for row in rows)
    ids, mask = torch.full((len(rows), length), pad), torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        where = slice(length - len(row), length) if side == "left" else slice(0, len(row))
        ids[index, where], mask[index, where] = row, 1
    return {"input_ids": ids, "attention_mask": mask}


def image(count: int) -> Tensor:
    return torch.full((count,), IMAGE)


def row(*parts: Tensor | int, seed: int = 0) -> Tensor:
    """Ids of one row: an int is that many text tokens."""
    made = [text(p, seed=seed + i) if isinstance(p, int) else p for i, p in enumerate(parts)]
    return torch.cat(made)


# --- CLIP ---------------------------------------------------------------------------------------------------------


def clip(*, eos: int = 98, **vision: Any) -> nn.Module:
    config = tf.CLIPConfig(
        vision_config={**CLIP_VISION, **vision},
        text_config={
            "hidden_size": 28,
            "intermediate_size": 44,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "vocab_size": 99,
            "max_position_embeddings": 13,
            "eos_token_id": eos,
            "bos_token_id": 0,
            "projection_dim": 20,
        },
        projection_dim=20,
    )
    return _shake(tf.CLIPModel(config))


def clip_inputs(*, side: int = 30, eos: int = 98) -> Inputs:
    ids, mask = torch.full((3, 9), 1), torch.zeros(3, 9, dtype=torch.long)
    for index, length in enumerate((9, 5, 7)):
        ids[index, :length], mask[index, :length] = torch.randint(3, 90, (length,)), 1
        ids[index, length - 1] = eos if eos != 2 else 98
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels(2, 3, side, side)}


# --- LLaVA --------------------------------------------------------------------------------------------------------


def llava(*, text_config: dict[str, Any] | None = None, vision: dict[str, Any] | None = None, **keys: Any) -> nn.Module:
    top = {"image_token_index": IMAGE, "vision_feature_layer": -2, "vision_feature_select_strategy": "default", **keys}
    config = tf.LlavaConfig(vision_config=vision or CLIP_VISION, text_config=text_config or LLAMA, **top)
    return _shake(tf.LlavaForConditionalGeneration(config))


def llava_inputs(*, tokens: int = 9, side: int = 30, pad: str = "left") -> Inputs:
    """Two images in one row, one in the next, none in the last; ragged and padded."""
    rows = [row(2, image(tokens), 3, image(tokens), 4), row(1, image(tokens), 5, seed=5), row(6, seed=9)]
    return {**padded(rows, pad), "pixel_values": pixels(3, 3, side, side)}


def llava_plain(*, tokens: int = 9, side: int = 30) -> Inputs:
    ids = torch.stack([row(2, image(tokens), 3), row(4, image(tokens), 1, seed=3)])
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": pixels(2, 3, side, side)}


# --- BLIP-2 -------------------------------------------------------------------------------------------------------

BLIP_VISION = {
    "hidden_size": 36,
    "intermediate_size": 50,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "image_size": 30,
    "patch_size": 10,
}
BLIP_QFORMER = {
    "hidden_size": 28,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "intermediate_size": 44,
    "vocab_size": 53,
    "max_position_embeddings": 16,
    "cross_attention_frequency": 2,
    "encoder_hidden_size": 36,
}
OPT = {
    "model_type": "opt",
    "hidden_size": 40,
    "ffn_dim": 56,
    "num_hidden_layers": 3,
    "num_attention_heads": 5,
    "vocab_size": 131,
    "max_position_embeddings": 64,
    "word_embed_proj_dim": 40,
    "pad_token_id": 1,
}


def blip_2(
    *, queries: int = 5, qformer: dict[str, Any] | None = None, vision: dict[str, Any] | None = None, **opt: Any
) -> nn.Module:
    seen = {**BLIP_VISION, **(vision or {})}
    config = tf.Blip2Config(
        vision_config=seen,
        qformer_config={**BLIP_QFORMER, "encoder_hidden_size": seen["hidden_size"], **(qformer or {})},
        text_config={**OPT, **opt},
        num_query_tokens=queries,
        image_token_index=IMAGE,
    )
    return _shake(tf.Blip2ForConditionalGeneration(config))


def blip_2_inputs(*, queries: int = 5, pad: str = "left") -> Inputs:
    rows = [row(image(queries), torch.tensor([2]), 4), row(image(queries), torch.tensor([2]), 7, seed=4)]
    return {**padded(rows, pad, pad=1), "pixel_values": pixels(2, 3, 30, 30)}


def blip_2_first_stage(
    *, queries: int = 5, joint: int = 14, qformer: dict[str, Any] | None = None, **top: Any
) -> nn.Module:
    config = tf.Blip2Config(
        vision_config=BLIP_VISION,
        qformer_config={**BLIP_QFORMER, **(qformer or {}), "use_qformer_text_input": True},
        text_config={**OPT, "num_hidden_layers": 1},
        num_query_tokens=queries,
        image_text_hidden_size=joint,
        **top,
    )
    return _shake(tf.Blip2ForImageTextRetrieval(config))


# --- Qwen3-VL -----------------------------------------------------------------------------------------------------

QWEN_TEXT = {
    "vocab_size": 203,
    "hidden_size": 40,
    "intermediate_size": 60,
    "num_hidden_layers": 4,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 256,
    "pad_token_id": 0,
    "rope_parameters": {
        "rope_type": "default",
        "rope_theta": 5e6,
        "mrope_section": [4, 2, 2],
        "mrope_interleaved": True,
    },
}
QWEN_VISION = {
    "depth": 5,
    "hidden_size": 48,
    "intermediate_size": 70,
    "num_heads": 4,
    "patch_size": 4,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 40,
    "num_position_embeddings": 25,
    "deepstack_visual_indexes": [0, 2, 3],
}
QWEN_IDS = {"image_token_id": 195, "video_token_id": 196, "vision_start_token_id": 197, "vision_end_token_id": 198}


def qwen3_vl(
    *, vision: dict[str, Any] | None = None, tie_word_embeddings: bool = False, **text_config: Any
) -> nn.Module:
    config = tf.Qwen3VLConfig(
        text_config={**QWEN_TEXT, **text_config},
        vision_config={**QWEN_VISION, **(vision or {})},
        tie_word_embeddings=tie_word_embeddings,
        **QWEN_IDS,
    )
    return _shake(tf.Qwen3VLForConditionalGeneration(config))


def qwen3_vl_inputs(*, pad: str = "left", patch: int = 4) -> Inputs:
    """Ragged images: two in the first row, one in the second, none in the third."""
    grid = torch.tensor([[1, 4, 6], [1, 8, 2], [1, 6, 6]])
    placed = [
        torch.cat([torch.tensor([197]), torch.full((int(t * h * w) // 4,), 195), torch.tensor([198])])
        for t, h, w in grid
    ]
    rows = [row(2, placed[0], 3, placed[1], 2), row(1, placed[2], 4, seed=6), row(7, seed=8)]
    made = padded(rows, pad)
    made["mm_token_type_ids"] = (made["input_ids"] == 195).int()
    count = int(grid.prod(1).sum())
    return {**made, "pixel_values": pixels(count, 3 * 2 * patch * patch), "image_grid_thw": grid}


# --- all ----------------------------------------------------------------------------------------------------------

MISTRAL = {**LLAMA, "model_type": "mistral", "sliding_window": None}

CASES: tuple[Case, ...] = (
    Case("clip", "clip", clip, clip_inputs),
    Case("clip-eos-2", "clip", lambda: clip(eos=2), lambda: clip_inputs(eos=2)),
    Case(
        "clip-5-heads",
        "clip",
        lambda: clip(hidden_size=40, num_attention_heads=5, image_size=27, patch_size=9, hidden_act="gelu"),
        lambda: clip_inputs(side=27),
    ),
    Case("llava", "llava", llava, llava_inputs),
    Case("llava-right-padded", "llava", llava, lambda: llava_inputs(pad="right")),
    Case("llava-no-padding", "llava", llava, llava_plain),
    Case(
        "llava-all-tokens",
        "llava",
        lambda: llava(vision_feature_select_strategy="full", vision_feature_layer=-1, projector_hidden_act="gelu"),
        lambda: llava_inputs(tokens=10),
    ),
    Case(
        "llava-third-last",
        "llava",
        lambda: llava(vision_feature_layer=-3, multimodal_projector_bias=False),
        llava_inputs,
    ),
    Case(
        "llava-tied",
        "llava",
        lambda: llava(text_config={**LLAMA, "tie_word_embeddings": True}, tie_word_embeddings=True),
        llava_inputs,
    ),
    Case(
        "llava-multi-head",
        "llava",
        lambda: llava(text_config={**LLAMA, "num_key_value_heads": 6, "head_dim": 10}),
        llava_inputs,
    ),
    Case("blip-2", "blip_2", blip_2, blip_2_inputs),
    Case(
        "blip-2-7-queries",
        "blip_2",
        lambda: blip_2(queries=7, qformer={"cross_attention_frequency": 3, "num_hidden_layers": 5}, vocab_size=140),
        lambda: blip_2_inputs(queries=7, pad="right"),
    ),
    Case("qwen3-vl", "qwen3_vl", qwen3_vl, qwen3_vl_inputs),
    Case("qwen3-vl-right-padded", "qwen3_vl", qwen3_vl, lambda: qwen3_vl_inputs(pad="right")),
    Case("qwen3-vl-tied", "qwen3_vl", lambda: qwen3_vl(tie_word_embeddings=True), qwen3_vl_inputs),
    Case(
        "qwen3-vl-two-taps",
        "qwen3_vl",
        lambda: qwen3_vl(
            vision={"deepstack_visual_indexes": [1, 4], "num_position_embeddings": 36, "patch_size": 6},
            num_key_value_heads=3,
            attention_bias=True,
        ),
        lambda: qwen3_vl_inputs(patch=6),
    ),
)


def case(name: str) -> Case:
    return next(c for c in CASES if c.name == name)
