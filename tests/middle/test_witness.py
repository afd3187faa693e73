"""Pages are held against what classes say and against what was read in sources: true ones pass, slips are found."""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from chiasm.source import Source
from chiasm.witness import argument, witnesses
from tests.middle.base import Outcome, run, run_shipped, shipped

ENCODERS, ALIGNMENT = "knowledge/concepts/encoders.md", "knowledge/concepts/alignment.md"
LLAMA = "knowledge/concepts/language-models.md"
BLIP, CLIP, LLAVA = "knowledge/models/blip-2.md", "knowledge/models/clip.md", "knowledge/models/llava.md"
FLAMINGO, NOTES = "knowledge/models/flamingo.md", "knowledge/models/arr-coc-0-1.md"
CLASS = "knowledge/evidence/classes/demo.json"
BIB = "knowledge/sources.bib"


SLIPS = [
    # a tensor, a prefix, a key, a default, a constant of a table of released names
    (
        ENCODERS,
        "`embeddings.patch_embedding` | `embeddings",
        "`embedding.patch_embedding` | `embeddings",
        "released-name",
    ),
    (LLAMA, "`layers.N.mlp.down_proj` |", "`layers.N.mlp.down` |", "released-name"),
    (LLAVA, "| `vision_tower.vision_model` |", "| `vision_tower.visual_model` |", "released-name"),
    (ENCODERS, "`hidden_size` 768", "`hidden_dim` 768", "released-name"),
    (CLIP, "| architectures | CLIPModel |", "| architectures | CLIPModels |", "released-name"),
    (ENCODERS, "`layer_norm_eps` 1e-5", "`layer_norm_eps` 1e-6", "class-default"),
    (ENCODERS, "| class_token | true | false |", "| class_token | true | true |", "class-default"),
    # a value, an argument and a file that a page cites
    (BLIP, "| resample | bicubic |", "| resample | bilinear |", "class-default"),
    (BLIP, "| resize | exact |", "| resize | shortest_edge |", "class-default"),
    (
        BLIP,
        "configuration_blip_2.py cross_attention_frequency",
        "configuration_blip_2.py cross_attention_freq",
        "locator",
    ),
    (CLIP, "clip/image_processing_clip.py", "clip/image_processor_clip.py", "locator"),
    (BLIP, "| 30522 | the class default", "| 30521 | the class default", "class-default"),
    (CLIP, "| class_token | true |", "| class_token | false |", "released-mismatch"),
    # what was read of a source: a value, its place, its scope, a place nobody read, words, a title
    (
        FLAMINGO,
        "| 0.1 | [@alayrac2022flamingo] App. B.1.2",
        "| 0.2 | [@alayrac2022flamingo] App. B.1.2",
        "misread-source",
    ),
    (BLIP, "| dim | 768 | [@li2023blip2] §3.1 |", "| dim | 768 | [@li2023blip2] §3.4 |", "locator"),
    (BLIP, "stage 2, ViT-L with FlanT5-XL", "stage 1, ViT-L with FlanT5-XL", "misread-source"),
    (BLIP, "all / none | [@li2023blip2] Fig. 2", "all / none | [@li2023blip2] Fig. 7", "locator"),
    (NOTES, "not learned, but cognitive-grounded", "not learned, but biologically-grounded", "quotation-mismatch"),
    (BIB, "Visual Instruction Tuning}", "Visual Instruction Training}", "inconsistent-entry"),
    (BIB, "salesforce/LAVIS,", "salesforce/LAVA,", "inconsistent-entry"),
]


@cache
def with_slips() -> tuple[Outcome, dict[str, int]]:
    """The shipped base with every slip in it at once, each on a line of its own; and the lines they stand on."""
    base, lines = dict(shipped()), {}
    for path, old, new, _ in SLIPS:
        if old in base[path]:
            lines[new] = base[path][: base[path].index(old)].count("\n") + 1
            base[path] = base[path].replace(old, new, 1)
    return run(base), lines


@pytest.mark.parametrize(("path", "old", "new", "rule"), SLIPS)
def test_a_slip_is_found(path: str, old: str, new: str, rule: str) -> None:
    outcome, lines = with_slips()
    if new not in lines:
        pytest.skip(f"the page does not say {old} any more")
    found = [one for one in outcome.found if one.rule == rule and (one.span.path, one.span.line) == (path, lines[new])]
    assert found
    assert all(one.help for one in found)


def test_the_shipped_base_agrees_with_its_witnesses() -> None:
    rules = {"released-name", "class-default", "locator", "misread-source", "quotation-mismatch", "bad-evidence"}
    assert not [one for one in run_shipped().found if one.rule in rules]
    assert len(run_shipped().graph.witness.folders) > 15
    assert len(run_shipped().graph.readings) > 20


def test_a_finding_names_what_was_meant() -> None:
    outcome, _ = with_slips()
    helps = {one.message: one.help for one in outcome.found if one.rule == "released-name"}
    assert helps["CLIPVisionConfig reads no `hidden_dim`"] == "did you mean `hidden_size`?"


def test_words_of_ones_own_between_marks_pass() -> None:
    said = 'It is a "kind of reading" [@li2023blip2], and "188M parameters" stand there [@li2023blip2] §3.1.\n'
    base = {path: text for path, text in shipped().items() if path in {BLIP, BIB} or "/evidence/sources/" in path}
    base[BLIP] += f"\n{said}"
    assert not [one for one in run(base).found if one.rule == "quotation-mismatch"]


def test_keys_lead_to_arguments() -> None:
    inner = {"model_type": "tower", "file": "demo/configuration_demo.py", "arguments": {"width": 8, "rope.theta": 1.5}}
    outer = {
        "model_type": "demo",
        "arguments": {"free": None},
        "also": {"old": "free"},
        "sections": {"vision": "Tower"},
    }
    text = json.dumps({"origin": "x", "source": "demo", "classes": {"Demo": outer, "Tower": inner}})
    made, wrong = witnesses({CLASS: Source(CLASS, text, "")})
    assert not wrong
    whole = made.classes["demo"]
    told = {
        key: argument(made, whole, key) for key in ("vision.width", "vision", "old", "vision.rope.x", "lost", "free.x")
    }
    assert {key: (one.name, one.default, one.open) if one else None for key, one in told.items()} == {
        "vision.width": ("width", 8, False),
        "vision": ("vision", "tower", False),
        "old": ("free", None, False),
        "vision.rope.x": ("rope.x", None, True),
        "lost": None,
        "free.x": ("free.x", None, True),
    }


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"origin": 1, "source": "x"}', "[" * 100_000])
def test_what_is_no_excerpt_of_classes_is_reported(text: str) -> None:
    made, wrong = witnesses({CLASS: Source(CLASS, text, "")})
    assert not made.folders
    assert [one.rule for one in wrong] == ["bad-evidence"]


def test_files_of_evidence_are_written_one_way() -> None:
    """What is kept by hand stays as a script would write it, so that differences of two versions are short."""
    for path, text in shipped().items():
        if re.search(r"/evidence/\w+/", path):
            assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n", path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "this record of a source is not JSON"),
        ("[]", "this record of a source is not JSON"),
        ('{"title": "A title"}', "this record of a source is not JSON"),
        ('{"source": "li2023blib2"}', "no entry of the bibliography has the key `li2023blib2`"),
    ],
)
def test_what_is_no_record_of_a_source_is_reported(text: str, said: str) -> None:
    found = run({BIB: shipped()[BIB], "knowledge/evidence/sources/x.json": text}).found
    assert [one.rule for one in found if one.message.startswith(said)] == ["bad-evidence"]
