"""FirstStageHeads equals transformers on contrast and matching, and a plain implementation on all else."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from tests.components.reference import TOLERANCE, blocks, error, load, shaken
from tests.components.test_q_former import names
from tests.components.test_vit import EVA, EVA_BLOCK
from torch import Tensor
from torch.nn import functional as F

from chiasm import source
from chiasm.claims import claims
from chiasm.components.first_stage import MASKS, FirstStageHeads, draw_negatives, task_mask
from chiasm.components.layers import initialize
from chiasm.components.q_former import QFormer
from chiasm.components.vit import VisionTransformer
from chiasm.document import parse

QUERIES, VOCABULARY, TEXT = 5, 53, 8
NAMES = (
    {f"encoder.{ours}": f"vision_model.{theirs}" for ours, theirs in EVA.items() if ours != "pre_norm"}
    | blocks("encoder.blocks", "vision_model.encoder.layers", 2, EVA_BLOCK)
    | names(4, 2, text=True, ours="alignment.")
    | {
        "alignment.queries": "query_tokens", "alignment.text_embedding": "embeddings.word_embeddings",
        "alignment.text_positions": "embeddings.position_embeddings.weight",
        "vision_proj": "vision_projection", "text_proj": "text_projection", "itm_head": "itm_head",
    }
)  # fmt: skip


def reference(**changes: Any) -> Any:
    config = transformers.Blip2Config(
        vision_config={
            "hidden_size": 36, "intermediate_size": 50, "num_hidden_layers": 2, "num_attention_heads": 3,
            "image_size": 30, "patch_size": 10,
        },
        qformer_config={
            "hidden_size": 28, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 44,
            "vocab_size": VOCABULARY, "max_position_embeddings": 16, "encoder_hidden_size": 36,
            "use_qformer_text_input": True,
        },
        text_config={"model_type": "opt", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
                     "ffn_dim": 8, "vocab_size": 20, "word_embed_proj_dim": 16},
        num_query_tokens=QUERIES, image_text_hidden_size=14, **changes,
    )  # fmt: skip
    return shaken(transformers.Blip2ForImageTextRetrieval(config))


def heads(*, temperature: float | None = None, image_token: int | None = None) -> FirstStageHeads:
    encoder = VisionTransformer(
        image_size=30, patch_size=10, channels=3, dim=36, layers=2, heads=3, mlp_dim=50, activation="gelu",
        norm_eps=1e-6, class_token=True, patch_bias=True, pre_norm=False, attention_pooling=False, feature_layer=-1,
        features="tokens", feature_norm=True,
    )  # fmt: skip
    alignment = QFormer(
        in_dim=36, out_dim=None, num_queries=QUERIES, dim=28, layers=4, heads=4, mlp_dim=44, activation="gelu",
        norm_eps=1e-12, cross_attention_every=2, text_vocab_size=VOCABULARY, text_context=16,
    )  # fmt: skip
    return FirstStageHeads(encoder, alignment, joint_dim=14, temperature_init=temperature, image_token=image_token)


def loaded(theirs: Any, **keywords: Any) -> FirstStageHeads:
    model = heads(**keywords)
    initialize(model)
    generation = {f"generation.{name}" for name, _ in model.generation.named_parameters()}
    shared = heads()
    shared.generation = None  # type: ignore[assignment]
    load(shared, theirs, NAMES)
    missing, unexpected = model.load_state_dict(shared.state_dict(), strict=False)
    assert not unexpected
    assert {name for name in missing if name != "temperature"} == generation
    assert all(name.startswith(model.optional) for name in missing)
    return model


def inputs(rows: int = 4) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(6)
    mask = torch.arange(TEXT)[None] < torch.tensor([TEXT - i for i in range(rows)])[:, None]
    ids = torch.randint(1, VOCABULARY - 2, (rows, TEXT), generator=generator).masked_fill(~mask, 0)
    images = torch.randn(rows, 3, 30, 30, generator=generator)
    return {"input_ids": ids, "attention_mask": mask.long(), "pixel_values": images}


# --- contrast and matching: transformers --------------------------------------------------------------------------


def test_contrast() -> None:
    theirs = reference()
    ours, expected = loaded(theirs).itc(**inputs()), theirs(**inputs())
    for name in ours._fields:
        assert error(getattr(ours, name), expected[name]) < TOLERANCE, name


def test_matching() -> None:
    theirs = reference()
    expected = theirs(**inputs(), use_image_text_matching_head=True).logits_per_image
    assert error(loaded(theirs).itm(**inputs()), expected) < TOLERANCE


def test_gradients() -> None:
    theirs = reference()
    model = loaded(theirs)
    for use in (False, True):
        out = theirs(**inputs(), use_image_text_matching_head=use).logits_per_image
        (out * torch.arange(out.numel()).view(out.shape)).sum().backward()
        ours = model.itm(**inputs()) if use else model.itc(**inputs()).logits_per_image
        (ours * torch.arange(ours.numel()).view(ours.shape)).sum().backward()
    kv = model.alignment.blocks[2].cross.kv  # type: ignore[attr-defined]
    key = theirs.qformer.encoder.layer[2].crossattention.attention.key.weight.grad
    assert error(kv.unpack("weight", kv.weight.grad, 2)[0], key) < 1e-4
    assert error(model.alignment.queries.grad, theirs.query_tokens.grad[0]) < 1e-4  # type: ignore[arg-type]


def test_placeholders_before_the_text_are_dropped() -> None:
    theirs = reference(image_token_index=VOCABULARY - 1)
    given = inputs()
    given["input_ids"] = F.pad(given["input_ids"], (QUERIES, 0), value=VOCABULARY - 1)
    given["attention_mask"] = F.pad(given["attention_mask"], (QUERIES, 0), value=1)
    model = loaded(theirs, image_token=VOCABULARY - 1)
    expected = theirs(**given, use_image_text_matching_head=True).logits_per_image
    assert error(model.itm(**given), expected) < TOLERANCE
    assert error(model.itc(**given).logits_per_text, theirs(**given).logits_per_text) < TOLERANCE


# --- masks, cell by cell ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["ITC", "ITM", "ITG"])
def test_mask_cell_by_cell(task: str) -> None:
    real = torch.tensor([[True, True, True, False], [True, True, True, True]])
    mask = task_mask(task, 3, real)
    assert mask.shape == (2, 1, 7, 7)
    for row, reader, read in itertools.product(range(2), range(7), range(7)):
        kinds = ("query" if reader < 3 else "text", "query" if read < 3 else "text")
        allowed = {"all": True, "none": False, "causal": read <= reader}[MASKS[task][kinds]]
        padding = read >= 3 and not real[row, read - 3]
        assert bool(mask[row, 0, reader, read]) == ((allowed and not padding) or reader == read), (task, reader, read)


def test_the_page_and_the_code_have_the_same_masks() -> None:
    root = source.find_root(Path(__file__).parent)
    assert root is not None
    sources, _ = source.read(root, "knowledge/models/blip-2.md")
    (table,) = claims(parse(sources[0]))[0].masks
    assert table.cells == MASKS


def test_the_tasks_differ_where_the_paper_says() -> None:
    """arXiv:2301.12597 Fig. 2: bi-directional, uni-modal and multimodal causal self-attention masks."""
    assert set(MASKS) == {"ITC", "ITM", "ITG"}
    assert set(MASKS["ITM"].values()) == {"all"}
    assert MASKS["ITC"]["query", "text"] == MASKS["ITC"]["text", "query"] == "none"
    assert MASKS["ITG"]["query", "text"] == "none"
    assert MASKS["ITG"]["text", "query"] == "all"
    assert MASKS["ITG"]["text", "text"] == "causal"


def test_generation_sees_no_later_token_and_queries_see_no_text() -> None:
    model = loaded(reference())
    given = inputs()
    before = model.itg(**given)
    given["input_ids"] = given["input_ids"].clone()
    given["input_ids"][:, 4] += 1
    after = model.itg(**given)
    assert torch.allclose(before[:, :4], after[:, :4], atol=1e-6)
    assert not torch.allclose(before[0, 4:], after[0, 4:], atol=1e-3)


# --- generation and the losses: an independent implementation -----------------------------------------------------


def attend(x: Tensor, y: Tensor, q: Any, k: Any, v: Any, width: int, seen: Tensor | None = None) -> Tensor:
    """Attention of one row x (S, D) over y (U, D), a head at a time."""
    out = []
    for start in range(0, q.weight.shape[0], width):
        part = slice(start, start + width)
        scores = q(x)[:, part] @ k(y)[:, part].T / width**0.5
        scores = scores if seen is None else scores.masked_fill(~seen, -1e30)
        out.append(scores.softmax(-1) @ v(y)[:, part])
    return torch.cat(out, 1)


def plain_joint(theirs: Any, image: Tensor, ids: Tensor, task: str) -> tuple[Tensor, Tensor]:
    """The reference's weights, one pair without padding at a time, the two kinds of token kept apart throughout."""
    norm = theirs.qformer.layernorm
    positions = theirs.embeddings.position_embeddings.weight[: len(ids)]
    query, text = norm(theirs.query_tokens[0]), norm(theirs.embeddings.word_embeddings(ids) + positions)
    length = len(ids)
    for layer in theirs.qformer.encoder.layer:
        attention = layer.attention.attention
        project, width = (attention.query, attention.key, attention.value), attention.attention_head_size
        both = torch.cat([query, text])
        if task == "ITG":
            causal = torch.tensor([[s <= t for s in range(length)] for t in range(length)])
            from_text = torch.cat([torch.ones(length, len(query), dtype=torch.bool), causal], 1)
            read_query = attend(query, query, *project, width)
            read_text = attend(text, both, *project, width, from_text)
        else:
            read_query, read_text = attend(query, both, *project, width), attend(text, both, *project, width)
        out = layer.attention.output
        query, text = out.LayerNorm(query + out.dense(read_query)), out.LayerNorm(text + out.dense(read_text))
        if layer.has_cross_attention:
            cross = layer.crossattention.attention
            seen = attend(query, image, cross.query, cross.key, cross.value, width)
            query = layer.crossattention.output.LayerNorm(query + layer.crossattention.output.dense(seen))
        hidden_query, hidden_text = layer.intermediate_query(query), layer.intermediate(text)
        query = layer.output_query.LayerNorm(query + layer.output_query.dense(hidden_query))
        text = layer.output.LayerNorm(text + layer.output.dense(hidden_text))
    return query, text


def smoothed(logits: Tensor, target: int) -> Tensor:
    """Cross-entropy against 0.9 on the target and 0.1 spread over all."""
    return -(0.9 * logits.log_softmax(-1)[target] + 0.1 * logits.log_softmax(-1).mean())


def plain_generation(model: FirstStageHeads, theirs: Any, image: Tensor, ids: Tensor) -> Tensor:
    _, text = plain_joint(theirs, image, ids, "ITG")
    head = model.generation
    hidden = F.layer_norm(F.gelu(head.dense(text)), (28,), head.norm.weight, head.norm.bias, 1e-12)
    logits: Tensor = hidden @ theirs.embeddings.word_embeddings.weight.T + head.bias
    return logits


def test_generation() -> None:
    theirs = reference()
    model, given = loaded(theirs), inputs()
    images, logits = theirs.vision_model(given["pixel_values"])[0], model.itg(**given)
    for row, length in enumerate(given["attention_mask"].sum(1)):
        expected = plain_generation(model, theirs, images[row], given["input_ids"][row, :length])
        assert error(logits[row, :length], expected) < TOLERANCE


def test_losses() -> None:
    theirs = reference()
    model, given = loaded(theirs, temperature=0.07), inputs()
    images_of, texts_of = torch.tensor([2, 0, 3, 1]), torch.tensor([1, 3, 0, 2])
    losses = model(**given, negatives=(images_of, texts_of))
    images = theirs.vision_model(given["pixel_values"])[0]
    texts = [ids[: int(m.sum())] for ids, m in zip(given["input_ids"], given["attention_mask"], strict=True)]

    similarity = theirs(**given).logits_per_image / 0.07
    by_image = sum(smoothed(similarity[i], i) for i in range(4)) / 4
    by_text = sum(smoothed(similarity[:, i], i) for i in range(4)) / 4
    assert error(losses.itc, torch.as_tensor((by_image + by_text) / 2)) < TOLERANCE

    triples = [(i, i, 1) for i in range(4)]
    triples += [(int(images_of[i]), i, 0) for i in range(4)] + [(i, int(texts_of[i]), 0) for i in range(4)]
    joint = [plain_joint(theirs, images[i], texts[t], "ITM")[0] for i, t, _ in triples]
    matching = torch.stack([theirs.itm_head(query).mean(0) for query in joint])
    picked = [-matching.log_softmax(-1)[row, label] for row, (_, _, label) in enumerate(triples)]
    assert error(losses.itm, torch.stack(picked).mean()) < TOLERANCE

    words = []
    for row, ids in enumerate(texts):
        ids = torch.cat([torch.tensor([VOCABULARY - 1]), ids[1:]])
        logits = plain_generation(model, theirs, images[row], ids)
        words += [smoothed(logits[place], int(ids[place + 1])) for place in range(len(ids) - 1)]
    assert error(losses.itg, torch.stack(words).mean()) < TOLERANCE
    assert error(losses.loss, losses.itc + losses.itm + losses.itg) < TOLERANCE


def test_all_that_is_trained_has_a_gradient() -> None:
    model = loaded(reference(), temperature=0.07)
    model(**inputs(), generator=torch.Generator().manual_seed(0)).loss.backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert not [name for name in silent if not name.endswith("qkv.bias")]


def test_negatives_are_others_and_alike() -> None:
    similarity = torch.full((4, 4), -20.0)
    similarity[3, 1] = 10.0
    drawn = [draw_negatives(similarity, torch.Generator().manual_seed(seed)) for seed in range(60)]
    own = torch.arange(4)
    assert all((images != own).all() and (texts != own).all() for images, texts in drawn)
    assert sum(int(images[1]) == 3 for images, _ in drawn) > 55
    assert sum(int(texts[3]) == 1 for _, texts in drawn) > 55
    assert {int(texts[0]) for _, texts in drawn} == {1, 2, 3}


def test_one_pair_has_no_negative() -> None:
    with pytest.raises(ValueError, match="at least 2 pairs"):
        draw_negatives(torch.zeros(1, 1))


def test_a_second_stage_q_former_is_refused() -> None:
    second = QFormer(
        in_dim=36, out_dim=9, num_queries=QUERIES, dim=28, layers=1, heads=4, mlp_dim=44, activation="gelu",
        norm_eps=1e-12, cross_attention_every=2, text_vocab_size=VOCABULARY, text_context=16,
    )  # fmt: skip
    with pytest.raises(ValueError, match="needs a Q-Former with a text branch"):
        FirstStageHeads(torch.nn.Identity(), second, joint_dim=3, temperature_init=None)


def test_compiles() -> None:
    model = loaded(reference(), temperature=0.07)
    negatives = torch.tensor([2, 0, 3, 1]), torch.tensor([1, 3, 0, 2])
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    given = inputs()
    assert error(compiled(**given, negatives=negatives).loss, model(**given, negatives=negatives).loss) < TOLERANCE
