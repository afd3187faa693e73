"""`generate` and `stream` of every package, by the contract alone: what ends a row, what pads it, what is drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
import transformers as tf
from torch import Tensor
from torch.nn import functional as F

from tests.parity.harness import TOLERANCE, error, load, package, real
from tests.parity.references import blip_2, blip_2_inputs, llava, llava_inputs, qwen3_vl, qwen3_vl_inputs, seeded

tf.utils.logging.disable_progress_bar()
PACKAGES: dict[str, tuple[Callable[[], Any], Callable[[], dict[str, Tensor]]]] = {
    "llava": (seeded(llava), llava_inputs),
    "blip_2": (seeded(blip_2), blip_2_inputs),
    "qwen3_vl": (seeded(qwen3_vl), qwen3_vl_inputs),
}
STEPS = 8
every = pytest.mark.parametrize("name", PACKAGES)


@cache
def pair(name: str) -> tuple[Any, Any]:
    """A reference and the model loaded from what it saved; nobody changes them."""
    reference = PACKAGES[name][0]()
    with TemporaryDirectory() as folder:
        return reference, load(name, reference, Path(folder))


@cache
def freely(name: str) -> Tensor:
    """What the reference goes on with where nothing ends a row."""
    reference, _ = pair(name)
    inputs = PACKAGES[name][1]()
    ids = reference.generate(**inputs, max_new_tokens=STEPS, do_sample=False, eos_token_id=None, pad_token_id=0)
    return ids[:, -STEPS:]


@every
@pytest.mark.parametrize("pad", [0, 7])
@pytest.mark.parametrize("ends", ["one", "several", "each its own", "the last row's", "all at once"])
def test_rows_end_and_are_padded_as_the_references(name: str, ends: str, pad: int) -> None:
    (reference, model), inputs, new = pair(name), PACKAGES[name][1](), freely(name)
    eos: Any = {
        "one": int(new[0, 3]),
        "several": [int(new[0, 2]), int(new[1, 5])],
        "each its own": new[:, 4].tolist(),
        "the last row's": int(new[-1, 0]),
        "all at once": sorted(set(new[:, 0].tolist())),
    }[ends]
    keys = {"max_new_tokens": STEPS, "do_sample": False, "eos_token_id": eos, "pad_token_id": pad}
    assert torch.equal(model.generate(**inputs, **keys), reference.generate(**inputs, **keys))


@every
@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"eos_token_id": "E", "pad_token_id": 9}, id="eos and pad"),
        pytest.param({"eos_token_id": ["E", 5], "pad_token_id": 9}, id="a list"),
        pytest.param({"eos_token_id": "E"}, id="no pad"),
        pytest.param({"pad_token_id": 9}, id="no eos"),
        pytest.param({"eos_token_id": None, "pad_token_id": None}, id="null"),
        pytest.param({}, id="empty"),
        pytest.param(None, id="no file"),
    ],
)
def test_the_generation_config_speaks_alone_where_there_is_one(
    name: str, said: dict[str, Any] | None, tmp_path: Path
) -> None:
    if name == "blip_2" and said is not None:
        pytest.skip("this reference asks its language model's configuration and never reads the file")
    reference, inputs, new = pair(name)[0], PACKAGES[name][1](), freely(name)
    reference.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["text_config"].update(eos_token_id=int(new[1, 3]), pad_token_id=6)
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "generation_config.json").unlink()
    if said is not None:
        text = json.dumps(said).replace('"E"', str(int(new[0, 2])))
        (tmp_path / "generation_config.json").write_text(text)
    again, model = type(reference).from_pretrained(tmp_path), package(name).Model.from_pretrained(tmp_path)
    theirs = again.generate(**inputs, max_new_tokens=STEPS, do_sample=False)
    assert torch.equal(model.generate(**inputs, max_new_tokens=STEPS), theirs)


def test_the_file_ends_rows_where_the_reference_does_not_read_it(tmp_path: Path) -> None:
    reference, inputs, new = pair("blip_2")[0], blip_2_inputs(), freely("blip_2")
    reference.save_pretrained(tmp_path)
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": int(new[0, 1]), "pad_token_id": 9}))
    model = package("blip_2").Model.from_pretrained(tmp_path)
    keys = {"max_new_tokens": STEPS, "eos_token_id": int(new[0, 1]), "pad_token_id": 9}
    assert torch.equal(model.generate(**inputs, max_new_tokens=STEPS), reference.generate(**inputs, **keys))


@every
@pytest.mark.parametrize("steps", [0, 1])
def test_few_steps(name: str, steps: int) -> None:
    (reference, model), inputs = pair(name), PACKAGES[name][1]()
    ours = model.generate(**inputs, max_new_tokens=steps)
    if steps:
        assert torch.equal(ours, reference.generate(**inputs, max_new_tokens=steps, do_sample=False))
    else:
        assert torch.equal(ours, inputs["input_ids"])


@every
def test_the_context_may_be_filled_and_not_exceeded(name: str) -> None:
    _, model = pair(name)
    context = model.language_model.max_context
    ids = torch.full((1, context - 2), 5)
    assert model.generate(input_ids=ids, max_new_tokens=3, eos_token_id=None).shape == (1, context + 1)
    with pytest.raises(ValueError, match=f"{context - 2} tokens and 4 new ones exceed the context of {context}"):
        model.generate(input_ids=ids, max_new_tokens=4)
    with pytest.raises(ValueError, match=f"{context + 1} tokens is longer than the context of {context}"):
        model(input_ids=torch.full((1, context + 1), 5))


@every
@pytest.mark.parametrize("side", ["left", "right", "both"])
def test_columns_of_nothing_but_padding_change_nothing(name: str, side: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    wide = {"left": (3, 0), "right": (0, 2), "both": (1, 2)}[side]
    padded = {**inputs}
    for key in ("input_ids", "attention_mask", "mm_token_type_ids"):
        if key in inputs:
            padded[key] = F.pad(inputs[key], wide)
    with torch.no_grad():
        once, again = model(**inputs).logits, model(**padded).logits
    assert error(real(again, padded["attention_mask"]), real(once, inputs["attention_mask"])) < TOLERANCE
    keys = {"max_new_tokens": 5, "eos_token_id": None}
    assert torch.equal(model.generate(**padded, **keys)[:, -5:], model.generate(**inputs, **keys)[:, -5:])


@every
def test_a_mask_of_any_type_is_the_same_mask(name: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    with torch.no_grad():
        wanted = model(**inputs).logits
        for dtype in (torch.bool, torch.int32, torch.uint8, torch.float32):
            got = model(**{**inputs, "attention_mask": inputs["attention_mask"].to(dtype)}).logits
            assert torch.equal(got, wanted), dtype


@every
def test_a_seed_repeats_and_a_stream_is_the_continuation(name: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    keys: dict[str, Any] = {"max_new_tokens": 6, "do_sample": True, "temperature": 1.3, "top_k": 40, "top_p": 0.95}

    def seed(number: int) -> torch.Generator:
        return torch.Generator().manual_seed(number)

    drawn = [model.generate(**inputs, **keys, eos_token_id=None, generator=seed(n)) for n in (3, 3, 4)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    streamed = torch.stack(list(model.stream(**inputs, **keys, eos_token_id=None, generator=seed(3))), -1)
    assert torch.equal(streamed, drawn[0][:, -6:])


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("top_p", [None, 0.1, 0.6, 1.0])
@pytest.mark.parametrize("top_k", [None, 1, 5, 10**6])
def test_what_can_be_drawn_is_what_the_references_warpers_leave(
    top_k: int | None, top_p: float | None, ties: bool
) -> None:
    _, model = pair("llava")
    logits = torch.randn(1, 131, generator=torch.Generator().manual_seed(1)) * 3
    logits = logits.round() if ties else logits
    warped = tf.TemperatureLogitsWarper(0.7)(None, logits)  # type: ignore[arg-type]
    warped = warped if top_k is None else tf.TopKLogitsWarper(top_k)(None, warped)  # type: ignore[arg-type]
    warped = warped if top_p in (None, 1.0) else tf.TopPLogitsWarper(top_p)(None, warped)  # type: ignore[arg-type]
    wanted = warped.softmax(-1)[0]
    keys = {"do_sample": True, "temperature": 0.7, "top_k": top_k, "top_p": top_p}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.language_model, "logits", lambda hidden: logits.expand(len(hidden), -1))
        seed = torch.Generator().manual_seed(2)
        first = next(iter(model.stream(torch.full((4000, 1), 5), max_new_tokens=1, generator=seed, **keys)))
    drawn = first.bincount(minlength=131) / len(first)
    assert not drawn[wanted == 0].any()
    assert float((drawn - wanted).abs().max()) < 0.04


@every
def test_a_row_is_continued_the_same_alone_and_in_company(name: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    together = model.generate(**inputs, max_new_tokens=5, eos_token_id=None)[:, -5:]
    rows, token = inputs["input_ids"], model.config.fusion.image_token
    each = None if "image_grid_thw" not in inputs else (inputs["image_grid_thw"].prod(-1) // 4).tolist()
    image = patch = 0
    for index, row in enumerate(rows):
        alone: dict[str, Tensor] = {"input_ids": row[inputs["attention_mask"][index] == 1][None]}
        tokens = int((row == token).sum())
        if each is None:
            size = {"llava": 9, "blip_2": 5}[name]
            alone["pixel_values"] = inputs["pixel_values"][image : image + tokens // size]
            image += tokens // size
        else:
            first, seen = image, 0
            while seen < tokens:
                seen, image = seen + each[image], image + 1
            alone["image_grid_thw"] = inputs["image_grid_thw"][first:image]
            alone["pixel_values"] = inputs["pixel_values"][patch : patch + 4 * seen]
            patch += 4 * seen
        if not tokens:
            alone = {"input_ids": alone["input_ids"]}
        got = model.generate(**alone, max_new_tokens=5, eos_token_id=None)[0, -5:]
        assert torch.equal(got, together[index]), index


@every
def test_the_image_changes_the_logits_and_the_same_image_gives_the_same(name: str) -> None:
    (_, model), inputs = pair(name), PACKAGES[name][1]()
    other = {**inputs, "pixel_values": inputs["pixel_values"].flip(-1)}
    with torch.no_grad():
        once, again, changed = (model(**x).logits for x in (inputs, inputs, other))
    assert torch.equal(once, again)
    assert error(changed[:, -1], once[:, -1]) > 100 * TOLERANCE


@every
@pytest.mark.parametrize("keep", [1, 3, 99, torch.tensor([0, 2]), torch.tensor([-1])], ids=str)
def test_logits_to_keep(name: str, keep: Any) -> None:
    (reference, model), inputs = pair(name), PACKAGES[name][1]()
    with torch.no_grad():
        ours, theirs = (x(**inputs, logits_to_keep=keep).logits for x in (model, reference))
    mask = inputs["attention_mask"][:, slice(-keep, None) if isinstance(keep, int) else keep]
    assert ours.shape == theirs.shape
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE


@every
@pytest.mark.parametrize("kind", ["one", "all, padding included", "with logits"])
def test_labels(name: str, kind: str) -> None:
    (reference, model), inputs = pair(name), PACKAGES[name][1]()
    labels = inputs["input_ids"].clone()
    if kind == "one":
        labels[:, :-1] = -100
        labels[1:] = -100
    with torch.no_grad():
        theirs = reference(**inputs, labels=labels)
        ours = model(**inputs, labels=labels, return_logits=kind == "with logits")
    assert error(ours.loss, theirs.loss) < TOLERANCE
    if kind == "with logits":
        mask = inputs["attention_mask"]
        assert error(real(ours.logits, mask), real(theirs.logits, mask)) < TOLERANCE
    else:
        assert ours.logits is None


@pytest.mark.parametrize("name", ["llava", "qwen3_vl"])
def test_positions_may_be_given(name: str) -> None:
    (reference, model), inputs = pair(name), PACKAGES[name][1]()
    places = torch.arange(4, 4 + inputs["input_ids"].shape[1]).expand(len(inputs["input_ids"]), -1)
    if name == "qwen3_vl":
        places = places.expand(3, -1, -1) + torch.tensor([0, 1, 3])[:, None, None]
    with torch.no_grad():
        ours, theirs = (x(**inputs, position_ids=places).logits for x in (model, reference))
    assert error(real(ours, inputs["attention_mask"]), real(theirs, inputs["attention_mask"])) < TOLERANCE
