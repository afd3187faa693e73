"""Checkpoints that transformers saved are loaded and written again bit by bit; what does not fit is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints import DIFFERENT, changed, same, saved, weights
from tests.parity import references
from tests.parity.harness import package
from tests.parity.references import Case, case


@pytest.mark.parametrize("c", DIFFERENT.values(), ids=lambda c: c.name)
def test_bit_equal_there_and_back(c: Case, tmp_path: Path) -> None:
    reference = c.build()
    reference.save_pretrained(tmp_path / "theirs")  # type: ignore[operator]
    model = package(c.package).Model.from_pretrained(tmp_path / "theirs")
    assert not model.training
    model.save_pretrained(tmp_path / "ours")
    theirs, ours = weights(tmp_path / "theirs"), weights(tmp_path / "ours")
    assert theirs.keys() == ours.keys()
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
    for layout in ("hub", "transformers"):
        model.save_pretrained(tmp_path / layout, layout=layout, max_shard_size=40_000)
        assert (tmp_path / layout / "model.safetensors.index.json").is_file()
        assert same(type(reference).from_pretrained(tmp_path / layout), reference)  # type: ignore[attr-defined]
        assert same(package(c.package).Model.from_pretrained(tmp_path / layout), model)


@pytest.mark.parametrize("name", ["clip", "llava-tied", "blip-2", "qwen3-vl"])
def test_a_model_that_was_never_loaded_is_saved_for_the_reference(name: str, tmp_path: Path) -> None:
    c = case(name)
    reference = c.build()
    reference.save_pretrained(tmp_path / "theirs")  # type: ignore[operator]
    loaded = package(c.package).Model.from_pretrained(tmp_path / "theirs")
    fresh = package(c.package).Model(loaded.config)
    fresh.load_state_dict(loaded.state_dict())
    fresh.save_pretrained(tmp_path / "ours")
    again = type(reference).from_pretrained(tmp_path / "ours").eval()  # type: ignore[attr-defined]
    assert same(again, reference)
    inputs = c.inputs()
    with torch.no_grad():
        theirs, ours = reference(**inputs), again(**inputs)
    key = "logits_per_image" if name == "clip" else "logits"
    assert torch.equal(theirs[key], ours[key])


def test_the_hub_layout_of_llava_is_that_of_its_release(tmp_path: Path) -> None:
    model = package("llava").Model.from_pretrained(saved(tmp_path / "a"))
    model.save_pretrained(tmp_path / "b", layout="hub")
    names = weights(tmp_path / "b").keys()
    assert "vision_tower.vision_model.encoder.layers.0.self_attn.q_proj.weight" in names
    assert {"language_model.lm_head.weight", "multi_modal_projector.linear_1.bias"} <= names
    again = package("llava").Model.from_pretrained(tmp_path / "b")
    again.save_pretrained(tmp_path / "c")
    assert weights(tmp_path / "c").keys() == names
    with pytest.raises(ValueError, match="layout 'timm' is none of hub, transformers"):
        model.save_pretrained(tmp_path / "d", layout="timm")


def test_dtypes_are_kept_or_asked_for(tmp_path: Path) -> None:
    def half(tensors: dict[str, Tensor]) -> None:
        halves = {name: tensor.bfloat16() for name, tensor in tensors.items() if name.startswith("language_model")}
        tensors.update(halves)

    changed(tmp_path, half)
    kept = package("llava").Model.from_pretrained(tmp_path)
    assert {p.dtype for p in kept.language_model.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in kept.encoder.parameters()} == {torch.float32}
    cast = package("llava").Model.from_pretrained(tmp_path, dtype=torch.float64, device="cpu")
    assert {p.dtype for p in cast.parameters()} == {torch.float64}


def test_saving_over_the_directory_it_was_loaded_from(tmp_path: Path) -> None:
    model = package("llava").Model.from_pretrained(saved(tmp_path))
    before = weights(tmp_path)
    model.save_pretrained(tmp_path, max_shard_size=30_000)
    model.save_pretrained(tmp_path)
    after = weights(tmp_path)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("said", [{"eos_token_id": 71}, {"eos_token_id": None}, {}])
def test_generation_config_speaks_alone(said: dict[str, Any], tmp_path: Path) -> None:
    reference = references.llava()
    reference.save_pretrained(tmp_path)  # type: ignore[operator]
    (tmp_path / "generation_config.json").write_text(json.dumps(said))
    model = package("llava").Model.from_pretrained(tmp_path)
    assert model._ends(-1, -1) == (([71], 71) if said.get("eos_token_id") else ([], 0))


def test_what_belongs_to_a_checkpoint_is_carried_along(tmp_path: Path) -> None:
    source = saved(tmp_path / "a")
    for name in ("tokenizer.json", "preprocessor_config.json", "chat_template.jinja"):
        (source / name).write_text("{}")
    (source / "generation_config.json").write_text('{"eos_token_id": [2, 5], "pad_token_id": 7}')
    model = package("llava").Model.from_pretrained(source)
    assert model.generation_config == {"eos_token_id": [2, 5], "pad_token_id": 7}
    model.save_pretrained(tmp_path / "b")
    kept = {file.name for file in (tmp_path / "b").iterdir()}
    assert {
        "tokenizer.json",
        "preprocessor_config.json",
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
    } <= kept
    assert json.loads((tmp_path / "b/generation_config.json").read_text())["eos_token_id"] == [2, 5]


def test_a_hub_id_is_read_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = tmp_path / "models--someone--tiny/snapshots/0123"
    saved(snapshot)
    refs = tmp_path / "models--someone--tiny/refs"
    refs.mkdir()
    (refs / "main").write_text("0123")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model = package("llava").Model.from_pretrained("someone/tiny")
    assert same(model, package("llava").Model.from_pretrained(snapshot))


# --- what does not fit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["clip", "llava", "qwen3-vl"])
def test_every_tensor_is_needed_and_has_one_shape(name: str, tmp_path: Path) -> None:
    tensors = weights(saved(tmp_path, name))
    model = package(case(name).package).Model
    for missing in tensors:
        broken = {key: value for key, value in tensors.items() if key != missing}
        save_file(broken, tmp_path / "model.safetensors")
        with pytest.raises(ValueError, match=f"1 missing: {missing}"):
            model.from_pretrained(tmp_path)
    for wrong, tensor in tensors.items():
        if tensor.ndim == 2 and tensor.shape[0] != tensor.shape[1]:
            save_file({**tensors, wrong: tensor.T.contiguous()}, tmp_path / "model.safetensors")
            with pytest.raises(ValueError, match=wrong.replace(".", r"\.")):
                model.from_pretrained(tmp_path)


def test_a_tensor_that_does_not_fit_is_explained_in_the_pages_words(tmp_path: Path) -> None:
    def widen(tensors: dict[str, Tensor]) -> None:
        tensors["multi_modal_projector.linear_1.weight"] = torch.zeros(48, 37)

    with pytest.raises(
        ValueError,
        match=r"linear_1\.weight is \(48, 37\) in model\.safetensors, and alignment\.up\.weight needs "
        r"\(48, 36\); encoder\.dim = 36",
    ):
        package("llava").Model.from_pretrained(changed(tmp_path, widen))


def test_what_is_unexpected_is_named(tmp_path: Path) -> None:
    def more(tensors: dict[str, Tensor]) -> None:
        tensors["language_model.model.layers.7.mlp.up_proj.weight"] = torch.zeros(1)

    with pytest.raises(ValueError, match=r"1 unexpected: language_model\.model\.layers\.7\.mlp\.up_proj\.weight"):
        package("llava").Model.from_pretrained(changed(tmp_path, more))


def test_leftovers_of_old_releases_may_be_there(tmp_path: Path) -> None:
    def old(tensors: dict[str, Tensor]) -> None:
        tensors["vision_tower.embeddings.position_ids"] = torch.arange(10)
        tensors["language_model.model.layers.1.self_attn.rotary_emb.inv_freq"] = torch.ones(4)

    model = package("llava").Model.from_pretrained(changed(tmp_path / "a", old))
    model.save_pretrained(tmp_path / "b")
    assert not [name for name in weights(tmp_path / "b") if "position_ids" in name or "inv_freq" in name]


@pytest.mark.parametrize("name", ["llava-tied", "blip-2", "qwen3-vl-tied"])
def test_a_tied_head_is_absent_or_equal(name: str, tmp_path: Path) -> None:
    head = "lm_head.weight" if "qwen" in name else "language_model.lm_head.weight"
    table = next(key for key in weights(saved(tmp_path, name)) if key.endswith("embed_tokens.weight"))
    model = package(case(name).package).Model
    assert same(
        model.from_pretrained(tmp_path),
        model.from_pretrained(changed(tmp_path, lambda t: t.update({head: t[table].clone()}), name)),
    )
    with pytest.raises(ValueError, match=f"{head} differs from {table}"):
        model.from_pretrained(changed(tmp_path, lambda t: t.update({head: t[table] + 1}), name))


def test_an_untied_head_must_be_there(tmp_path: Path) -> None:
    def headless(tensors: dict[str, Tensor]) -> None:
        del tensors["language_model.lm_head.weight"]

    with pytest.raises(ValueError, match=r"1 missing: language_model\.lm_head\.weight"):
        package("llava").Model.from_pretrained(changed(tmp_path, headless))


# --- config.json --------------------------------------------------------------------------------------------------


def test_loading_leaves_the_files_alone(tmp_path: Path) -> None:
    folder = saved(tmp_path / "a")
    shutil.copytree(folder, tmp_path / "b")
    model = package("llava").Model.from_pretrained(folder)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    before, after = weights(tmp_path / "b"), weights(folder)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_the_first_stage_is_written_for_the_reference(tmp_path: Path) -> None:
    reference = references.blip_2_first_stage()
    reference.save_pretrained(tmp_path / "a")  # type: ignore[operator]
    model = package("blip_2").FirstStage.from_pretrained(tmp_path / "a")
    model.save_pretrained(tmp_path / "b")
    written = weights(tmp_path / "b")
    for name, tensor in weights(tmp_path / "a").items():
        assert torch.equal(written[name], tensor)
    config = json.loads((tmp_path / "b/config.json").read_text())
    assert config["architectures"] == ["Blip2ForImageTextRetrieval"]
    assert config["qformer_config"]["use_qformer_text_input"] is True
    assert same(package("blip_2").FirstStage.from_pretrained(tmp_path / "b"), model)


MEASURE = """
import resource, sys, torch
from tests.parity.harness import package

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

load = package("llava").Model.from_pretrained
load(sys.argv[1])
before = peak()
model = load(sys.argv[2])
print(peak() - before, sum(p.numel() * p.element_size() for p in model.parameters()))
"""


def test_loading_needs_the_memory_of_the_weights_and_one_layer(tmp_path: Path) -> None:
    large = {
        **references.LLAMA,
        "hidden_size": 768,
        "intermediate_size": 2048,
        "num_hidden_layers": 8,
        "vocab_size": 8000,
    }
    references.llava(text_config=large).save_pretrained(tmp_path / "large")  # type: ignore[operator]
    saved(tmp_path / "small")
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "small"), str(tmp_path / "large")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    grown, total = map(int, done.stdout.split())
    layer = 4 * (4 * 768 * 768 + 3 * 768 * 2048)
    assert total > 200 * 2**20
    assert grown < total + layer
