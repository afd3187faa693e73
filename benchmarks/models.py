"""References at realistic widths with few layers: a configuration in, the same weights in both libraries out."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import transformers as tf
from torch import nn
from transformers.initialization import no_init_weights

from benchmarks.workload import DTYPES

CLIP_L_336 = {
    "model_type": "clip_vision_model",
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 4,
    "num_attention_heads": 16,
    "image_size": 336,
    "patch_size": 14,
    "projection_dim": 768,
}
LLAMA = {
    "model_type": "llama",
    "hidden_size": 2048,
    "intermediate_size": 5504,
    "num_hidden_layers": 4,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "vocab_size": 32_064,
    "max_position_embeddings": 4096,
}
QWEN_TEXT = {
    "vocab_size": 151_936,
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_hidden_layers": 4,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 8192,
    "rope_parameters": {
        "rope_type": "default",
        "rope_theta": 5e6,
        "mrope_section": [24, 20, 20],
        "mrope_interleaved": True,
    },
}
QWEN_VISION = {
    "depth": 4,
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_heads": 16,
    "patch_size": 16,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "out_hidden_size": 2048,
    "num_position_embeddings": 2304,
    "deepstack_visual_indexes": [0, 1, 2],
}
tf.utils.logging.disable_progress_bar()
LLAVA_IMAGE, QWEN_IMAGE = 32_000, 151_655
QWEN_IDS = {
    "image_token_id": QWEN_IMAGE,
    "video_token_id": 151_656,
    "vision_start_token_id": 151_652,
    "vision_end_token_id": 151_653,
}


@dataclass(frozen=True)
class Reference:
    """A model of transformers, the package that reads its checkpoints, and how its configuration is made."""

    name: str
    package: str
    cls: str
    config: Callable[[], Any]

    def build(self) -> nn.Module:
        """With random weights; every parameter matters, the same in every process."""
        with no_init_weights():
            model: nn.Module = getattr(tf, self.cls)._from_config(self.config(), attn_implementation="sdpa")
        model.tie_weights()  # type: ignore[operator]
        generator = torch.Generator().manual_seed(11)
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.normal_(std=0.02, generator=generator)
                if name.endswith("weight") and parameter.ndim == 1:
                    parameter.add_(1)
        return model.eval()

    def with_text(self, suffix: str, **text: Any) -> Reference:
        """The same with other settings of the language model."""

        def config() -> Any:
            made = self.config().to_dict()
            return type(self.config())(**{**made, "text_config": {**made["text_config"], **text}})

        return replace(self, name=f"{self.name}-{suffix}", config=config)


def _llava(vision: Mapping[str, Any] = CLIP_L_336, text: Mapping[str, Any] = LLAMA, image: int = LLAVA_IMAGE) -> Any:
    # All layers of the tower are read: one that transformers computes in vain would flatter us at this depth.
    return tf.LlavaConfig(
        vision_config=dict(vision), text_config=dict(text), image_token_index=image,
        vision_feature_layer=-1, vision_feature_select_strategy="default", tie_word_embeddings=False,
    )  # fmt: skip


def _qwen(vision: Mapping[str, Any] = QWEN_VISION, text: Mapping[str, Any] = QWEN_TEXT, **keys: Any) -> Any:
    return tf.Qwen3VLConfig(
        vision_config=dict(vision), text_config=dict(text), **{"tie_word_embeddings": True, **QWEN_IDS, **keys}
    )


def _blip() -> Any:
    return tf.Blip2Config(
        vision_config={
            "hidden_size": 1408, "intermediate_size": 6144, "num_hidden_layers": 1, "num_attention_heads": 16,
            "image_size": 224, "patch_size": 14,
        },
        qformer_config={"encoder_hidden_size": 1408},
        text_config={
            "model_type": "opt", "hidden_size": 512, "word_embed_proj_dim": 512, "ffn_dim": 512,
            "num_hidden_layers": 1, "num_attention_heads": 8, "vocab_size": 50_304,
        },
        num_query_tokens=32,
        image_token_index=50_265,
    )  # fmt: skip


LLAVA = Reference("llava", "llava", "LlavaForConditionalGeneration", _llava)
GROUPED = LLAVA.with_text("grouped", num_key_value_heads=4)
NARROW_TEXT = {
    "hidden_size": 128,
    "intermediate_size": 344,
    "num_hidden_layers": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
NARROW_VISION = {
    **CLIP_L_336,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
NARROW = Reference(
    "llava-narrow", "llava", LLAVA.cls, lambda: _llava(vision=NARROW_VISION, text={**LLAMA, **NARROW_TEXT})
)
QWEN = Reference("qwen3-vl", "qwen3_vl", "Qwen3VLForConditionalGeneration", _qwen)
BLIP = Reference("blip-2", "blip_2", "Blip2ForConditionalGeneration", _blip)
# 1024 × 6: layers and head cost in the same proportion as in 2048 × 4, in a third of the time.
TRAINED = replace(
    QWEN,
    name="qwen3-vl-trained",
    config=lambda: _qwen(
        vision={**QWEN_VISION, "depth": 1, "out_hidden_size": 1024, "deepstack_visual_indexes": [0]},
        text={**QWEN_TEXT, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 6},
    ),
)


def tiny_llava(layers: int = 4) -> Reference:
    """For counts: widths do not change them."""
    text = {**LLAMA, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2}
    vision = {**NARROW_VISION, "image_size": 28, "num_hidden_layers": layers}
    text = {**text, "num_hidden_layers": layers, "vocab_size": 512}
    return Reference(f"llava-tiny-{layers}", "llava", LLAVA.cls, lambda: _llava(vision=vision, text=text, image=500))


def tiny_qwen(layers: int = 4) -> Reference:
    """For counts: widths do not change them."""
    small = {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2}
    rope = {**QWEN_TEXT["rope_parameters"], "mrope_section": [4, 2, 2]}  # type: ignore[dict-item]
    text = {**QWEN_TEXT, **small, "head_dim": 16, "rope_parameters": rope, "num_hidden_layers": layers}
    vision = {**QWEN_VISION, "depth": layers, "hidden_size": 64, "intermediate_size": 96, "num_heads": 4}
    vision |= {"out_hidden_size": 64, "deepstack_visual_indexes": [0, 1]}
    ids = dict(zip(QWEN_IDS, (500, 501, 502, 503), strict=True))
    return Reference(
        f"qwen3-vl-tiny-{layers}", "qwen3_vl", QWEN.cls, lambda: _qwen(vision, {**text, "vocab_size": 512}, **ids)
    )


def saved(reference: Reference, dtype: str, folder: Path, **options: Any) -> Path:
    """The directory of its checkpoint, written once."""
    path = folder / f"{reference.name}-{dtype}"
    if not (path / "config.json").is_file():
        reference.build().to(DTYPES[dtype]).save_pretrained(path, **options)  # type: ignore[operator]
    return path


def theirs(reference: Reference, path: Path, **options: Any) -> Any:
    """The checkpoint in transformers, for inference."""
    keys = {"dtype": "auto", "attn_implementation": "sdpa", **options}
    return getattr(tf, reference.cls).from_pretrained(path, **keys).eval()


def ours(reference: Reference, path: Path, **options: Any) -> Any:
    """The checkpoint in the generated package."""
    return package(reference).Model.from_pretrained(path, **options)


def package(reference: Reference) -> Any:
    """The generated package."""
    return importlib.import_module(f"generated.{reference.package}")
