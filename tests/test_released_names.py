"""The tables of released names forget no field of a reference configuration, and give its defaults."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import transformers as tf
from transformers.configuration_utils import PreTrainedConfig

from chiasm.claims import claims
from chiasm.components.dialects import ABSENT, Dialect, Key, Released, expanded, find
from chiasm.components.reference import COMMON
from chiasm.document import parse
from chiasm.planning.released_names import braced, described, released, scalar
from chiasm.render import TEMPLATES
from chiasm.resolve import resolve
from chiasm.source import read
from chiasm.spec.model import ModelSpec

ROOT = Path(__file__).parents[1]
BASE = {field.name for field in dataclasses.fields(PreTrainedConfig)}
PARTS: dict[str, tuple[str, type[PreTrainedConfig]]] = {
    "clip_vision_model": ("clip", tf.CLIPVisionConfig),
    "siglip_vision_model": ("llava", tf.SiglipVisionConfig),
    "blip_2_vision_model": ("blip-2", tf.Blip2VisionConfig),
    "clip_text_model": ("clip", tf.CLIPTextConfig),
    "siglip_text_model": ("clip", tf.SiglipTextConfig),
    "blip_2_qformer": ("blip-2", tf.Blip2QFormerConfig),
    "llama": ("llava", tf.LlamaConfig),
    "mistral": ("llava", tf.MistralConfig),
    "qwen2": ("llava", tf.Qwen2Config),
    "qwen3": ("qwen3-vl", tf.Qwen3Config),
    "opt": ("blip-2", tf.OPTConfig),
    "qwen3_vl_vision": ("qwen3-vl", tf.Qwen3VLConfig().vision_config.__class__),
    "qwen3_vl_text": ("qwen3-vl", tf.Qwen3VLConfig().text_config.__class__),
}
WHOLES = {"clip": tf.CLIPConfig, "llava": tf.LlavaConfig, "blip-2": tf.Blip2Config, "qwen3-vl": tf.Qwen3VLConfig}


@pytest.fixture(scope="module")
def specs() -> dict[str, ModelSpec]:
    sources, _ = read(ROOT, "knowledge/**/*.md")
    found, _ = resolve([claims(parse(source))[0] for source in sources])
    return {spec.system: spec for spec in found}


def tables(specs: dict[str, ModelSpec], system: str) -> Released:
    """The system's released.py with every dialect of its kinds, those that no variant speaks included."""
    made, diagnostics = released(specs[system])
    dialects, _ = described(specs[system])
    assert not diagnostics, diagnostics
    assert {(d.slot, d.name) for d in made.dialects} <= {(d.slot, d.name) for d in dialects}
    plan = SimpleNamespace(released=dataclasses.replace(made, dialects=dialects))
    text = TEMPLATES.get_template("released.py.j2").render(plan=plan)
    names: dict[str, Any] = {}
    exec(text.replace("from .dialects", "from chiasm.components.dialects"), names)
    found = names["RELEASED"]
    assert isinstance(found, Released)
    return found


def dialect(found: Released, name: str) -> Dialect:
    return next(d for d in found.dialects if d.model_type == name)


def paths(found: Dialect) -> set[str]:
    rows = [found.ignored, *(found.key(field).keys for field in found.fields), *(d.keys for d in found.demands)]
    return set(" ".join(rows).split())


@pytest.mark.parametrize("name", PARTS)
def test_no_field_of_a_part_is_forgotten(name: str, specs: dict[str, ModelSpec]) -> None:
    system, reference = PARTS[name]
    known = {path.split(".")[0] for path in paths(dialect(tables(specs, system), name))}
    fields = {field.name for field in dataclasses.fields(reference)} - BASE
    assert fields - known - set(COMMON.split()) == set()


@pytest.mark.parametrize("name", PARTS)
def test_a_default_is_the_reference_class_s(name: str, specs: dict[str, ModelSpec]) -> None:
    system, reference = PARTS[name]
    defaults, compared = reference().to_dict(), 0
    found = dialect(tables(specs, system), name)
    for field, key in ((field, found.key(field)) for field in found.fields):
        theirs = find(defaults, key.keys.partition(" ")[0])
        if not theirs or key.default is ABSENT:
            continue
        compared += 1
        value = theirs[0][1]
        assert key.default == (tuple(value) if isinstance(value, list | tuple) else value), field
    assert compared >= 5


@pytest.mark.parametrize("system", WHOLES)
def test_no_field_at_the_top_is_forgotten(system: str, specs: dict[str, ModelSpec]) -> None:
    found = tables(specs, system)
    rows = [key.keys for key in found.fields.values() if isinstance(key, Key)]
    known = {path.split(".")[0] for path in " ".join([*rows, found.ignored]).split()}
    known |= {section.key for section in found.sections.values()}
    for row in found.dialects:
        known |= paths(row) if row.model_type == found.model_type else set()
    fields = {field.name for field in dataclasses.fields(WHOLES[system])} - BASE
    assert fields - known - set(COMMON.split()) == set()


@pytest.mark.parametrize("system", WHOLES)
def test_both_layouts_name_every_slot(system: str, specs: dict[str, ModelSpec]) -> None:
    found = tables(specs, system)
    assert found.layouts.keys() == {"hub", "transformers"}
    slots = {d.slot for d in found.dialects if d.tensors}
    for rows in found.layouts.values():
        assert slots <= rows.keys() | {"training"}


def test_a_row_that_names_no_field_is_reported(specs: dict[str, ModelSpec]) -> None:
    spec = specs["llava"]
    names = spec.names["alignment", "mlp"]
    wrong = dataclasses.replace(names.configuration["llava"][0], ours="breadth")
    changed = {**spec.names, ("alignment", "mlp"): dataclasses.replace(names, configuration={"llava": (wrong,)})}
    _, diagnostics = released(dataclasses.replace(spec, names=changed))
    assert [d.message for d in diagnostics] == [
        "a row of released names cannot be used: MLPProjector has no field `breadth`"
    ]
    assert diagnostics[0].span == wrong.cell.span


def test_scalars_are_json() -> None:
    written = ("null", "true", "1e-5", "24, 20, 20", "gelu")
    assert [scalar(text) for text in written] == [None, True, 1e-5, (24, 20, 20), "gelu"]
    assert isinstance(scalar("7"), int)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("embed_tokens",), "embed_tokens"),
        (("a.q_proj", "a.k_proj", "a.v_proj"), "a.{q,k,v}_proj"),
        (("query", "key"), "{query,key}"),
        (("w1", "w11"), "{w1,w11}"),
        (("",), ""),
    ],
)
def test_names_are_written_as_the_shell_writes_them(names: tuple[str, ...], text: str) -> None:
    assert braced(names) == text
    assert expanded(text) == (names, 0)
    assert expanded(f"{text} as 1×1×…") == (names, 2)
