"""MLPProjector equals LLaVA's projector."""

from __future__ import annotations

import pytest
import torch
import transformers
from tests.components.reference import assert_same, shaken
from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

from chiasm.components.layers import initialize
from chiasm.components.mlp_projector import MLPProjector


@pytest.mark.parametrize(("act", "bias"), [("gelu", True), ("relu", False)])
def test_llava(act: str, bias: bool) -> None:
    config = transformers.LlavaConfig(
        vision_config={"model_type": "clip_vision_model", "hidden_size": 26, "num_attention_heads": 2},
        text_config={"model_type": "llama", "hidden_size": 36, "num_attention_heads": 2},
        projector_hidden_act=act,
        multimodal_projector_bias=bias,
    )
    x = torch.randn(3, 9, 26, generator=torch.Generator().manual_seed(0))
    assert_same(
        MLPProjector(in_dim=26, out_dim=36, activation=act, bias=bias),
        shaken(LlavaMultiModalProjector(config)),
        {"up": "linear_1", "down": "linear_2"},
        lambda model, dtype: model(x.to(dtype)),
        lambda model, dtype: model(x.to(dtype)),
    )


def test_an_unknown_activation_is_named() -> None:
    with pytest.raises(ValueError, match="unknown activation 'mish'"):
        MLPProjector(in_dim=2, out_dim=2, activation="mish", bias=True)


def test_compiles_to_one_graph() -> None:
    model = MLPProjector(in_dim=6, out_dim=8, activation="gelu", bias=True)
    initialize(model)
    x = torch.randn(2, 3, 6)
    torch.testing.assert_close(torch.compile(model, fullgraph=True, backend="aot_eager")(x), model(x))
