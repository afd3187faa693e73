"""BLIP-2's first stage equals the reference on contrast and matching, from the same directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.parity.harness import TOLERANCE, error, load
from tests.parity.references import IMAGE, blip_2_first_stage, image, padded, pixels, row, seeded


@pytest.mark.parametrize(
    ("keys", "lengths"),
    [
        ({}, (6, 4)),
        ({"queries": 1, "joint": 3}, (1, 9)),
        ({"queries": 9, "joint": 40, "qformer": {"cross_attention_frequency": 1, "num_hidden_layers": 3}}, (5, 5)),
        ({"qformer": {"cross_attention_frequency": 3, "num_hidden_layers": 3, "num_attention_heads": 7}}, (2, 12)),
        ({"qformer": {"hidden_act": "relu", "layer_norm_eps": 1e-2, "num_attention_heads": 1}}, (16, 3)),
        ({"image_token_index": IMAGE}, (6, 4)),
    ],
    ids=["usual", "one-query", "every-layer", "seven-heads", "relu", "placeholders"],
)
def test_matching_and_contrast(keys: dict[str, Any], lengths: tuple[int, int], tmp_path: Path) -> None:
    reference: Any = seeded(lambda: blip_2_first_stage(**keys))()
    model = load("blip_2", reference, tmp_path, cls="FirstStage")
    rows = [row(length, seed=length) % 50 + 1 for length in lengths]
    if "image_token_index" in keys:
        rows = [torch.cat((image(5), ids)) for ids in rows]
    inputs = {**padded(rows, "right"), "pixel_values": pixels(2, 3, 30, 30)}
    with torch.no_grad():
        matching = reference(**inputs, use_image_text_matching_head=True).logits_per_image
        contrast = reference(**inputs, use_image_text_matching_head=False)
        ours_matching = model.itm(**inputs)
        ours_contrast = model.itc(**inputs)
    assert error(ours_matching, matching) < TOLERANCE
    for name in ("logits_per_image", "logits_per_text", "text_embeds", "image_embeds"):
        assert error(getattr(ours_contrast, name), getattr(contrast, name)) < TOLERANCE, name
