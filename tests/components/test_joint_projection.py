"""JointProjection takes both towers into one space."""

from __future__ import annotations

import torch
from tests.components.reference import load, shaken
from torch import nn

from chiasm.components.joint_projection import JointProjection


class Reference(nn.Module):
    """CLIP's two projections, under their released names."""

    def __init__(self) -> None:
        super().__init__()
        self.visual_projection = nn.Linear(12, 9, bias=False)
        self.text_projection = nn.Linear(7, 9, bias=False)


def test_each_tower_has_its_own_projection_without_bias() -> None:
    ours, theirs = JointProjection(vision_dim=12, text_dim=7, dim=9), shaken(Reference())
    load(ours, theirs, {"vision_proj": "visual_projection", "text_proj": "text_projection"})
    x, y = torch.randn(3, 12), torch.randn(5, 7)
    assert torch.equal(ours.vision(x), theirs.visual_projection(x))  # type: ignore[operator]
    assert torch.equal(ours.text(y), theirs.text_projection(y))  # type: ignore[operator]
    assert sum(p.numel() for p in ours.parameters()) == 12 * 9 + 7 * 9
