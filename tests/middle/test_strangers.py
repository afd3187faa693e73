"""Tables, lists and blocks of code of strangers: what is right is proved, what is wrong refuted, all else left."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm import pipeline
from chiasm.diagnostic import Diagnostic
from chiasm.foreign import Judge
from chiasm.judging.plain.grid import head, is_variation
from chiasm.judging.plain.pairings import settings as read
from chiasm.judging.verdict import Verdict
from chiasm.source import Source
from tests.middle.base import ROOT

CONFIG = """{{
  "model_type": "llava",
  "text_config": {{"model_type": "llama", "max_position_embeddings": 4096}},
  "vision_config": {{"hidden_size": 1024, "image_size": 336, "num_attention_heads": {heads}, "num_hidden_layers": 24,
    "patch_size": 14, "intermediate_size": 4096}}
}}"""
YAML = """model_type: qwen3_vl
text_config:
  hidden_size: 4096  # wide
  num_hidden_layers: 36
  num_attention_heads: 32
  num_key_value_heads: 8
vision_config:
  depth: 27
  hidden_size: 1152
  patch_size: {patch}
"""
NEXT = (
    '{"model_type": "llava_next", "text_config": {"model_type": "mistral", "hidden_size": 4096, '
    '"num_hidden_layers": 32, "intermediate_size": 14336}, '
    '"vision_config": {"image_size": 336, "hidden_size": 1024, "patch_size": 16}}'
)
CALL = (
    "tower = SiglipVisionConfig(hidden_size=1152, intermediate_size=4304, num_hidden_layers={layers}, "
    "num_attention_heads=16, image_size=384, patch_size=14)"
)


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge(pipeline.known(ROOT))


def judged(judge: Judge, text: str) -> tuple[tuple[Verdict, ...], list[Diagnostic]]:
    """Every verdict on a foreign page, and what is found on it."""
    return judge._of_page(Source(f"stranger/{text}.md", f"{text}\n", ""))[1:]


def said(judge: Judge, text: str) -> tuple[Verdict, ...]:
    return judged(judge, text)[0]


def wrong(judge: Judge, text: str) -> list[str]:
    return [one.message.partition(" is refuted")[0] for one in judged(judge, text)[1]]


def right(judge: Judge, text: str) -> list[str]:
    return [one.text for one in said(judge, text) if one.outcome == "proved"]


TRUE = {
    "a table of attributes": (
        "# LLaVA 1.5\n\n| Property | Value |\n|---|---|\n| Image encoder | CLIP |\n| Context length | 4096 tokens |",
        ["4096"],
    ),
    "a table of components": (
        "# CLIP ViT-L/14-336\n\n| Part | Parameters |\n|---|---|\n| Vision encoder | 303.5M |\n| Total | 428M |",
        ["303.5M", "428M"],
    ),
    "a list below the name of a component": (
        "# LLaVA-1.5-13B\n\n### Language model\n\n- Model: Vicuna-13B\n- Hidden size: 5120\n- Attention heads: 40",
        ["5120", "40"],
    ),
    "a column of a component": (
        "| CLIP | Vision width | Vision layers |\n|---|--:|--:|\n| CLIP ViT-B/32 | 768 | 12 |",
        ["768", "12"],
    ),
    "two counts in a cell": (
        "| | Qwen3-VL-4B | Qwen3-VL-32B |\n|---|---|---|\n| Heads (Q/KV) | 32 / 8 | 64 / 8 |",
        ["32", "8", "64", "8"],
    ),
    "rows below the name of a component": (
        "| | Flamingo-80B | Ours |\n|---|---|---|\n| **Resampler** | | |\n| # latents | 64 | 32 |\n| layers | 6 | 2 |",
        ["64", "6"],
    ),
    "both sides of a square": ("SigLIP-so400m-14-384 reads images of 384×384 pixels.", ["384", "384"]),
    "JSON": (f"# llava-1.5-7b-hf\n\n```json\n{CONFIG.format(heads=16)}\n```", ["16", "14"]),
    "YAML": (f"## Qwen3-VL-8B\n\n```yaml\n{YAML.format(patch=16)}```", ["16", "27"]),
    "a call": (f"SigLIP so400m:\n\n```python\n{CALL.format(layers=27)}\n```", ["27", "4304"]),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_right_is_proved(judge: Judge, name: str) -> None:
    text, numbers = TRUE[name]
    assert wrong(judge, text) == []
    proved = right(judge, text)
    assert [one for one in numbers if one not in proved] == []


FALSE = {
    "| Property | Value |\n|---|---|\n| Context length | 32768 tokens |": ("# LLaVA 1.5", "32768"),
    "| Property | Value |\n|---|---|\n| Vision encoder | SigLIP-L/16 |": ("# LLaVA 1.5", "SigLIP"),
    "| Model | Connector |\n|---|---|\n| LLaVA-1.5-7B | Q-Former |": ("# Models", "Q-Former"),
    "| Model | Projector |\n|---|---|\n| BLIP-2 | linear layer |": ("# Models", "linear"),
    "| Model | LLM |\n|---|---|\n| llava-v1.6-mistral-7b | Qwen2-7B |": ("# Models", "Qwen2-7B"),
    "### Vision encoder\n\n- Model: CLIP ViT-L/14\n- Hidden size: 768": ("# LLaVA", "768"),
    "| | Flamingo-9B | Ours |\n|---|---|---|\n| Resampler | | |\n| latents | 32 | 64 |": ("# Sizes", "32"),
    "| Model | Params | Context |\n|---|---|---|\n| Qwen3-VL-8B | 8.77B | 128K |": ("# Sizes", "128K"),
    "| Model | Size | Tokens per image |\n|---|---|---|\n| BLIP-2 | 4B | 64 |": ("# Sizes", "64"),
    f"```json\n{CONFIG.format(heads=12)}\n```": ("# llava-1.5-7b-hf", "12"),
    f"```yaml\n{YAML.format(patch=14)}```": ("# Qwen3-VL-8B", "14"),
    f"```python\n{CALL.format(layers=24)}\n```": ("# SigLIP so400m", "24"),
    f"```json\n{NEXT}\n```": ("# LLaVA-NeXT (Mistral 7B)", "16"),
    "| Model | Image tokens | Encoder |\n|---|---|---|\n| LLaVA-1.5 | 256 | CLIP ViT-L/14-336 |": ("# Sizes", "256"),
}


@pytest.mark.parametrize("text", FALSE)
def test_what_is_wrong_is_refuted(judge: Judge, text: str) -> None:
    heading, value = FALSE[text]
    assert any(one.startswith(value) for one in wrong(judge, f"{heading}\n\n{text}"))


LEFT = (
    "# BLIP-2\n\n## Vision encoder\n\nOf EVA-CLIP it keeps 39 of 40 blocks.",
    "# Qwen3-VL\n\nPatches of 14 pixels belong to Qwen2-VL.",
    "Idefics2 spends 64 tokens on an image; with image splitting it spends 320 tokens.",
    "| Model | # tokens per image |\n|---|---|\n| Idefics2 (w/ im. split) | 320 |\n| Idefics2 | 64 |",
    "BEiT-3 base has 12 layers; BEiT-3 large has 24 layers.",
    "| Method | Visual tokens |\n|---|---|\n| LLaVA-1.5 | 576 |\n| LLaVA-1.5 (pruned) | 192 |",
    "| Run | Resolution |\n|---|---|\n| LLaVA-1.5, small | 224 |\n| LLaVA-1.5 | 336 |",
    "| Model | LLM |\n|---|---|\n| LLaVA-1.5* | Qwen2-7B |",
    "| Width | Height | Model |\n|---|---|---|\n| 640 | 480 | LLaVA-1.5 |",
    "# LLaVA-1.5, fine-tuned\n\n| Hyperparameter | Value |\n|---|---|\n| image size | 448 |\n| layers | 16 |",
    "# Defaults of Qwen3-VL\n\n| Parameter | Default |\n|---|---|\n| patch_size | 14 |",
    "LLaVA-1.5 keeps 144 of its visual tokens after pruning: 144 tokens an image.",
    "# A tiny LLaVA\n\n```python\nLlavaConfig(vision_config=CLIPVisionConfig(hidden_size=32, patch_size=2))\n```",
    f"# Our LLaVA-1.5-7B\n\nWe change its tower:\n\n```json\n{CONFIG.format(heads=12)}\n```",
    f"# LLaVA\n\n```json\n{CONFIG.format(heads=16).replace('llama', 'mistral').replace('4096}', '32768}')}\n```",
    '# BLIP-2\n\n```json\n{"model_type": "instructblip", "num_query_tokens": 16, "patch_size": 14}\n```',
)


@pytest.mark.parametrize("text", LEFT)
def test_what_may_be_somebodys_own_is_left(judge: Judge, text: str) -> None:
    assert wrong(judge, text) == []


def test_a_size_that_only_a_name_says_is_reported(judge: Judge) -> None:
    for text in ("Fuyu-8B has 8B parameters.", "Fuyu is an 8B model."):
        (made,) = (one for one in said(judge, text) if one.outcome != "not judged")
        assert (made.outcome, made.text) == ("reported", "8B")
        assert "9.41B" in made.reason


def test_a_value_of_a_block_is_found_where_it_stands(judge: Judge) -> None:
    text = f"- SigLIP so400m\n\n  ```python\n  {CALL.format(layers=24)}\n  ```"
    (made,) = (one for one in said(judge, text) if one.outcome == "refuted")
    line = text.split("\n")[made.span.line - 1]
    assert line[made.span.column - 1 : made.span.end - 1] == "24"


@pytest.mark.parametrize(
    ("text", "what", "slots"),
    [
        ("# Params", "parameters", ()),
        ("num_hidden_layers", "layers", ()),
        ("Vision encoder depth", "layers", ("encoder",)),
        ("Perceiver latents", "queries", ("alignment",)),
        ("Tokens / image", "image_tokens", ()),
    ],
)
def test_headers(text: str, what: str, slots: tuple[str, ...]) -> None:
    found = head(text)
    assert found is not None
    assert (found.what, found.slots) == (what, slots)


@pytest.mark.parametrize(
    "text", ["LLM", "params (trainable)", "GPU memory", "Batch size", "", "Layers that were frozen"]
)
def test_headers_of_something_else(text: str) -> None:
    assert head(text) is None


def test_a_name_with_more_beside_it_is_a_variation() -> None:
    assert not any(is_variation(text, [(0, 9)]) for text in ("LLaVA-1.5", "LLaVA-1.5 (Vicuna-7B) [12]", "LLaVA-1.5 7B"))
    assert all(is_variation(text, [(0, 9)]) for text in ("LLaVA-1.5*", "LLaVA-1.5 + FastV", "LLaVA-1.5 (ours)"))


def test_keys_are_read_in_every_notation() -> None:
    for text in (
        '{"vision_config": {"patch_size": 14, "x": [1, 2]}}',
        "vision_config:\n  patch_size: 14\n  x: [1, 2]\n",
        "CLIPVisionConfig(patch_size=14, x=[1, 2])",
        "c = Config(vision_config=CLIPVisionConfig(\n    patch_size = 14,\n    x = [1, 2],\n))",
    ):
        found = {key: one.value for key, one in read(text).items()}
        assert found == {"vision_config.patch_size": 14, "vision_config.x": [1, 2]}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab_\"':={}[](),.#-0123456789 \n", max_size=200))
def test_no_code_breaks_the_reader(text: str) -> None:
    for one in read(text).values():
        assert one.text in text
        assert text.split("\n")[one.line].find(one.text.split("\n", maxsplit=1)[0]) >= 0
