"""Released configurations: what is read, what is refused and in which words, what is written."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.checkpoints import DIFFERENT, SIGLIP, configured, same, saved
from tests.parity import references
from tests.parity.harness import TOLERANCE, error, package, real
from tests.parity.references import case


def test_both_names_of_the_image_token_are_read_and_kept(tmp_path: Path) -> None:
    configured(tmp_path / "a", image_token_index=..., image_token_id=references.IMAGE)
    model = package("llava").Model.from_pretrained(tmp_path / "a")
    assert model.config.fusion.image_token == references.IMAGE
    model.save_pretrained(tmp_path / "b")
    assert "image_token_index" not in json.loads((tmp_path / "b/config.json").read_text())


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"model_type": "mistral"}, r"model_type is 'mistral': this package reads 'llava'"),
        ({"model_type": ...}, r"model_type is None"),
        ({"text_config__model_type": "gpt2"}, r"text_config\.model_type is 'gpt2'"),
        ({"text_config__model_type": ["llama"]}, r"text_config\.model_type is"),
        ({"vision_config": ...}, r"vision_config is missing"),
        ({"vision_config": 3}, r"vision_config is 3"),
        (
            {"text_config__num_experts": 8},
            r"text_config\.num_experts is 8: no table .*language-models\.md#llama-family",
        ),
        ({"auto_map": {"AutoConfig": "evil.Config"}}, r"auto_map is .*: no table"),
        ({"_attn_implementation_internal": "evil/kernel"}, r"_attn_implementation_internal"),
        (
            {"text_config__rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2}},
            r"rope_type is 'yarn'",
        ),
        ({"text_config__rope_scaling": {"type": "linear", "factor": 2.0}}, r"rope_scaling"),
        ({"text_config__hidden_act": "xielu"}, r"language_model\.activation cannot be 'xielu'"),
        ({"text_config__hidden_size": "48"}, r"language_model\.dim cannot be '48': expected int"),
        ({"text_config__hidden_size": True}, r"language_model\.dim cannot be True"),
        ({"text_config__num_attention_heads": 0}, r"language_model\.heads cannot be 0: expected at least 1"),
        ({"text_config__num_hidden_layers": 10**9}, r"language_model has 1000000000 blocks"),
        ({"text_config__hidden_size": 10**18}, r"language_model\.dim cannot be 1000000000000000000: expected at most"),
        ({"text_config__hidden_size": 10**12}, r"config\.json"),
        ({"text_config__num_key_value_heads": 5}, r"6 query heads"),
        ({"text_config__rms_norm_eps": "1e-5"}, r"language_model\.norm_eps cannot be '1e-5'"),
        ({"text_config__rms_norm_eps": -1.0}, r"language_model\.norm_eps cannot be -1\.0: expected more than 0"),
        (
            {"text_config__rope_parameters__rope_theta": 0},
            r"language_model\.rope_theta cannot be 0: expected more than 0",
        ),
        ({"vision_config__hidden_size": 2}, r"heads cannot share a width of 2 evenly"),
        ({"vision_config__patch_size": 10**12}, r"config\.json"),
        ({"text_config__is_encoder_decoder": True}, r"is_encoder_decoder is True"),
        ({"vision_feature_layer": [-2, -5]}, r"encoder\.feature_layer cannot be \(-2, -5\)"),
        ({"vision_feature_select_strategy": "half"}, r"encoder\.features cannot be 'half'"),
        ({"mm_projector_type": "resampler"}, r"mm_projector_type is 'resampler'"),
    ],
)
def test_a_configuration_that_the_page_does_not_describe_is_refused(
    keys: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message) as error:
        package("llava").Model.from_pretrained(configured(tmp_path, **keys))
    assert "config.json" in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"model_type": NaN}'])
def test_a_configuration_that_is_none(text: str, tmp_path: Path) -> None:
    (saved(tmp_path) / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config\.json"):
        package("llava").Model.from_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    with pytest.raises(ValueError, match=r"has no config\.json"):
        package("llava").Model.from_pretrained(tmp_path)


def test_bookkeeping_of_old_releases_is_ignored(tmp_path: Path) -> None:
    old = {
        "_name_or_path": "x",
        "torch_dtype": "float16",
        "pruned_heads": {},
        "is_decoder": False,
        "top_k": 50,
        "bad_words_ids": None,
    }
    keys = {f"{part}__{key}": value for part in ("text_config", "vision_config") for key, value in old.items()}
    top = {"ignore_index": -100, "pad_token_id": 0, "vocab_size": 131, "text_config__rope_scaling": None}
    configured(tmp_path, **keys, **top)
    assert package("llava").Model.from_pretrained(tmp_path).config.language_model.dim == 48


def test_a_configuration_that_its_model_type_cannot_say_is_not_written(tmp_path: Path) -> None:
    model = package("llava").Model.from_pretrained(saved(tmp_path))
    biased = dataclasses.replace(model.config.language_model, qkv_bias=True)
    with pytest.raises(ValueError, match=r"language_model\.(qkv|out)_bias is"):
        dataclasses.replace(model.config, language_model=biased).to_reference()


@pytest.mark.parametrize("name", list(DIFFERENT))
def test_a_configuration_read_and_written_says_the_same(name: str, tmp_path: Path) -> None:
    reference = json.loads((saved(tmp_path, name) / "config.json").read_text())
    config_class = package(case(name).package).Config
    config = config_class.from_reference(reference)
    assert config_class.from_reference(config.to_reference()) == config
    again = config.to_reference(reference)
    assert {key: again[key] for key in reference if not isinstance(reference[key], dict)} == {
        key: value for key, value in reference.items() if not isinstance(value, dict)
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"vision": SIGLIP, "vision_feature_select_strategy": "full"},
            r"'siglip_vision_model': knowledge/models/llava\.md describes clip_vision_model as encoder",
        ),
        (
            {"text_config": {**references.LLAMA, "model_type": "qwen3"}},
            r"text_config\.model_type is 'qwen3': knowledge/models/llava\.md describes llama as language_model",
        ),
    ],
)
def test_what_no_variant_of_the_page_speaks_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    references.llava(**changes).save_pretrained(tmp_path)  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        package("llava").Model.from_pretrained(tmp_path)


def test_biases_that_no_variant_has_are_read(tmp_path: Path) -> None:
    reference = references.llava(text_config={**references.LLAMA, "attention_bias": True, "mlp_bias": True})
    reference.save_pretrained(tmp_path / "a")  # type: ignore[operator]
    model = package("llava").Model.from_pretrained(tmp_path / "a")
    model.save_pretrained(tmp_path / "b", layout="hub")
    assert same(type(reference).from_pretrained(tmp_path / "b"), reference)  # type: ignore[attr-defined]
    inputs = references.llava_inputs()
    with torch.no_grad():
        ours, theirs = model(**inputs).logits, reference(**inputs).logits
    mask = inputs["attention_mask"]
    assert error(real(ours, mask), real(theirs, mask)) < TOLERANCE


EVIDENCE = sorted((Path(__file__).parents[1] / "knowledge/evidence").glob("*.json"))


@pytest.mark.parametrize("file", EVIDENCE, ids=lambda f: f.stem)
def test_released_configurations_are_read(file: Path) -> None:
    """Excerpts of config.json as the hub has them, where the page's package can hold them."""
    found = json.loads(file.read_text())
    flat = found.get("config", {})
    if flat.get("model_type") not in {"clip", "llava", "blip-2", "qwen3_vl"}:
        pytest.skip("no package is generated for it")
    if not any(key.startswith("vision_config.") for key in flat):
        pytest.skip("the excerpt leaves a part out")
    nested: dict[str, Any] = {}
    for key, value in flat.items():
        *parents, last = key.split(".")
        part = nested
        for parent in parents:
            part = part.setdefault(parent, {})
        part[last] = value
    config_class = package(found["system"].replace("-", "_"))
    config = config_class.Config.from_reference(nested)
    assert config == config_class.Config.from_reference(config.to_reference(nested))
    preset = config_class.PRESETS[found["variant"]]
    for slot in ("encoder", "fusion", "language_model"):
        assert getattr(config, slot, None) == getattr(preset, slot, None)
