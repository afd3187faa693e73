"""Of the last layer only the tokens that are looked at go on behind attention: fewer rows, the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.parity.harness import TOLERANCE, error, load, real
from tests.parity.odd import ODD
from tests.test_contract_compile import unmasked
from tests.test_contract_generation import PACKAGES, every, pair


@contextmanager
def computed(model: Any, *, layer: int = -1) -> Iterator[list[int]]:
    """How many tokens the MLP of a layer computes in every pass."""
    seen: list[int] = []
    mlp = model.language_model.layers[layer].mlp
    hook = mlp.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[:-1].numel()))
    yield seen
    hook.remove()


def prompts(name: str, *, padded: bool) -> dict[str, Tensor]:
    return PACKAGES[name][1]() if padded else unmasked(name)


@every
@pytest.mark.parametrize("padded", [False, True])
def test_what_is_read_of_the_last_layer_is_what_all_of_it_holds(name: str, padded: bool) -> None:
    (_, model), inputs = pair(name), prompts(name, padded=padded)
    count = inputs["input_ids"].numel()
    read = torch.tensor([count - 1, 0, count // 2, count // 2])
    with torch.no_grad(), computed(model) as seen:
        whole, some = model.hidden(**inputs).flatten(0, 1), model.hidden(**inputs, read=read)
    assert error(some, whole[read]) < TOLERANCE
    assert seen[-1] == len(read) < seen[0]


@every
def test_nothing_but_the_last_layer_is_shorter(name: str) -> None:
    (_, model), inputs = pair(name), unmasked(name)
    with torch.no_grad(), computed(model, layer=-2) as seen:
        model(**inputs, logits_to_keep=1)
    assert seen == [inputs["input_ids"].numel()]


@every
@pytest.mark.parametrize("padded", [False, True])
def test_a_prompt_is_read_for_its_last_token(name: str, padded: bool) -> None:
    """Its logits are those of a forward, and keys and values of all its tokens are kept, of every layer."""
    (_, model), inputs = pair(name), prompts(name, padded=padded)
    mask = inputs.get("attention_mask", torch.ones_like(inputs["input_ids"]))
    rows, tokens = mask.shape
    cache = import_module(f"generated.{name}.cache").Cache
    kept = [cache(model.language_model.layers, rows=rows, places=tokens + 1) for _ in range(2)]
    with torch.no_grad(), computed(model) as seen:
        ours = model.prefill(**{"attention_mask": None, **inputs}, cache=kept[0])
        model.hidden(**inputs, cache=kept[1])
        logits = model(**inputs).logits
    last = tokens - 1 - mask.flip(-1).argmax(-1)
    assert error(ours, logits[torch.arange(rows), last]) < TOLERANCE
    assert seen[0] == rows
    for one, other in zip(kept[0].kept, kept[1].kept, strict=True):
        assert torch.equal(one, other)


@every
@pytest.mark.parametrize("padded", [False, True])
def test_few_labels_have_the_gradients_of_all_rows(name: str, padded: bool) -> None:
    (_, model), inputs = pair(name), prompts(name, padded=padded)
    labels = torch.full_like(inputs["input_ids"], -100)
    labels[:, -2:] = inputs["input_ids"][:, -2:].clamp_max(50)
    wanted, found = list(model.parameters()), []
    with computed(model) as seen:
        for whole in (False, True):
            loss = model(**inputs, labels=labels, return_logits=whole).loss
            found.append((loss, torch.autograd.grad(loss, wanted, allow_unused=True)))
    (few, ours), (every_row, theirs) = found
    assert error(few, every_row) < TOLERANCE
    assert seen[0] == int((labels[:, 1:] != -100).sum()) < seen[1]
    for one, other in zip(ours, theirs, strict=True):
        assert (one is None) == (other is None)
        assert one is None or error(one, other) < TOLERANCE or float(other.abs().max()) < 1e-7


@every
def test_compiled_as_one_graph(name: str) -> None:
    (_, model), inputs = pair(name), unmasked(name)
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True, backend="eager", dynamic=True)
    with torch.no_grad():
        assert error(compiled(**inputs, logits_to_keep=2).logits, model(**inputs, logits_to_keep=2).logits) < TOLERANCE


@every
def test_no_label_at_all(name: str) -> None:
    (_, model), inputs = pair(name), unmasked(name)
    loss = model(**inputs, labels=torch.full_like(inputs["input_ids"], -100)).loss
    assert float(loss.detach()) == 0.0
    loss.backward()
    model.zero_grad(set_to_none=True)


def test_features_behind_the_last_layer_are_added_before_tokens_are_chosen(tmp_path: Path) -> None:
    case = next(case for case in ODD if case.name.endswith("as-many-taps-as-layers"))
    reference, inputs = case.build(), case.inputs()
    model = load(case.package, reference, tmp_path)
    with torch.no_grad():
        ours, theirs = (net(**inputs, logits_to_keep=1).logits for net in (model, reference))
    mask = inputs["attention_mask"][:, -1:]
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE
