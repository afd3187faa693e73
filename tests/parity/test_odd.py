"""Held-out parity: odd configurations, by the contract alone; what each module hands to the next besides the logits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.parity.harness import TOLERANCE, error, labels_of, load, real, released_gradients
from tests.parity.odd import BLIP, CLIP, LLAVA, LONG, ODD, QWEN
from tests.parity.references import Case

QUICK = {c.name for part in (LLAVA, BLIP, QWEN, CLIP) for c in part[:3]}
every = pytest.mark.parametrize(
    "case", [pytest.param(c, id=c.name, marks=() if c.name in QUICK else pytest.mark.slow) for c in ODD]
)
Call = tuple[tuple[Any, ...], dict[str, Any], Any]
Pairs = dict[str, tuple[Tensor, Tensor]]


class Calls(dict[str, Call]):
    """What modules were called with and returned, by a name; of a list the last."""

    def watch(self, name: str, module: nn.Module) -> None:
        module = module[-1] if isinstance(module, nn.ModuleList) else module

        def note(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:
            self[name] = (args, kwargs, out)

        module.register_forward_hook(note, with_kwargs=True)


def _llava(ours: Calls, theirs: Calls) -> Pairs:
    (features,), _, aligned = theirs["alignment"]
    return {"encoder": (ours["encoder"][2], features), "alignment": (ours["alignment"][2], aligned)}


def _blip_2(ours: Calls, theirs: Calls) -> Pairs:
    return {
        "encoder": (ours["encoder"][2], theirs["encoder"][2].last_hidden_state),
        "alignment": (ours["alignment"][2], theirs["alignment"][2]),
    }


def _joined(images: Tensor | tuple[Tensor, ...]) -> Tensor:
    return images if isinstance(images, Tensor) else torch.cat(images)


def _qwen3_vl(ours: Calls, theirs: Calls) -> Pairs:
    out, seen = ours["alignment"][2], theirs["visual"][2]
    return {
        "encoder": (ours["encoder"][2][0], theirs["encoder"][2]),
        "alignment": (out.tokens, _joined(seen.pooler_output)),
        "deep": (torch.stack(list(out.deep)), torch.stack([_joined(tap) for tap in seen.deepstack_features])),
    }


def _clip(ours: Calls, theirs: Calls) -> Pairs:
    return {part: (ours[part][2], theirs[part][0][0]) for part in ("encoder", "text_encoder")}


PARTS: dict[str, tuple[dict[str, str], Callable[[Calls, Calls], Pairs]]] = {
    "llava": ({"alignment": "model.multi_modal_projector", "language_model": "model.language_model"}, _llava),
    "blip_2": (
        {
            "encoder": "vision_model",
            "alignment": "language_projection",
            "language_model": "language_model.model.decoder",
        },
        _blip_2,
    ),
    "qwen3_vl": (
        {"encoder": "model.visual.blocks", "visual": "model.visual", "language_model": "model.language_model"},
        _qwen3_vl,
    ),
    "clip": ({"encoder": "visual_projection", "text_encoder": "text_projection"}, _clip),
}


@every
def test_each_module_hands_on_what_the_reference_does(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    names, pairs = PARTS[case.package]
    ours, theirs = Calls(), Calls()
    for name, path in names.items():
        theirs.watch(name, reference.get_submodule(path))
    for name in ("encoder", "text_encoder", "alignment", "fusion", "language_model"):
        if hasattr(model, name):
            ours.watch(name, getattr(model, name))
    with torch.no_grad():
        reference(**inputs)
        model(**inputs)
    found = pairs(ours, theirs) if "pixel_values" in inputs else {}
    if case.package != "clip":
        real_BT, last = inputs["attention_mask"].bool(), ours["language_model"][2]
        # Rows with padding are packed into one row of real tokens.
        found["language_model"] = (
            last[real_BT] if last.shape[:2] == real_BT.shape else last[0],
            theirs["language_model"][2].last_hidden_state[real_BT],
        )
        if "pixel_values" in inputs:
            embedded = theirs["language_model"][1]["inputs_embeds"]
            found["fusion"] = (ours["fusion"][2][real_BT], embedded[real_BT])
    for name, (one, other) in found.items():
        assert one.shape == other.shape, name
        assert error(one, other) < TOLERANCE, name


@every
def test_logits_loss_gradients_and_ids(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path / "a")
    with torch.no_grad():
        theirs, ours = reference(**inputs), model(**inputs)
    if case.package == "clip":
        for name in ("logits_per_image", "logits_per_text", "image_embeds", "text_embeds"):
            assert error(getattr(ours, name), getattr(theirs, name)) < TOLERANCE, name
        inputs["pixel_values"] = inputs["pixel_values"][[0, 1, 0]] * torch.tensor([1, 1, -1])[:, None, None, None]
        keys: dict[str, Any] = {"return_loss": True}
    else:
        mask = inputs["attention_mask"]
        assert error(real(ours.logits, mask), real(theirs.logits, mask)) < TOLERANCE
        _greedy(case, model, reference, inputs)
        keys = {"labels": labels_of(inputs)}
    model.save_pretrained(tmp_path / "b")
    again = type(reference).from_pretrained(tmp_path / "b")  # type: ignore[attr-defined]
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), reference.parameters(), strict=True))
    their_loss, our_loss = reference(**inputs, **keys).loss, model(**inputs, **keys).loss
    assert error(our_loss, their_loss) < TOLERANCE
    their_loss.backward()
    our_loss.backward()
    got, wanted = released_gradients(model), released_gradients(reference)
    assert got.keys() == wanted.keys()
    largest = max(float(g.abs().max()) for g in wanted.values())
    for name, gradient in wanted.items():
        assert float((got[name] - gradient).abs().max()) < TOLERANCE * largest, name


def _greedy(case: Case, model: Any, reference: Any, inputs: dict[str, Tensor]) -> None:
    if "right-padded" in case.name:
        return  # the reference generates from left-padded rows only
    keys = {"max_new_tokens": 7, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    with torch.no_grad():
        assert torch.equal(model.generate(**inputs, **keys), reference.generate(**inputs, **keys))


@pytest.mark.slow
@pytest.mark.parametrize("case", LONG, ids=lambda c: c.name)
def test_rows_longer_than_a_chunk_of_the_loss(case: Case, tmp_path: Path) -> None:
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    labels = labels_of(inputs)
    theirs, ours = reference(**inputs, labels=labels).loss, model(**inputs, labels=labels).loss
    assert error(ours, theirs) < TOLERANCE
    theirs.backward()
    ours.backward()
    got, wanted = released_gradients(model), released_gradients(reference)
    largest = max(float(g.abs().max()) for g in wanted.values())
    for name, gradient in wanted.items():
        assert float((got[name] - gradient).abs().max()) < TOLERANCE * largest, name
