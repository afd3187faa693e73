"""Parameters counted from kinds alone equal the published counts, to the unit and a component at a time."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chiasm.span import Span
from chiasm.spec import count, registry
from chiasm.spec.kind import described
from chiasm.spec.model import Entry, Resolved

CLIP_VISION = {
    "patch_size": 14,
    "dim": 1024,
    "layers": 24,
    "heads": 16,
    "mlp_dim": 4096,
    "activation": "quick_gelu",
    "norm_eps": 1e-5,
    "class_token": True,
    "patch_bias": False,
    "pre_norm": True,
    "feature_layer": -1,
    "features": "pooled",
    "feature_norm": True,
    "model_type": "clip_vision_model",
}
L14_336 = {**CLIP_VISION, "image_size": 336, "tokens": 577}
L14 = {**CLIP_VISION, "image_size": 224, "tokens": 257}
B32 = {
    **CLIP_VISION,
    "image_size": 224,
    "patch_size": 32,
    "dim": 768,
    "layers": 12,
    "heads": 12,
    "mlp_dim": 3072,
    "tokens": 50,
}
CLIP_TEXT = {
    "vocab_size": 49408,
    "context": 77,
    "layers": 12,
    "activation": "quick_gelu",
    "norm_eps": 1e-5,
    "causal": True,
    "pooling": "end_of_text",
    "eos_token": 2,
    "model_type": "clip_text_model",
}
SIGLIP = {
    **CLIP_VISION,
    "image_size": 384,
    "dim": 1152,
    "layers": 27,
    "mlp_dim": 4304,
    "activation": "gelu_tanh",
    "norm_eps": 1e-6,
    "class_token": False,
    "patch_bias": True,
    "pre_norm": False,
    "attention_pooling": True,
    "tokens": 729,
}
EVA = {
    **CLIP_VISION,
    "image_size": 224,
    "dim": 1408,
    "layers": 39,
    "mlp_dim": 6144,
    "activation": "gelu",
    "norm_eps": 1e-6,
    "patch_bias": True,
    "pre_norm": False,
    "features": "tokens",
    "tokens": 257,
}
Q_FORMER = {
    "num_queries": 32,
    "dim": 768,
    "layers": 12,
    "heads": 12,
    "mlp_dim": 3072,
    "activation": "gelu",
    "norm_eps": 1e-12,
    "cross_attention_every": 2,
    "model_type": "blip_2_qformer",
}
OPT = {
    "context": 2048,
    "dim": 2560,
    "layers": 32,
    "heads": 32,
    "mlp_dim": 10240,
    "activation": "relu",
    "norm_eps": 1e-5,
    "tied": True,
    "model_type": "opt",
}
LLAMA = {
    "context": 4096,
    "head_dim": 128,
    "activation": "silu",
    "norm_eps": 1e-5,
    "rope_theta": 1e4,
    "tied": False,
    "model_type": "llama",
}
LLAMA_7B = {**LLAMA, "dim": 4096, "layers": 32, "heads": 32, "kv_heads": 32, "mlp_dim": 11008}
LLAMA_13B = {**LLAMA, "dim": 5120, "layers": 40, "heads": 40, "kv_heads": 40, "mlp_dim": 13824}
MLP = {"activation": "gelu", "bias": True, "model_type": "llava"}
QWEN_VIT = {
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "heads": 16,
    "activation": "gelu_tanh",
    "norm_eps": 1e-6,
    "positions": 2304,
    "rope_theta": 1e4,
    "model_type": "qwen3_vl",
}
QWEN_SMALL = {**QWEN_VIT, "dim": 1024, "layers": 24, "mlp_dim": 4096, "taps": (5, 11, 17)}
QWEN_LARGE = {**QWEN_VIT, "dim": 1152, "layers": 27, "mlp_dim": 4304, "taps": (8, 16, 24)}
QWEN = {
    **LLAMA,
    "vocab_size": 151936,
    "context": 262144,
    "norm_eps": 1e-6,
    "rope_theta": 5e6,
    "qk_norm": True,
    "mrope_sections": (24, 20, 20),
    "kv_heads": 8,
    "model_type": "qwen3_vl_text",
}
MERGER = {"activation": "gelu", "norm_eps": 1e-6, "model_type": "qwen3_vl"}
CONTRASTIVE = {"loss": "softmax", "logit_scale_init": 2.6592, "model_type": "clip"}


def slots(**kinds: tuple[str, Mapping[str, object]]) -> dict[str, Resolved]:
    found = {}
    for slot, (name, values) in kinds.items():
        kind = registry.cls(slot, name)
        valid = kind.model_validate(values)
        entries = tuple(Entry(slot, field, getattr(valid, field), None) for field in kind.model_fields)
        found[slot] = Resolved(slot, described(kind), entries, Span("", 1))
    return found


def counted(parts: dict[str, int] | None, *scopes: str) -> dict[str, int | None]:
    assert parts
    return {name: count.scope(parts, name) for name in scopes}


def clip(vision: Mapping[str, object], text: Mapping[str, object], dim: int) -> dict[str, Resolved]:
    return slots(
        encoder=("vit", vision),
        text_encoder=("text_transformer", {**CLIP_TEXT, **text}),
        alignment=("joint_projection", {"dim": dim, "model_type": "clip"}),
        fusion=("contrastive", CONTRASTIVE),
    )


def test_clip() -> None:
    small = count.parameters(clip(B32, {"dim": 512, "heads": 8, "mlp_dim": 2048}, 512))
    assert counted(small, "total", "encoder", "alignment.vision", "text_encoder", "alignment.text", "fusion") == {
        "total": 151_277_313,
        "encoder": 87_456_000,
        "alignment.vision": 393_216,
        "text_encoder": 63_165_952,
        "alignment.text": 262_144,
        "fusion": 1,
    }
    text = {"dim": 768, "heads": 12, "mlp_dim": 3072}
    large = count.parameters(clip(L14_336, text, 768))
    assert counted(large, "total", "encoder", "alignment.vision", "text_encoder", "alignment.text") == {
        "total": 427_944_193,
        "encoder": 303_507_456,
        "alignment.vision": 786_432,
        "text_encoder": 123_060_480,
        "alignment.text": 589_824,
    }
    assert counted(count.parameters(clip(L14, text, 768)), "total", "encoder") == {
        "total": 427_616_513,
        "encoder": 303_179_776,
    }


def test_siglip_trunk_and_pooling_head() -> None:
    parts = count.partial(slots(encoder=("vit", SIGLIP)))
    assert parts["encoder.pool"] == 15_238_352
    assert sum(parts.values()) - parts["encoder.pool"] == 412_987_248


@pytest.mark.parametrize(
    ("language_model", "vocabulary", "total", "projection", "language"),
    [
        (LLAMA_7B, 32000, 7_062_902_784, 20_979_712, 6_738_415_616),
        (LLAMA_7B, 32064, 7_063_427_072, 20_979_712, None),
        (LLAMA_13B, 32000, 13_350_839_296, 31_467_520, 13_015_864_320),
        (LLAMA_13B, 32064, 13_351_494_656, 31_467_520, None),
    ],
)
def test_llava_1_5(
    language_model: dict[str, object], vocabulary: int, total: int, projection: int, language: int | None
) -> None:
    parts = count.parameters(
        slots(
            encoder=("vit", L14_336),
            alignment=("mlp", MLP),
            fusion=("splice", {"image_token": 32000, "model_type": "llava"}),
            language_model=("llama", {**language_model, "vocab_size": vocabulary}),
        )
    )
    assert counted(parts, "total", "projector", "vision tower") == {
        "total": total,
        "projector": projection,
        "vision tower": 303_507_456,
    }
    if language:
        assert counted(parts, "language_model") == {"language_model": language}


@pytest.mark.parametrize(("language_model", "projection"), [(LLAMA_7B, 4_198_400), (LLAMA_13B, 5_248_000)])
def test_llava_1_0(language_model: dict[str, object], projection: int) -> None:
    parts = count.parameters(
        slots(
            encoder=("vit", L14),
            alignment=("linear", {"bias": True, "model_type": "llava"}),
            language_model=("llama", {**language_model, "vocab_size": 32000}),
        )
    )
    assert counted(parts, "alignment", "encoder") == {"alignment": projection, "encoder": 303_179_776}


@pytest.mark.parametrize(
    ("vocabulary", "total", "language"), [(50272, 3_744_679_936, 2_651_596_800), (50304, 3_744_761_856, None)]
)
def test_blip_2(vocabulary: int, total: int, language: int | None) -> None:
    parts = count.parameters(
        slots(
            encoder=("vit", EVA),
            alignment=("q_former", Q_FORMER),
            fusion=("splice", {"image_token": 1, "model_type": "blip-2"}),
            language_model=("opt", {**OPT, "vocab_size": vocabulary}),
        )
    )
    assert counted(parts, "total", "encoder.norm", "queries", "q-former", "alignment.proj") == {
        "total": total,
        "encoder.norm": 2_816,
        "queries": 24_576,
        "q-former": 105_137_664,
        "alignment.proj": 1_968_640,
    }
    assert parts
    assert count.scope(parts, "encoder") == 985_949_440 + 2_816
    if language:
        assert count.scope(parts, "language_model") == language


def test_blip_2_first_stage_is_apart_from_the_total() -> None:
    parts = count.parameters(
        slots(
            encoder=("vit", EVA),
            alignment=("q_former", {**Q_FORMER, "text_vocab_size": 30522, "text_context": 512}),
            language_model=("opt", {**OPT, "vocab_size": 50272}),
            training=("q_former_first_stage", {"joint_dim": 256}),
        )
    )
    assert parts
    assert count.scope(parts, "total") == 3_744_679_936
    former = parts["alignment.queries"] + parts["alignment.blocks"]
    assert former + parts["first_stage.text_branch"] == 185_683_968
    assert former + sum(value for part, value in parts.items() if part.startswith("first_stage")) == 186_079_234


@pytest.mark.parametrize(
    ("vision", "language", "total", "merger", "deep", "blocks"),
    [
        (
            QWEN_SMALL,
            {"dim": 2048, "layers": 28, "heads": 16, "mlp_dim": 6144, "tied": True},
            2_127_532_032,
            25_174_016,
            75_540_480,
            302_309_376,
        ),
        (
            QWEN_SMALL,
            {"dim": 2560, "layers": 36, "heads": 32, "mlp_dim": 9728, "tied": True},
            4_437_815_808,
            27_271_680,
            81_833_472,
            302_309_376,
        ),
        (
            QWEN_LARGE,
            {"dim": 4096, "layers": 36, "heads": 32, "mlp_dim": 12288},
            8_767_123_696,
            40_119_040,
            120_377_856,
            411_466_608,
        ),
        (
            QWEN_LARGE,
            {"dim": 5120, "layers": 64, "heads": 64, "mlp_dim": 25600},
            33_357_390_064,
            None,
            None,
            411_466_608,
        ),
    ],
)
def test_qwen3_vl(
    vision: dict[str, object],
    language: dict[str, object],
    total: int,
    merger: int | None,
    deep: int | None,
    blocks: int,
) -> None:
    parts = count.parameters(
        slots(
            encoder=("native_vit", vision),
            alignment=("patch_merger", MERGER),
            language_model=("llama", {**QWEN, **language}),
        )
    )
    assert parts
    assert count.scope(parts, "total") == total
    assert parts["encoder.blocks"] == blocks
    if merger:
        assert (parts["alignment.merger"], parts["alignment.deep"]) == (merger, deep)


def test_a_described_kind_has_no_count() -> None:
    assert count.parameters(slots(encoder=("raw_patches", {"patch_size": 30, "dim": 2700}))) is None
