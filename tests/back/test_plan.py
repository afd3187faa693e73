"""Whatever a page says, the code that is made of it has the same shape, and says it back unchanged."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm import claims, document, source
from chiasm.plan import Plan
from chiasm.planning.decide import plan
from chiasm.planning.literals import identifier, literal, markdown, words
from chiasm.render import TEMPLATES, written
from chiasm.resolve import resolve
from chiasm.spec.kind import type_of
from chiasm.spec.model import Entry, ModelSpec, VariantSpec

ROOT = Path(__file__).parents[2]
NASTY = (
    '"""', "'''", "\\", '\\"', "\r", "\n", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u202e", "\u2066",
    "\u200b", "\ufeff", "\u061c", "\U000e0041", "{{ 7*7 }}", "{% for %}", "# {% if %}", "#}", "# -*- coding: utf-7 -*-",
    "import os", "</script><script>alert(1)</script>", "[x](javascript:1)", "|", "`", "\ud800", "а", "ﬁ", "): pass",
)  # fmt: skip
TEXT = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=8)), max_size=6).map("".join)


@cache
def systems() -> dict[str, ModelSpec]:
    sources, _ = source.read(ROOT, "knowledge/**/*.md")
    return {spec.system: spec for spec in resolve([claims.claims(document.parse(page))[0] for page in sources])[0]}


def system_of(name: str) -> ModelSpec:
    return systems()[name]


def planned(spec: ModelSpec) -> Plan:
    made, found = plan(spec)
    assert made is not None
    assert found == ()
    return made


def skeleton(text: str) -> str:
    """A module's syntax without its constants."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            node.value = type(node.value).__name__
    return ast.dump(tree)


def poisoned(spec: ModelSpec, text: str) -> ModelSpec:
    """The system with a text in every place where a page's own words reach a package."""

    def entry(old: Entry) -> Entry:
        evidence = old.evidence
        if old.fact is None or evidence is None:
            return old
        cites = tuple(replace(cite, key=cite.key + text, locator=text) for cite in evidence.cites)
        return replace(old, fact=replace(old.fact, evidence=replace(evidence, cites=cites)))

    def variant(old: VariantSpec) -> VariantSpec:
        slots = {name: replace(slot, entries=tuple(map(entry, slot.entries))) for name, slot in old.slots.items()}
        return replace(old, title=text, slots=slots)

    return replace(spec, title=text, summary=text, variants=tuple(map(variant, spec.variants)))


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_no_text_of_a_page_changes_the_shape_of_its_package(text: str) -> None:
    spec = system_of("llava")
    clean = {name: skeleton(code) for name, code in written(planned(poisoned(spec, ""))).items()}
    made = planned(poisoned(spec, text))
    for name, code in written(made).items():
        assert skeleton(code) == clean[name], name
        assert not [character for character in code if character in "\r\x00\x0b\x0c\x85\u2028\u202e\u2066\u200b"]
    page = TEMPLATES.get_template("readme.md.j2").render(plan=made)
    assert not re.search(r"(?<!\\)<|(?<!\\)\[x\]", page.replace("](../../", ""))


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_a_literal_says_back_what_it_was_given(text: str) -> None:
    written = literal(text)
    assert written.isascii()
    assert ast.literal_eval(written) == text


@given(
    st.one_of(
        st.booleans(), st.integers(-(2**100), 2**100), st.floats(allow_nan=False, allow_infinity=False), st.none()
    )
)
def test_numbers_are_written_exactly(value: float | None) -> None:
    assert ast.literal_eval(literal(value)) == value
    assert ast.literal_eval(literal((value, value))) == (value, value)
    assert ast.literal_eval(literal((value,))) == (value,)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, [1], {1: 2}, object(), Fraction(1, 2), b"x"])
def test_nothing_else_becomes_a_literal(value: object) -> None:
    with pytest.raises(TypeError, match="no literal"):
        literal(value)


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_words_can_end_neither_a_comment_nor_a_docstring(text: str) -> None:
    said = words(text)
    assert len(said.splitlines()) <= 1
    tree = ast.parse(f'"""{said}."""\nx = 1  # {said}\n')
    assert len(tree.body) == 2
    assert "<" not in markdown(text).replace("\\<", "")


@pytest.mark.parametrize("name", ["llava", "blip_2", "qwen3_vl", "ovis_2_5", "a", "arr_coc_0_1"])
def test_names_of_packages(name: str) -> None:
    assert identifier(name) == ""


@pytest.mark.parametrize(
    "name",
    ["", "2b", "Llava", "llava-next", "class", "match", "type", "torch", "z3", "json", "site", "con", "com1", "lpt9",
     "nul",
     "__init__", "_x", "a" * 65, "llаva", "ﬁt", "a.b", "a/b", "..", "a b", "tests", "a\n"],
)  # fmt: skip
def test_names_that_no_package_may_have(name: str) -> None:
    assert identifier(name) != ""


def test_a_page_whose_name_cannot_be_a_package_is_reported() -> None:
    spec = replace(system_of("llava"), page="models/torch", path="knowledge/models/torch.md")
    made, found = plan(spec)
    assert made is None
    assert [diagnostic.rule for diagnostic in found] == ["package-name"]
    assert "installed module" in found[0].message


def test_a_system_that_is_only_described_has_no_plan() -> None:
    assert plan(system_of("flamingo")) == (None, ())


def test_types_are_written_as_they_are_read() -> None:
    assert type_of(int | None) == "int | None"
    assert type_of(tuple[int, ...]) == "tuple[int, ...]"
    assert type_of(tuple[float, float, float]) == "tuple[float, float, float]"
    with pytest.raises(TypeError, match="no type"):
        type_of(list[int])


def tiny(system: str) -> dict[str, dict[str, Any]]:
    made = planned(system_of(system))
    preset = made.presets[-1]
    assert preset.key == "tiny"
    bases = {base.base: base.values for base in made.bases}
    return {
        slot.slot: {value.field: ast.literal_eval(value.literal) for value in (*bases[slot.base], *slot.values)}
        for slot in preset.slots
    }


@pytest.mark.parametrize("system", ["clip", "llava", "blip-2", "qwen3-vl"])
def test_tiny_is_consistent(system: str) -> None:
    slots = tiny(system)
    for name, fields in slots.items():
        if "heads" in fields:
            assert fields["dim"] == fields["heads"] * fields.get("head_dim", fields["dim"] // fields["heads"]), name
            assert fields["heads"] % fields.get("kv_heads", fields["heads"]) == 0
            assert (fields["dim"] // fields["heads"]) % 4 == 0
            assert fields["dim"] <= 64
        if "mrope_sections" in fields:
            assert sum(fields["mrope_sections"]) * 2 == fields["head_dim"]
        if "taps" in fields:
            assert max(fields["taps"]) < fields["layers"]
            assert len(fields["taps"]) <= slots["language_model"]["layers"]
    reader = slots.get("language_model") or slots["text_encoder"]
    ids = [value for fields in slots.values() for name, value in fields.items() if name.endswith("_token")]
    assert all(value is None or 0 <= value < reader["vocab_size"] for value in ids)
    if "image_size" in slots["encoder"]:
        assert slots["encoder"]["image_size"] % slots["encoder"]["patch_size"] == 0
    else:
        assert slots["budget"]["factor"] == slots["encoder"]["patch_size"] * slots["encoder"]["merge_size"]
        assert slots["budget"]["min_pixels"] % slots["budget"]["factor"] ** 2 == 0


def test_every_published_value_names_its_claim() -> None:
    for system in ("clip", "llava", "blip-2", "qwen3-vl"):
        made = planned(system_of(system))
        for slots in (made.bases, *(preset.slots for preset in made.variants)):
            for slot in slots:
                for value in slot.values:
                    assert value.comment.split(" ")[0].partition("/")[2] == f"{slot.slot}.{value.field}", value
                    assert (
                        len(f"            {value.field}={value.literal},  # {value.comment}") <= 120
                        or " " not in value.comment
                    )
