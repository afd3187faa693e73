"""TextTransformer equals CLIP's text tower (and SigLIP's up to its head), for every end-of-text rule and padding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers
from tests.components.reference import TOLERANCE, assert_same, blocks, error, load, shaken
from tests.components.test_vit import CLIP_BLOCK
from torch import Tensor, nn

from chiasm.components.layers import initialize
from chiasm.components.text_transformer import TextTransformer

EOS, PAD = 50, 1
NAMES: dict[str, Any] = {
    "embedding": "embeddings.token_embedding", "positions": "embeddings.position_embedding.weight",
    "norm": "final_layer_norm",
} | blocks("blocks", "encoder.layers", 3, CLIP_BLOCK)  # fmt: skip
SIZES: dict[str, Any] = {
    "vocab_size": 53, "hidden_size": 28, "intermediate_size": 45, "num_hidden_layers": 3, "num_attention_heads": 7,
    "max_position_embeddings": 11,
}  # fmt: skip


def tower(**changes: Any) -> TextTransformer:
    keywords: dict[str, Any] = {
        "vocab_size": 53, "context": 11, "dim": 28, "layers": 3, "heads": 7, "mlp_dim": 45, "activation": "quick_gelu",
        "norm_eps": 1e-5, "causal": True, "pooling": "end_of_text", "eos_token": EOS,
    }  # fmt: skip
    return TextTransformer(**keywords | changes)


def texts(side: str) -> tuple[Tensor, Tensor]:
    """Twenty texts of 3 to 9 tokens, padded to 9 on one side."""
    ids, mask = torch.full((20, 9), PAD), torch.zeros(20, 9, dtype=torch.long)
    generator = torch.Generator().manual_seed(2)
    for index in range(20):
        length = 3 + index % 7
        place = slice(0, length) if side == "right" else slice(9 - length, 9)
        ids[index, place] = torch.cat([torch.randint(3, 49, (length - 1,), generator=generator), torch.tensor([EOS])])
        mask[index, place] = 1
    return ids, mask


def runs(ids: Tensor, mask: Tensor | None) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    def ours(model: nn.Module, _: torch.dtype) -> Tensor:
        return model(ids, mask)  # type: ignore[no-any-return]

    def theirs(model: Any, _: torch.dtype) -> Tensor:
        return model(input_ids=ids, attention_mask=mask).pooler_output  # type: ignore[no-any-return]

    return ours, theirs


def clip(eos: int) -> nn.Module:
    return shaken(transformers.CLIPTextModel(transformers.CLIPTextConfig(**SIZES, eos_token_id=eos, bos_token_id=0)))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("eos", [EOS, 2])
def test_clip(side: str, eos: int) -> None:
    assert_same(tower(eos_token=eos), clip(eos), NAMES, *runs(*texts(side)))


def test_clip_without_a_mask_and_with_padding_that_is_end_of_text() -> None:
    ids, mask = texts("right")
    ids = ids.masked_fill(mask == 0, EOS)
    assert_same(tower(), clip(EOS), NAMES, *runs(ids, None))


def test_a_mask_of_ones_is_no_mask() -> None:
    model, ids = tower(), texts("right")[0]
    initialize(model)
    assert torch.equal(model(ids, torch.ones_like(ids)), model(ids))


def test_siglip() -> None:
    reference = shaken(transformers.SiglipTextModel(transformers.SiglipTextConfig(**SIZES, projection_size=28)))
    reference.head = nn.Identity()
    model = tower(causal=False, pooling="last", activation="gelu_tanh", norm_eps=1e-6)
    assert_same(model, reference, NAMES, *runs(texts("right")[0], None))
    assert_same(model, reference, NAMES, *runs(*texts("left")))


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="texts are 12 tokens, the context is 11"):
        tower()(torch.zeros(1, 12, dtype=torch.long))


def test_of_the_last_block_only_the_token_that_is_read_goes_on() -> None:
    seen: list[tuple[int, ...]] = []
    model = tower()
    load(model, clip(EOS), NAMES)
    for block in model.blocks[-2:]:
        block.mlp.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape)))  # type: ignore[union-attr]
    model(*texts("left"))
    assert seen == [(20, 9, 28), (1, 20, 28)]


def test_compiles_and_exports_with_a_mask() -> None:
    model = tower()
    load(model, clip(EOS), NAMES)
    ids, mask = texts("left")
    expected = model(ids, mask)
    assert error(torch.compile(model, fullgraph=True, backend="aot_eager")(ids, mask), expected) < TOLERANCE
    batch, length = torch.export.Dim("batch", min=2), torch.export.Dim("length", min=2, max=11)
    exported = torch.export.export(model, (ids, mask), dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}))
    assert error(exported.module()(ids[:4, 2:], mask[:4, 2:]), model(ids[:4, 2:], mask[:4, 2:])) < TOLERANCE
