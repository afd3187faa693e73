"""Between documents: what words at citations and links say, entries against themselves, facets, stages and sums."""

from __future__ import annotations

import pytest

from tests.middle.base import BIB, run, run_shipped, shipped

SURVEY = "knowledge/surveys/between.md"
BLIP, LLAVA, DEEPSEEK = (f"knowledge/models/{name}.md" for name in ("blip-2", "llava", "deepseek-vl"))


def found(rule: str, changes: dict[str, tuple[str, str]] | None = None, said: str = "") -> list[str]:
    """What a rule marks and says of the shipped base with texts replaced, and a survey that says something."""
    base = dict(shipped())
    for path, (old, new) in (changes or {}).items():
        assert old in base[path], old
        base[path] = base[path].replace(old, new, 1)
    if said:
        base[SURVEY] = f"# Between\n\n{said}\n"
    made = run(base)
    return [f"{made.text(one)}: {one.message}" for one in made.found if one.rule == rule]


def spoken(rule: str, said: str) -> list[str]:
    return found(rule, said=said)


@pytest.mark.parametrize(
    "text",
    [
        "Li et al. (2023) [@li2023blip2] ask.",
        "As Li et al., 2023 [@li2023blip2] ask.",
        "Li and Li (2023) [@li2023blip2] ask.",
        "Laurençon et al. (2024) [@laurencon2024idefics2] ask.",
        "In 2021 the towers met; later models [@li2023blip2] differ.",
        "The paper *Visual Instruction Tuning* [@liu2023visual] asks.",
        'The report "Learning Transferable Visual Models From Natural Language Supervision" [@radford2021clip].',
        "The paper (arXiv:2301.12597) [@li2023blip2] asks.",
        "Flamingo and BLIP-2 [@li2023blip2] differ.",
        "Table 1 (2023) [@li2023blip2] says so.",
        "It follows *Language Models are Few-Shot Learners* and more [@li2023blip2].",
    ],
)
def test_words_that_fit_their_citation_are_left(text: str) -> None:
    assert spoken("citation-mismatch", text) == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Liu et al. (2023) [@li2023blip2] ask.", "Liu: Liu is not the author"),
        ("Li et al. (2022) [@li2023blip2] ask.", "2022: 2022 is not the year"),
        ("(Li et al., 2024 [@li2023blip2])", "2024: 2024 is not the year"),
        ("Li and Savarese (2023) [@li2023blip2] ask.", "Savarese: Savarese is not the author"),
        ("The paper (arXiv:2301.12579) [@li2023blip2] asks.", "2301.12579: 2301.12579 is not the arXiv id"),
        ("The paper *Visual Instruction Training* [@liu2023visual].", "is not the title"),
    ],
)
def test_words_that_do_not_fit_their_citation_are_found(text: str, marked: str) -> None:
    (only,) = spoken("citation-mismatch", text)
    assert marked in only


@pytest.mark.parametrize(
    "text",
    [
        "[BLIP-2](../models/blip-2.md) and [its queries](../models/blip-2.md#alignment).",
        "[LLaVA's projector](../models/llava.md#alignment), [LLaVA's](../models/llava.md#alignment).",
        "[opt-6.7b](../models/blip-2.md#opt-67b), [BLIP-2 opt-2.7b](../models/blip-2.md#opt-2.7b).",
        "[Qwen3](../models/qwen3-vl.md#language-model) reads it.",
    ],
)
def test_links_that_say_where_they_lead_are_left(text: str) -> None:
    assert spoken("link-mismatch", text) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[Flamingo](../models/blip-2.md#alignment)", "says Flamingo and leads to BLIP-2"),
        ("[Flamingo's](../models/blip-2.md)", "says Flamingo and leads to BLIP-2"),
        ("[Qwen2-VL](../models/qwen3-vl.md)", "says Qwen2-VL and leads to Qwen3-VL"),
        ("[BLIP-2 opt-6.7b](../models/blip-2.md#opt-2.7b)", "leads to opt-2.7b"),
    ],
)
def test_links_that_say_otherwise_are_found(text: str, why: str) -> None:
    (only,) = spoken("link-mismatch", text)
    assert why in only


ENTRY = "year = {2023}, eprint = {2301.12597}, archiveprefix = {arXiv},"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("eprint = {2301.12597}", "eprint = {2301.12579}", "2301.12579 by its eprint and 2301.12597 by its address"),
        (ENTRY, ENTRY.replace("{2023}", "{2022}"), "is of 2022, its arXiv id 2301.12597 of 2023"),
        ("author = {Li, Junnan and", "author = {Liu, Haotian and", "is not its first author's, Liu"),
        ("@article{li2023blip2,", "@article{li2022blip2,", "has 2022 in its key and is of 2023"),
        ("2501.00000}, urldate = {2025-11-16}", "", ""),
    ],
)
def test_an_entry_that_contradicts_itself_is_found(old: str, new: str, why: str) -> None:
    if not why:
        assert found("inconsistent-entry") == []
        return
    (only,) = found("inconsistent-entry", {BIB: (old, new)})
    assert why in only


def test_an_entry_of_a_conference_may_be_of_a_later_year() -> None:
    venue = ENTRY.replace("{2023}", "{2024}") + " booktitle = {NeurIPS},"
    assert found("inconsistent-entry", {BIB: (ENTRY, venue)}) == []


def test_one_source_under_two_keys_is_found() -> None:
    key = "@article{li2023blip2,"
    twice = f"@article{{li2023again, title = {{Another}}, eprint = {{2301.12597}}, urldate = {{2026-11-21}}}}\n\n{key}"
    assert "the same source as" in found("duplicate-entry", {BIB: (key, twice)})[0]


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        (BLIP, "| fusion | interleaved |", "| fusion | cross-attention |", "its fusion is a splice"),
        (BLIP, "| fusion_stage | early |", "| fusion_stage | mid |", "its fusion is a splice"),
        (BLIP, "| encoding | pretrained encoder |", "| encoding | raw patches |", "its encoder is a vit"),
        ("knowledge/models/qwen3-vl.md", "| fixed_budget | false |", "| fixed_budget | true |", "depend on height"),
    ],
)
def test_a_facet_that_the_kinds_deny_is_found(path: str, old: str, new: str, why: str) -> None:
    (only,) = found("taxonomy", {path: (old, new)})
    assert why in only


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        (LLAVA, "| frozen | encoder, language_model | encoder |", "| frozen | encoder, alignment | encoder |", "both"),
        (LLAVA, "| frozen | encoder, language_model | encoder |", "| frozen | encoder | encoder |", "`language_model`"),
        (
            BLIP,
            "| trained | alignment, encoder.norm | alignment, encoder.norm |",
            "| trained | alignment, encoder.norm | alignment, language_model |",
            "`language_model_frozen` is true",
        ),
    ],
)
def test_stages_that_do_not_divide_a_system_are_found(path: str, old: str, new: str, why: str) -> None:
    assert any(why in one for one in found("stage-scopes", {path: (old, new)}))


def test_rows_that_do_not_add_up_are_found() -> None:
    """Where no spec counts DeepSeek-VL's 7B, its rows are held against each other."""
    page = shipped()[DEEPSEEK]
    (neck,) = [line for line in page.splitlines(keepends=True) if line.startswith("| neck_dim |")]
    for old, new in (("7,343,985,921", "7,343,985,912"), ("412,640,513", "412,640,531")):
        (only,) = found("parameter-count", {DEEPSEEK: (page, page.replace(neck, "").replace(old, new))})
        assert "add up to another number" in only


def test_a_followed_row_speaks_of_the_scope_it_names() -> None:
    row = "| 107M | stage 2, opt-2.7b |"
    assert found("disagreement") == []
    assert "is followed" in found("disagreement", {BLIP: (row, row.replace("2.7b", "6.7b"))})[0]
    other = "| 5e-5 | stage 2 | **followed**"
    (only,) = found("disagreement", {BLIP: (other, other.replace("stage 2", "stage 1"))})
    assert "states no `min_learning_rate`" in only


def test_a_key_that_sets_another_field_is_found() -> None:
    """Both keys are 32 in the released file: only the table of names tells them apart."""
    old = "| layers | 32 | [@blip2-opt-config] text_config.num_hidden_layers"
    assert old in shipped()[BLIP]
    (only,) = found("locator", {BLIP: (old, old.replace("num_hidden_layers", "num_attention_heads"))})
    assert "`layers` is read from `text_config.num_hidden_layers`" in only


def test_none_of_them_speaks_of_the_shipped_base() -> None:
    rules = {"citation-mismatch", "link-mismatch", "inconsistent-entry", "taxonomy", "stage-scopes", "class-default"}
    assert [one for one in run_shipped().found if one.rule in rules] == []


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        (
            "knowledge/surveys/architectures.md",
            '[LM layers](../concepts/language-models.md "language_model.layers")',
            '[LM heads](../concepts/language-models.md "language_model.layers")',
            "counts layers, not heads",
        ),
    ],
)
def test_a_cell_or_header_that_counts_something_else_is_found(path: str, old: str, new: str, why: str) -> None:
    assert any(why in one for one in found("unit-mismatch", {path: (old, new)}))


def test_the_year_of_a_system_is_that_of_the_paper_cited_for_it() -> None:
    (only,) = found("taxonomy", {BLIP: ("| year | 2023 | [@li2023blip2] |", "| year | 2024 | [@li2023blip2] |")})
    assert "`li2023blip2` is of 2023" in only


def test_a_count_points_at_the_cells_it_is_made_of() -> None:
    base = dict(shipped())
    base[BLIP] = base[BLIP].replace("107,130,880", "107,130,881", 1)
    (only,) = (one for one in run(base).found if one.rule == "parameter-count")
    assert any("alignment." in label.text for label in only.labels)


def test_a_slot_with_its_letters_in_another_order_is_found_without_a_table() -> None:
    fuyu = "knowledge/models/fuyu.md"
    (only,) = found("unknown-slot", {fuyu: ("## Training", "## Traiinng")})
    assert "`Traiinng` is no slot" in only
