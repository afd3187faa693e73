"""BLIP-2's first stage equals the reference on contrast and matching, from the same directory."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.parity.harness import TOLERANCE, error, load
from tests.parity.references import blip_2_first_stage, padded, pixels, row


def test_matching_and_contrast(tmp_path: Path) -> None:
    reference = blip_2_first_stage()
    model = load("blip_2", reference, tmp_path, cls="FirstStage")
    rows = [row(6) % 50 + 1, row(4, seed=3) % 50 + 1]
    inputs = {**padded(rows, "right"), "pixel_values": pixels(2, 3, 30, 30)}
    with torch.no_grad():
        matching = reference(**inputs, use_image_text_matching_head=True).logits_per_image
        contrast = reference(**inputs, use_image_text_matching_head=False)
        ours_matching = model.itm(**inputs)
        ours_contrast = model.itc(**inputs)
    assert error(ours_matching, matching) < TOLERANCE
    assert error(ours_contrast.logits_per_image, contrast.logits_per_image) < TOLERANCE
    assert error(ours_contrast.logits_per_text, contrast.logits_per_text) < TOLERANCE
