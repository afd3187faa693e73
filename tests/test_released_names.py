"""The tables of released names forget no field of a reference configuration, and give its defaults."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import transformers as tf
from transformers.configuration_utils import PreTrainedConfig

from chiasm.claims import claims
from chiasm.components import dialects
from chiasm.components.dialects import ABSENT, COMMON, Demand, Dialect, Field, Names, Released, Section, find
from chiasm.document import parse
from chiasm.plan import Released as Planned
from chiasm.planning.released_names import released, scalar
from chiasm.resolve import resolve
from chiasm.source import read
from chiasm.spec.model import ModelSpec

ROOT = Path(__file__).parents[1]
BASE = {field.name for field in dataclasses.fields(PreTrainedConfig)}
NAMES = {name: getattr(dialects, name) for name in ("Demand", "Dialect", "Field", "Names", "Released", "Section")}

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


def tables(specs: dict[str, ModelSpec], system: str) -> Planned:
    made, diagnostics = released(specs[system])
    assert not diagnostics, diagnostics
    return made


def dialect(planned: Planned, name: str) -> Dialect:
    row = next(d for d in planned.dialects if d.name == name)

    def made(rows: tuple[str, ...]) -> Any:
        return tuple(eval(source, NAMES) for source in rows)

    return Dialect(row.config, row.page, made(row.fields), made(row.demands), row.ignored, made(row.tensors), row.stale)


def paths(found: Dialect) -> set[str]:
    rows: tuple[Field | Demand, ...] = (*found.fields, *found.demands)
    return {path for row in rows for path in row.paths} | set(found.ignored)


@pytest.mark.parametrize("name", PARTS)
def test_no_field_of_a_part_is_forgotten(name: str, specs: dict[str, ModelSpec]) -> None:
    system, reference = PARTS[name]
    known = {path.split(".")[0] for path in paths(dialect(tables(specs, system), name))}
    fields = {field.name for field in dataclasses.fields(reference)} - BASE
    assert fields - known - COMMON == set()


@pytest.mark.parametrize("name", PARTS)
def test_a_default_is_the_reference_class_s(name: str, specs: dict[str, ModelSpec]) -> None:
    system, reference = PARTS[name]
    defaults, compared = reference().to_dict(), 0
    for field in dialect(tables(specs, system), name).fields:
        theirs = find(defaults, field.paths[:1], null=True)[1] if field.paths else ABSENT
        if theirs is ABSENT or field.default is ABSENT:
            continue
        compared += 1
        assert field.default == (tuple(theirs) if isinstance(theirs, list | tuple) else theirs), field.ours
    assert compared >= 5


@pytest.mark.parametrize("system", WHOLES)
def test_no_field_at_the_top_is_forgotten(system: str, specs: dict[str, ModelSpec]) -> None:
    planned = tables(specs, system)
    sections: list[Section] = [eval(source, NAMES) for _, source in planned.sections]
    rows: list[Field] = [eval(source, NAMES) for source in planned.fields]
    known = {path.split(".")[0] for row in rows for path in row.paths} | set(planned.ignored)
    known |= {section.key for section in sections}
    for row in planned.dialects:
        if row.name == planned.model_type:
            known |= paths(dialect(planned, row.name))
            known |= {path for field in row.fields for path in eval(field, NAMES).paths}
            known |= {path for demand in row.demands for path in eval(demand, NAMES).paths} | set(row.ignored)
    fields = {field.name for field in dataclasses.fields(WHOLES[system])} - BASE
    assert fields - known - COMMON == set()


@pytest.mark.parametrize("system", WHOLES)
def test_both_layouts_name_every_slot(system: str, specs: dict[str, ModelSpec]) -> None:
    planned = tables(specs, system)
    assert {name for name, _ in planned.layouts} == {"hub", "transformers"}
    slots = {d.slot for d in planned.dialects if d.tensors}
    for _, rows in planned.layouts:
        named = {eval(row, NAMES).ours for row in rows}
        assert slots <= named | {"training"}


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
    assert Released._fields[0] == "model_type"
    assert Names("a", ("b",)).ones == 0
