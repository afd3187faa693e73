"""Two towers, their projections and the comparison equal CLIPModel and SiglipModel, losses and gradients included."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
import transformers
from tests.components import test_text_transformer as text
from tests.components import test_vit as vision
from tests.components.reference import TOLERANCE, Names, assert_same, blocks, error, shaken
from torch import Tensor, nn

from chiasm.components.contrastive import Contrastive, Similarity
from chiasm.components.joint_projection import JointProjection
from chiasm.components.layers import initialize


class Towers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = vision.tower()
        self.text_encoder = text.tower()
        self.alignment = JointProjection(vision_dim=30, text_dim=28, dim=18)
        self.fusion = Contrastive(loss="softmax", logit_scale_init=2.6592, logit_bias=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, pixel_values: Tensor) -> Similarity:
        image, words = self.encoder(pixel_values), self.text_encoder(input_ids, attention_mask)
        found: Similarity = self.fusion(self.alignment.vision(image), self.alignment.text(words), return_loss=True)
        return found


def below(names: Names, ours: str, theirs: str) -> dict[str, Any]:
    """The same names under prefixes."""
    return {
        ours + name: [theirs + s for s in ([source] if isinstance(source, str) else source)]
        for name, source in names.items()
    }


def clip() -> nn.Module:
    config = transformers.CLIPConfig(
        vision_config=vision.SIZES | {"hidden_act": "quick_gelu"},
        text_config=text.SIZES | {"eos_token_id": text.EOS, "bos_token_id": 0},
        projection_dim=18,
    )
    return shaken(transformers.CLIPModel(config))


def inputs(dtype: torch.dtype) -> dict[str, Tensor]:
    ids, mask = text.texts("right")
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": vision.images(dtype)[:20]}


@pytest.mark.parametrize("field", ["logits_per_image", "logits_per_text", "image_embeds", "text_embeds", "loss"])
def test_clip(field: str) -> None:
    own: dict[str, Any] = {
        "alignment.vision_proj": "visual_projection", "alignment.text_proj": "text_projection",
        "fusion.logit_scale": "logit_scale",
    }  # fmt: skip
    seen = vision.CLIP | blocks("blocks", "encoder.layers", 4, vision.CLIP_BLOCK)
    names = own | below(seen, "encoder.", "vision_model.") | below(text.NAMES, "text_encoder.", "text_model.")

    def ours(model: nn.Module, dtype: torch.dtype) -> Tensor:
        return getattr(model(**inputs(dtype)), field)  # type: ignore[no-any-return]

    def theirs(model: Any, dtype: torch.dtype) -> Tensor:
        return model(**inputs(dtype), return_loss=True)[field]  # type: ignore[no-any-return]

    assert_same(Towers(), clip(), names, ours, theirs)


def test_siglip() -> None:
    """The comparison alone: what SiglipModel does after its towers."""
    config = transformers.SiglipConfig(vision_config=vision.SIZES, text_config=text.SIZES | {"projection_size": 30})
    reference: Any = shaken(transformers.SiglipModel(config))
    model = Contrastive(loss="sigmoid", logit_scale_init=0.0, logit_bias=True)
    assert model.logit_bias is not None
    model.logit_scale.data = reference.logit_scale.data[0]
    model.logit_bias.data = reference.logit_bias.data[0]
    ids, images = text.texts("right")[0], vision.images(torch.float32)[:20]
    image = reference.get_image_features(pixel_values=images).pooler_output
    words = reference.get_text_features(input_ids=ids).pooler_output
    ours, expected = model(image, words, return_loss=True), reference(ids, images, return_loss=True)
    for field in ours._fields:
        assert error(getattr(ours, field), expected[field]) < TOLERANCE, field
    ours.loss.backward()
    expected.loss.backward()
    assert error(model.logit_scale.grad, reference.logit_scale.grad[0]) < 1e-4  # type: ignore[arg-type]
    assert error(model.logit_bias.grad, reference.logit_bias.grad[0]) < 1e-4  # type: ignore[arg-type]


def test_no_loss_unless_asked() -> None:
    model = Contrastive(loss="softmax", logit_scale_init=math.log(1 / 0.07), logit_bias=False)
    initialize(model)
    out = model(torch.randn(3, 4), torch.randn(5, 4))
    assert out.loss is None
    assert out.logits_per_image.shape == (3, 5)
    assert float(model.logit_scale.detach().exp()) == pytest.approx(1 / 0.07)


def test_a_loss_needs_pairs() -> None:
    model = Contrastive(loss="softmax", logit_scale_init=0.0, logit_bias=False)
    with pytest.raises(ValueError, match="3 images, 5 texts"):
        model(torch.randn(3, 4), torch.randn(5, 4), return_loss=True)


def test_an_unknown_loss_is_named() -> None:
    with pytest.raises(ValueError, match="loss is 'hinge', expected 'softmax' or 'sigmoid'"):
        Contrastive(loss="hinge", logit_scale_init=0.0, logit_bias=False)
