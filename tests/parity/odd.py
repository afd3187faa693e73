"""Configurations that nobody would choose: every number that may differ from its neighbour does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tests.parity.references import (
    CLIP_VISION,
    LLAMA,
    Case,
    Inputs,
    blip_2,
    blip_2_inputs,
    clip,
    clip_inputs,
    image,
    llava,
    llava_inputs,
    padded,
    pixels,
    qwen3_vl,
    row,
    seeded,
)

# --- LLaVA --------------------------------------------------------------------------------------------------------


def _llava(
    name: str, inputs: Callable[[], Inputs] = llava_inputs, text: Any = None, vision: Any = None, **top: Any
) -> Case:
    return Case(
        f"llava-{name}",
        "llava",
        seeded(lambda: llava(text_config={**LLAMA, **(text or {})}, vision={**CLIP_VISION, **(vision or {})}, **top)),
        inputs,
    )


def _rows(tokens: int, side: int, *rows: tuple[int, ...], pad: str = "left") -> Callable[[], Inputs]:
    """Rows as counts: n text tokens, and 0 an image."""

    def made() -> Inputs:
        ids = [row(*(image(tokens) if n == 0 else n for n in parts), seed=10 * i) for i, parts in enumerate(rows)]
        images = sum(n == 0 for parts in rows for n in parts)
        inputs = padded(ids, pad)
        return {**inputs, "pixel_values": pixels(images, 3, side, side)} if images else inputs

    return made


LLAVA = (
    _llava(
        "one-head",
        text={"num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 14},
        vision={"num_attention_heads": 1},
    ),
    _llava("one-kv-head", text={"num_attention_heads": 7, "num_key_value_heads": 1, "head_dim": 6, "hidden_size": 42}),
    _llava(
        "nine-heads-over-three",
        text={
            "hidden_size": 54,
            "num_attention_heads": 9,
            "num_key_value_heads": 3,
            "head_dim": 22,
            "rope_parameters": {"rope_type": "default", "rope_theta": 137.5},
        },
    ),
    _llava(
        "gelu-gate",
        text={"hidden_act": "gelu_pytorch_tanh", "rms_norm_eps": 1e-2},
        vision={"hidden_act": "relu", "layer_norm_eps": 3e-2},
        projector_hidden_act="gelu_pytorch_tanh",
    ),
    _llava("shallow", text={"num_hidden_layers": 1}, vision={"num_hidden_layers": 1}, vision_feature_layer=-1),
    _llava("deep", text={"num_hidden_layers": 13}, vision={"num_hidden_layers": 9}, vision_feature_layer=-8),
    _llava("positive-layer", vision={"num_hidden_layers": 5}, vision_feature_layer=2),
    _llava("layer-zero", vision={"num_hidden_layers": 3}, vision_feature_layer=-4),
    _llava("one-patch", _rows(1, 10, (1, 0), (0, 3), (2, 0, 0, 1)), vision={"image_size": 10}),
    _llava("remainder", _rows(9, 33, (1, 0, 4), (5,)), vision={"image_size": 33}),
    _llava("text-only", _rows(9, 30, (5,), (11,), (1,))),
    _llava("one-text", _rows(9, 30, (7,))),
    _llava("one-row", _rows(9, 30, (3, 0, 2))),
    _llava("five-images-a-row", _rows(9, 30, (0, 0, 0, 0, 0, 1), (4,), (1, 0))),
    _llava("images-at-the-ends", _rows(9, 30, (0, 2, 0), (0,))),
    _llava("right-padded", _rows(9, 30, (3, 0, 2), (2,), (1, 0, 0), pad="right")),
    _llava(
        "tied", text={"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True}, tie_word_embeddings=True
    ),
    _llava("biases", text={"attention_bias": True, "mlp_bias": True}),
    _llava(
        "linear-like",
        vision={"hidden_size": 20, "num_attention_heads": 5},
        text={"hidden_size": 30, "num_attention_heads": 3, "num_key_value_heads": 3, "head_dim": 2},
    ),
    _llava("pad-in-the-text", text={"pad_token_id": 5}),
    _llava("no-pad", text={"pad_token_id": None}),
)

# --- BLIP-2 -------------------------------------------------------------------------------------------------------


def _blip(
    name: str,
    inputs: Callable[[], Inputs] = blip_2_inputs,
    *,
    queries: int = 5,
    qformer: Any = None,
    vision: Any = None,
    **opt: Any,
) -> Case:
    build = seeded(lambda: blip_2(queries=queries, qformer=qformer, vision=vision, **opt))
    return Case(f"blip-2-{name}", "blip_2", build, inputs)


BLIP = (
    _blip("one-query", lambda: blip_2_inputs(queries=1), queries=1),
    _blip("every-layer-crosses", qformer={"cross_attention_frequency": 1, "num_hidden_layers": 3}),
    _blip("crosses-once", qformer={"cross_attention_frequency": 4, "num_hidden_layers": 4}),
    _blip(
        "one-head",
        qformer={"num_attention_heads": 1, "hidden_size": 13},
        vision={"num_attention_heads": 1},
        num_attention_heads=1,
    ),
    _blip(
        "relu-eps",
        qformer={"hidden_act": "relu", "layer_norm_eps": 1e-2},
        vision={"hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-2},
    ),
    _blip("opt-gelu", activation_function="gelu"),
    _blip("opt-untied", tie_word_embeddings=False),
    _blip("opt-deep", num_hidden_layers=11),
    _blip(
        "wide-image",
        vision={"image_size": 40, "patch_size": 8, "hidden_size": 24, "num_attention_heads": 2, "num_hidden_layers": 7},
        inputs=lambda: {**blip_2_inputs(), "pixel_values": pixels(2, 3, 40, 40)},
    ),
    _blip("one-row", lambda: {**padded([row(image(5), 3)], pad=1), "pixel_values": pixels(1, 3, 30, 30)}),
    _blip(
        "two-images-a-row",
        lambda: {
            **padded([row(image(5), 2, image(5), 3), row(4, image(5), seed=3)], pad=1),
            "pixel_values": pixels(3, 3, 30, 30),
        },
    ),
)

# --- Qwen3-VL -----------------------------------------------------------------------------------------------------


def qwen_rows(
    *rows: tuple[Any, ...], pad: str = "left", patch: int = 4, temporal: int = 2, merge: int = 2
) -> Callable[[], Inputs]:
    """Rows as counts of text tokens and sizes (height, width) of images in visual tokens."""

    def made() -> Inputs:
        grids, ids = [], []
        for number, parts in enumerate(rows):
            pieces: list[Any] = []
            for part in parts:
                if isinstance(part, tuple):
                    grids.append([1, part[0] * merge, part[1] * merge])
                    pieces += [torch.tensor([197]), torch.full((part[0] * part[1],), 195), torch.tensor([198])]
                else:
                    pieces.append(part)
            ids.append(row(*pieces, seed=10 * number))
        inputs = padded(ids, pad)
        inputs["mm_token_type_ids"] = (inputs["input_ids"] == 195).int()
        if not grids:
            return inputs
        grid = torch.tensor(grids)
        values = pixels(int(grid.prod(1).sum()), 3 * temporal * patch * patch)
        return {**inputs, "pixel_values": values, "image_grid_thw": grid}

    return made


RAGGED = qwen_rows((2, (2, 3), 3, (4, 1), 2), (1, (3, 3), 4), (7,))


def _qwen(name: str, inputs: Callable[[], Inputs] = RAGGED, **keys: Any) -> Case:
    return Case(f"qwen3-vl-{name}", "qwen3_vl", seeded(lambda: qwen3_vl(**keys)), inputs)


def _rope(sections: list[int], theta: float = 5e6) -> dict[str, Any]:
    return {"rope_type": "default", "rope_theta": theta, "mrope_section": sections, "mrope_interleaved": True}


QWEN = (
    _qwen("one-token-images", qwen_rows((1, (1, 1), 2, (1, 1), 1), (3, (1, 1), 1))),
    _qwen("tall-and-wide", qwen_rows((1, (1, 17), 2), (3, (13, 1), 1), ((1, 1), 1, (2, 9), 2, (9, 2), 3))),
    _qwen("text-only", qwen_rows((5,), (9,), (1,))),
    _qwen("one-row", qwen_rows((2, (5, 3), 3))),
    _qwen("image-first-and-last", qwen_rows(((3, 2), 1, (2, 2)), ((1, 4),))),
    _qwen("right-padded", qwen_rows((2, (2, 3), 3, (4, 1), 2), (1, (3, 3), 4), (7,), pad="right")),
    _qwen(
        "one-kv-head", num_attention_heads=5, num_key_value_heads=1, head_dim=10, rope_parameters=_rope([3, 1, 1], 91.0)
    ),
    _qwen(
        "one-head",
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=12,
        rope_parameters=_rope([2, 2, 2]),
        vision={"num_heads": 1},
    ),
    _qwen("real-sections", head_dim=128, num_attention_heads=2, rope_parameters=_rope([24, 20, 20])),
    _qwen("sections-time-only", rope_parameters=_rope([8, 0, 0])),
    _qwen("sections-long", head_dim=24, rope_parameters=_rope([2, 5, 5])),
    _qwen("no-bias-tied-gelu", tie_word_embeddings=True, hidden_act="gelu_pytorch_tanh", rms_norm_eps=1e-2),
    _qwen("attention-bias", attention_bias=True),
    _qwen("table-4", vision={"num_position_embeddings": 4}),
    _qwen("table-1", vision={"num_position_embeddings": 1}),
    _qwen("table-289", vision={"num_position_embeddings": 289}),
    _qwen("taps-unordered-depth", vision={"depth": 7, "deepstack_visual_indexes": [0, 6]}),
    _qwen("one-tap", vision={"deepstack_visual_indexes": [4]}),
    _qwen("as-many-taps-as-layers", num_hidden_layers=3),
    _qwen("merge-3", qwen_rows((2, (2, 3), 3, (4, 1), 2), (1, (3, 3), 4), merge=3), vision={"spatial_merge_size": 3}),
    _qwen("merge-1", qwen_rows((2, (2, 3), 3, (4, 1), 2), (1, (3, 3), 4), merge=1), vision={"spatial_merge_size": 1}),
    _qwen("temporal-1", qwen_rows((2, (2, 3), 3), (4, (1, 1), 1), temporal=1), vision={"temporal_patch_size": 1}),
    _qwen(
        "vision-relu-wide", vision={"hidden_act": "gelu", "hidden_size": 72, "num_heads": 3, "intermediate_size": 33}
    ),
    _qwen("deep", num_hidden_layers=12, vision={"depth": 9, "deepstack_visual_indexes": [1, 4, 7, 8]}),
)

# --- CLIP ---------------------------------------------------------------------------------------------------------


def _clip(name: str, inputs: Callable[[], Inputs] = clip_inputs, **vision: Any) -> Case:
    return Case(f"clip-{name}", "clip", seeded(lambda: clip(**vision)), inputs)


CLIP = (
    _clip("one-head", num_attention_heads=1, hidden_size=17, hidden_act="gelu", layer_norm_eps=1e-2),
    _clip("one-patch", lambda: clip_inputs(side=10), image_size=10),
    _clip("remainder", lambda: clip_inputs(side=35), image_size=35),
    _clip("one-layer", num_hidden_layers=1),
    _clip("deep", num_hidden_layers=9, num_attention_heads=9),
)

ODD: tuple[Case, ...] = (*LLAVA, *BLIP, *QWEN, *CLIP)

LONG: tuple[Case, ...] = (
    _llava("long", _rows(9, 30, (700, 0, 800), (3, 0, 1100)), text={"max_position_embeddings": 1700}),
    _blip(
        "long",
        lambda: {
            **padded([row(image(5), 1500), row(image(5), 700, seed=4)], pad=1),
            "pixel_values": pixels(2, 3, 30, 30),
        },
        max_position_embeddings=1700,
    ),
    _qwen("long", qwen_rows((700, (4, 5), 800), (3, (2, 9), 1100, (1, 1), 3)), max_position_embeddings=1700),
)
"""More labelled tokens than one chunk of the loss holds."""
