"""Bad input: whatever a caller, a file or a configuration gets wrong is a ValueError that says what and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.parity.harness import package
from tests.parity.references import clip, clip_inputs, seeded
from tests.test_contract_generation import PACKAGES, every, pair

Inputs = dict[str, Any]
Call = Callable[[Any, Inputs], object]


def _ids(change: Callable[[Tensor, int], None]) -> Call:
    """Forward with changed ids; the change is told the placeholder."""

    def call(model: Any, inputs: Inputs) -> object:
        ids = inputs["input_ids"].clone()
        change(ids, model.config.fusion.image_token)
        return model(**{**inputs, "input_ids": ids})

    return call


def _with(**made: Callable[[Inputs], Any]) -> Call:
    return lambda model, inputs: model(**{**inputs, **{key: make(inputs) for key, make in made.items()}})


def _lose_one(ids: Tensor, image: int) -> None:
    ids[0, (ids[0] == image).nonzero()[0, 0]] = 5


def _move_one(ids: Tensor, image: int) -> None:
    _lose_one(ids, image)
    ids[-1, -1] = image


def _blank(ids: Tensor) -> None:
    ids.fill_(5)


def _put(row: int, value: int) -> Callable[[Tensor, int], None]:
    def change(ids: Tensor, image: int) -> None:
        ids[row, -1] = image if value == 0 else value

    return change


def _labelled(value: int) -> Call:
    def call(model: Any, inputs: Inputs) -> object:
        labels = torch.full_like(inputs["input_ids"], -100)
        labels[0, -1] = value
        return model(**inputs, labels=labels)

    return call


def _generating(**options: Any) -> Call:
    return lambda model, inputs: model.generate(**inputs, **{"max_new_tokens": 2, **options})


def _not_finite(model: Any, inputs: Inputs) -> object:
    pixels = inputs["pixel_values"].clone()
    pixels.flatten()[3] = torch.nan
    return model.generate(**{**inputs, "pixel_values": pixels}, max_new_tokens=2)


def _no_image(model: Any, inputs: Inputs) -> object:
    none = {key: inputs[key][:0] for key in ("pixel_values", "image_grid_thw") if key in inputs}
    return model(torch.full((1, 4), 5), **none)


def _without_images(model: Any, inputs: Inputs) -> object:
    return model(inputs["input_ids"], inputs["attention_mask"])


# What is wrong: how, and what the message must name.
BAD: dict[str, tuple[Call, str]] = {
    "a placeholder too few": (_ids(_lose_one), r"row 0 has \d+ image placeholders, but \d images? with \d+ visual"),
    "a placeholder too many": (_ids(_put(-1, 0)), r"row \d has \d+ image placeholders, but \d images? with \d+ visual"),
    "a placeholder in another row": (_ids(_move_one), r"row 0 has \d+ image placeholders"),
    "placeholders without images": (_without_images, r"row 0 has \d+ image placeholders, but no image"),
    "images without placeholders": (
        _ids(lambda ids, _: ids.fill_(5).squeeze_()),
        r"images have \d+ visual tokens.* 0 image",
    ),
    "an id below the table": (_ids(_put(0, -1)), r"row 0 has id -1 at place \d+, the table has ids below \d+"),
    "an id beyond the table": (_ids(_put(0, 999)), r"row 0 has id 999 at place \d+"),
    "ids that are no integers": (_with(input_ids=lambda i: i["input_ids"].float()), r"input_ids are torch.float32"),
    "ids of one axis": (_with(input_ids=lambda i: i["input_ids"][0]), r"expected integers \(batch, tokens\)"),
    "a mask of another shape": (
        _with(attention_mask=lambda i: i["attention_mask"][:, 1:]),
        r"attention_mask has the shape",
    ),
    "a mask of four axes": (
        _with(attention_mask=lambda i: i["attention_mask"][:, None, None]),
        r"attention_mask has the",
    ),
    "pixels that are bytes": (
        _with(pixel_values=lambda i: i["pixel_values"].to(torch.uint8)),
        r"pixel_values are torch.uint8",
    ),
    "pixels of another size": (_with(pixel_values=lambda i: i["pixel_values"][..., :-1]), r"images (are|have)"),
    "pixels that are not finite": (_not_finite, r"1 of \d+ pixel values are not finite"),
    "no temperature": (_generating(do_sample=True, temperature=0.0), r"temperature is 0.0"),
    "top_p beyond 1": (_generating(do_sample=True, top_p=1.5), r"top_p is 1.5"),
    "top_k of nothing": (_generating(do_sample=True, top_k=0), r"top_k is 0"),
    "beyond the context": (_generating(max_new_tokens=500), r"500 new ones exceed the context of \d+"),
    "ids that are booleans": (_with(input_ids=lambda i: i["input_ids"] > 3), r"input_ids are torch.bool"),
    "a label below the table": (_labelled(-5), r"-5"),
    "a label beyond the table": (_labelled(999), r"999"),
    "labels of another shape": (_with(labels=lambda i: i["input_ids"][:, 1:]), r"labels"),
    "a mask that is added": (
        _with(attention_mask=lambda i: (i["attention_mask"].float() - 1) * 1e9),
        r"attention_mask",
    ),
    "positions of another shape": (_with(position_ids=lambda _: torch.arange(3)[None]), r"position_ids"),
    "no image in pixels": (_no_image, r"image|patches"),
    "steps below 0": (_generating(max_new_tokens=-1), r"max_new_tokens is -1"),
    "half a step": (_generating(max_new_tokens=2.5), r"max_new_tokens is 2.5"),
    "a temperature that is no number": (_generating(do_sample=True, temperature=float("nan")), r"temperature is nan"),
    "nothing to continue": (lambda m, i: m.generate(i["input_ids"][:, :0], max_new_tokens=2), r"input_ids"),
    "no row to continue": (
        lambda m, i: m.generate(i["input_ids"][:0], i["attention_mask"][:0], max_new_tokens=2),
        r"input_ids",
    ),
}


@every
@pytest.mark.parametrize("wrong", BAD)
def test_what_a_caller_gets_wrong_is_named(name: str, wrong: str) -> None:
    call, message = BAD[wrong]
    with pytest.raises(ValueError, match=message):
        call(pair(name)[1], PACKAGES[name][1]())


GRIDS: dict[str, tuple[Any, str]] = {
    "more than the patches": ([[1, 4, 8], [1, 8, 2], [1, 6, 6]], r"visual tokens|patches"),
    "an image more": ([[1, 4, 6], [1, 8, 2], [1, 6, 6], [1, 2, 2]], r"visual tokens|patches"),
    "no integers": ([[1.0, 4.0, 6.0], [1.0, 8.0, 2.0], [1.0, 6.0, 6.0]], r"image_grid_thw"),
    "two axes": ([[4, 6], [8, 2], [6, 6]], r"image_grid_thw"),
    "no multiple of what is merged": ([[1, 3, 8], [1, 8, 2], [1, 6, 6]], r"image 0|3"),
    "an empty image": ([[1, 4, 6], [1, 8, 2], [1, 6, 6], [1, 0, 4]], r"image 3|0"),
    "below zero": ([[1, -4, -6], [1, 8, 2], [1, 6, 6]], r"image 0|-4"),
}


@pytest.mark.parametrize("wrong", GRIDS)
def test_a_grid_that_fits_no_image_is_named(wrong: str) -> None:
    grid, message = GRIDS[wrong]
    with pytest.raises(ValueError, match=message):
        pair("qwen3_vl")[1](**{**PACKAGES["qwen3_vl"][1](), "image_grid_thw": torch.tensor(grid)})


def test_a_placeholder_in_the_padding_is_refused_where_features_would_be_shifted() -> None:
    inputs = PACKAGES["qwen3_vl"][1]()
    inputs["attention_mask"][0, :9] = 0
    with pytest.raises(ValueError, match=r"row 0 has .* in its padding"):
        pair("qwen3_vl")[1](**inputs)


def test_patches_need_their_grid() -> None:
    inputs = PACKAGES["qwen3_vl"][1]()
    del inputs["image_grid_thw"]
    with pytest.raises(ValueError, match="76 patches came without image_grid_thw"):
        pair("qwen3_vl")[1](**inputs)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param([-100, 3, -100, 8], id="some"),
        pytest.param([-100, -100, -100, -100], id="none"),
    ],
)
def test_the_loss_is_what_it_means_however_little_is_labelled(labels: list[int]) -> None:
    loss = package("llava").model.ops
    hidden, weight, learned = torch.randn(4, 6), torch.randn(9, 6), torch.tensor(labels)
    fast, plain = (
        call(hidden, weight, learned) for call in (loss.linear_cross_entropy, loss.plain_linear_cross_entropy)
    )
    assert torch.allclose(fast, plain, equal_nan=True)


# --- configurations and files -------------------------------------------------------------------------------------

CONFIGURATIONS: dict[str, list[tuple[str, Any]]] = {
    "llava": [
        ("text_config.num_key_value_heads", 4),
        ("text_config.hidden_size", 0),
        ("text_config.rms_norm_eps", float("nan")),
        ("text_config.rms_norm_eps", "1e-6"),
        ("text_config.num_hidden_layers", -1),
        ("text_config.num_hidden_layers", 10**12),
        ("text_config.vocab_size", 2.5),
        ("text_config.hidden_act", "xielu"),
        ("text_config.rope_parameters.rope_type", "yarn"),
        ("text_config.made_up", 1),
        ("vision_config.patch_size", 0),
        ("vision_feature_layer", [-2, -3]),
        ("vision_feature_layer", -9),
        ("vision_feature_select_strategy", "cls"),
        ("model_type", "llava_next"),
        ("text_config", []),
        ("text_config.rms_norm_eps", -1),
        ("text_config.rope_parameters.rope_theta", 0),
        ("vision_config.layer_norm_eps", -1),
        ("vision_config.hidden_size", 2),
        ("vision_config.num_attention_heads", 10**12),
        ("vision_config.image_size", 10**12),
    ],
    "qwen3_vl": [
        ("text_config.rope_parameters.mrope_section", [4, 2, 3]),
        ("text_config.rope_parameters.mrope_section", 8),
        ("vision_config.num_position_embeddings", 24),
        ("vision_config.deepstack_visual_indexes", [0, 99]),
        ("vision_config.out_hidden_size", 41),
    ],
    "blip_2": [
        ("num_query_tokens", -5),
        ("qformer_config.cross_attention_frequency", 0),
        ("text_config.do_layer_norm_before", False),
        ("vision_config.hidden_size", 35),
    ],
}


@pytest.mark.parametrize(
    ("name", "key", "value"), [(name, key, value) for name, rows in CONFIGURATIONS.items() for key, value in rows]
)
def test_a_configuration_that_makes_no_model_is_refused(name: str, key: str, value: Any, tmp_path: Path) -> None:
    pair(name)[0].save_pretrained(tmp_path)
    file = tmp_path / "config.json"
    config = json.loads(file.read_text())
    part, (*parents, last) = config, key.split(".")
    for parent in parents:
        part = part[parent]
    part[last] = value
    file.write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"config\.json|unexpected|needs"):
        package(name).Model.from_pretrained(tmp_path)


@every
def test_cut_and_flipped_files_are_refused(name: str, tmp_path: Path) -> None:
    pair(name)[0].save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    whole = file.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    seed = torch.Generator().manual_seed(0)
    cuts = [0, 1, 7, 8, 9, header - 1, header, len(whole) - 1]
    broken = [whole[:cut] for cut in cuts] + [whole + b"\0", b"PK\x03\x04" + whole, b"\x80\x04" + whole[2:]]
    for _ in range(25):
        place, bit = (int(torch.randint(n, (), generator=seed)) for n in (header, 8))
        broken.append(whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :])
    for number, content in enumerate(broken):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=r"safetensors|the files are not|needs|missing|config\.json"):
            package(name).Model.from_pretrained(tmp_path)
        assert file.read_bytes() == content, number


@every
def test_a_missing_tensor_is_named(name: str, tmp_path: Path) -> None:
    pair(name)[0].save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    gone = sorted(tensors)[7]
    del tensors[gone]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=f"1 missing: {gone}"):
        package(name).Model.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_ids": torch.full((1, 14), 5), "attention_mask": None}, r"14 tokens is longer than the context of 13"),
        ({"input_ids": torch.full((1, 4), 99), "attention_mask": None}, r"row 0 has id 99 at place 0"),
        ({"attention_mask": torch.ones(1, 3)}, r"attention_mask has the shape"),
        ({"pixel_values": torch.zeros(1, 3, 31, 30)}, r"images are 31×30 px"),
        ({"pixel_values": torch.zeros(1, 3, 30, 30, dtype=torch.uint8)}, r"pixel_values are torch.uint8"),
        ({"return_loss": True}, r"2 images|3 texts|pairs"),
    ],
)
def test_clip(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    reference: Any = seeded(clip)()
    reference.save_pretrained(tmp_path)
    model = package("clip").Model.from_pretrained(tmp_path)
    with pytest.raises(ValueError, match=message):
        model(**{**clip_inputs(), **change})
