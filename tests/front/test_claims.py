"""Claims: every form of the grammar is read, and what cannot be read is said with its place."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chiasm.claims import Claims, Formula, Quantity, claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.source import Source

PAGE = """# BLIP-2

Extends: [CLIP](clip.md#vit-l-14)

Thirty-two learned queries [@li2023blip2]. Stage 2 trains [107M parameters](#parameters "trainable, stage 2, opt-2.7b"),
[2.9%](#parameters "trainable / total, stage 2, opt-2.7b") of it [@li2023blip2] Table 2. It has 12 layers.

## Variants

| variant | released as | year | source |
|---|---|--:|---|
| OPT 2.7B | Salesforce/blip2-opt-2.7b | 2023 | [@cfg] |
| opt-6.7b | | 2023 | [@cfg] |

## Encoder: [CLIP ViT-L/14](clip.md#vit-l-14)

| [EVA ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@li2023blip2] §3.4 |
| patch_size | 14 px | [@cfg] vision_config.patch_size; [@li2023blip2] §3.4 |
| tokens | `(image_size / patch_size)^2 + 1` = 257 | derived |
| class_token | ✓ | assumed: 1 of 2 sources says so |
| taps | [5, 11, 17] | measured |
| activation | `quick_gelu` | |

## Alignment

| [Q-Former](../concepts/alignment.md#q-former) | opt-2.7b | opt-6.7b | source |
|---|--:|--:|---|
| num_queries | 32 | – | [@li2023blip2] §3.1 |
| text_branch | yes | – | [@li2023blip2] §3.1 |

| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | ITG | source |
|---|---|---|---|
| query → query / query → text | all / none | all / none | [@li2023blip2] Fig. 2 |
| text -> query / text → text | none / all | all / causal | [@li2023blip2] Fig. 2 |

| [CLIP](clip.md#vit-l-14) | opt-2.7b | source |
|---|--:|---|
| dim | 768 | [@cfg] |

### Sources disagree: num_queries

| source | says | scope | here |
|---|--:|---|---|
| [@li2023blip2] Table 1 | 188M | stage 1 | reported; ≈186.7M measured |
| [@cfg] | 107M | stage 2, opt-2.7b | **followed** |

## Parameters

| scope | opt-2.7b | source |
|---|--:|---|
| trainable, stage 2 | 107,133,696 | measured |

## Checkpoint

| tensors | hub | transformers | source |
|---|---|---|---|
| encoder | `vision_model` | | [@cfg] |

| configuration | key | source |
|---|---|---|
| encoder.feature_layer | `vision_feature_layer` -2 | [@cfg] |

## What others say

> It bootstraps language and image learning
> from frozen models [@li2023blip2] §1.

The authors call it “a lightweight querying transformer that bridges” [@li2023blip2]. A "short one" is none.
"""


def read(text: str, path: str = "knowledge/models/blip-2.md") -> tuple[Claims, tuple[Diagnostic, ...]]:
    return claims(parse(Source(path, text, "")))


def facts(found: Claims) -> dict[str, object]:
    return {fact.id: fact.value for table in found.tables for fact in table.facts}


def test_a_page_without_faults() -> None:
    found, wrong = read(PAGE)
    assert wrong == ()
    assert (found.page, found.system) == ("models/blip-2", "blip-2")
    assert found.extends is not None
    assert found.extends.href == "clip.md#vit-l-14"
    assert [(one.name, one.slug) for one in found.variants] == [("OPT 2.7B", "opt-2.7b"), ("opt-6.7b", "opt-6.7b")]
    assert found.variants[0].cells["released as"].text == "Salesforce/blip2-opt-2.7b"


def test_facts_have_the_id_of_their_place() -> None:
    found = facts(read(PAGE)[0])
    assert found["blip-2/encoder.image_size"] == Quantity(Fraction(224), "px", text="224 px")
    assert found["blip-2/encoder.class_token"] is True
    assert found["blip-2/encoder.activation"] == "quick_gelu"
    assert [one.value for one in found["blip-2/encoder.taps"]] == [5, 11, 17]  # type: ignore[attr-defined]
    assert found["blip-2:opt-2.7b/alignment.num_queries"] == Quantity(Fraction(32), text="32")
    assert "blip-2:opt-6.7b/alignment.num_queries" not in found
    assert found["blip-2:opt-6.7b/alignment.text_branch"] is False
    assert found["blip-2:opt-2.7b/parameters.trainable, stage 2"] == Quantity(Fraction(107_133_696), text="107,133,696")


def test_a_formula_with_its_result_and_places() -> None:
    text = PAGE.split("\n")
    formula = facts(read(PAGE)[0])["blip-2/encoder.tokens"]
    assert isinstance(formula, Formula)
    assert formula.result is not None
    assert formula.result_span is not None
    assert formula.result.value == 257
    for span, words in ((formula.span, "(image_size / patch_size)^2 + 1"), (formula.result_span, "257")):
        assert text[span.line - 1][span.column - 1 : span.end - 1] == words


def test_evidence() -> None:
    encoder = read(PAGE)[0].tables[0]
    ranks = {fact.field: fact.evidence for fact in encoder.facts}
    image, patch, token = ranks["image_size"], ranks["patch_size"], ranks["class_token"]
    assert image is not None
    assert patch is not None
    assert token is not None
    assert (image.rank, [(one.key, one.locator) for one in image.cites]) == ("paper", [("li2023blip2", "§3.4")])
    assert [(one.key, one.locator) for one in patch.cites] == [
        ("cfg", "vision_config.patch_size"),
        ("li2023blip2", "§3.4"),
    ]
    assert token.rank == "assumed"
    assert ranks["activation"] is None


def test_slots_copied_by_a_heading_and_by_a_table() -> None:
    copies = read(PAGE)[0].copies
    assert [(one.slot, one.link.href, one.variants) for one in copies] == [
        ("encoder", "clip.md#vit-l-14", ()),
        ("alignment", "clip.md#vit-l-14", ("opt-2.7b",)),
    ]


def test_masks() -> None:
    (mask,) = read(PAGE)[0].masks
    assert mask.objectives == ("ITC", "ITG")
    assert mask.cells["ITG"] == {
        ("query", "query"): "all",
        ("query", "text"): "none",
        ("text", "query"): "all",
        ("text", "text"): "causal",
    }


def test_names_of_releases() -> None:
    tensors, configuration = read(PAGE)[0].names
    assert (tensors.slot, tensors.what, tensors.dialects) == ("checkpoint", "tensors", ("hub", "transformers"))
    ours, cells = tensors.rows[0]
    assert (ours.text, sorted(cells)) == ("encoder", ["hub", "source"])
    assert configuration.rows[0][1]["key"].text == "`vision_feature_layer` -2"


def test_disagreements() -> None:
    (one,) = read(PAGE)[0].disagreements
    assert (one.slot, one.field) == ("alignment", "num_queries")
    assert [(p.quantity and p.quantity.text, p.scope, p.followed, p.cite and p.cite.key) for p in one.positions] == [
        ("188M", ("stage 1",), False, "li2023blip2"),
        ("107M", ("stage 2", "opt-2.7b"), True, "cfg"),
    ]


def test_a_table_that_links_a_kind_is_no_disagreement() -> None:
    head = "| source | says | scope | here |\n|---|---|---|---|\n"
    text = f"{ENCODER}### Sources disagree: dim\n\n{head}| [@a] | 8 | x | **followed** |\n"
    found, wrong = read(f"{text}\n{HEAD}| dim | 8 | [@a] |\n", "knowledge/models/n.md")
    assert wrong == ()
    assert list(facts(found)) == ["n/encoder.dim"]
    assert len(found.disagreements) == 1


def test_statements_have_their_scope_and_place() -> None:
    found = read(PAGE)[0].statements
    assert [(one.quantity.text, one.quantity.unit, one.scope, one.words, one.link.href) for one in found] == [
        ("107M", "parameters", ("trainable", "stage 2", "opt-2.7b"), "107M parameters", "#parameters"),
        ("2.9%", "%", ("trainable / total", "stage 2", "opt-2.7b"), "2.9%", "#parameters"),
    ]
    text = PAGE.split("\n")
    for one in found:
        assert text[one.span.line - 1][one.span.column - 1 : one.span.end - 1] == one.quantity.text
        assert [cite.locator for cite in one.cites] == ["Table 2"]


def test_every_other_number_counts_once() -> None:
    found = read(PAGE)[0].numbers
    assert [(one.quantity.text, one.quantity.unit) for one in found] == [
        ("Thirty-two", "queries"),
        ("2", "label"),
        ("12", "layers"),
        ("2023", "year"),
        ("2023", "year"),
        ("1", ""),
        ("2", ""),
        ("1", "label"),
        ("≈186.7M", ""),
        ("2", "label"),
    ]
    assert {one.system for one in found} == {"blip-2"}


def test_quotations_and_who_is_quoted() -> None:
    found = read(PAGE)[0].quotations
    assert [(len(one.words.split()), [cite.key for cite in one.cites]) for one in found] == [
        (11, ["li2023blip2"]),
        (6, ["li2023blip2"]),
    ]


def test_a_quotation_attributed_before_its_block_or_not_at_all() -> None:
    found, _ = read(
        "# A\n\nAdept says [@fuyu]:\n\n> words of another\n\nThen\n\n> nobody's words\n\n> [!NOTE]\n> no quotation\n"
    )
    assert [(one.words, [cite.key for cite in one.cites]) for one in found.quotations] == [
        ("words of another", ["fuyu"]),
        ("nobody's words", []),
    ]


SURVEY = """# A survey

## [BLIP-2](../models/blip-2.md)

It has 32 queries.

### Alignment

| [Q-Former](../concepts/alignment.md#q-former) | opt-2.7b | source |
|---|--:|---|
| num_queries | 32 | [@a] |

## Nano

### Encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| dim | 8 | [@a] |

## Eight models

| model | [tokens](../concepts/token-budget.md "budget.image_tokens") | note | layers |
|---|--:|---|--:|
| [BLIP-2](../models/blip-2.md#opt-2.7b) | 32 | 7 words | 12 |
| [Flamingo](../models/flamingo.md) | 64 | | 24 |
"""


def test_a_survey_speaks_of_systems_by_its_headings() -> None:
    found, wrong = read(SURVEY, "knowledge/surveys/vlm.md")
    assert wrong == ()
    assert found.system == ""
    assert list(facts(found)) == ["blip-2:opt-2.7b/alignment.num_queries", "nano/encoder.dim"]
    assert [table.system for table in found.tables] == ["blip-2", "nano"]
    numbers = [(one.quantity.text, one.quantity.unit, one.system) for one in found.numbers]
    assert numbers == [
        ("32", "queries", "blip-2"),
        ("Eight", "models", ""),
        ("7", "words", ""),
        ("12", "layers", ""),
        ("24", "layers", ""),
    ]


def test_a_comparison() -> None:
    (one,) = read(SURVEY, "knowledge/surveys/vlm.md")[0].comparisons
    assert [row[1].text for row in one.rows] == ["32", "64"]


def test_a_concepts_name_tables() -> None:
    text = (
        "# E\n\n## ViT\n\n| [ViT](#vit) tensors | `clip` | source |\n|---|---|---|\n| class_token | `a.b` | [@tf] |\n"
    )
    (table,) = read(text, "knowledge/concepts/encoders.md")[0].names
    assert (table.slot, table.dialects) == ("encoder", ("clip",))


ENCODER = "# N\n\n## Encoder\n\n"
HEAD = "| [ViT](../concepts/encoders.md#vit) | all variants | source |\n|---|---|---|\n"


@pytest.mark.parametrize(
    ("text", "rule", "there"),
    [
        (ENCODER + HEAD + "| dim | 8 |\n", "row-length", "8"),
        (ENCODER + HEAD + "| dim | 8 | [@a] | 9 |\n", "row-length", "9"),
        (ENCODER + HEAD + "| dim | `a | b` | [@a] |\n", "row-length", "[@a]"),
        (ENCODER + HEAD + "| Image Size | 8 | [@a] |\n", "field-name", "Image Size"),
        (ENCODER + HEAD + "| | 8 | [@a] |\n", "field-name", ""),
        (ENCODER + HEAD + "| dim | 8 | [@a] |\n| dim | 9 | [@a] |\n", "duplicate-row", "dim"),
        (ENCODER + HEAD + "| dim | `8 +` = 9 | [@a] |\n", "bad-formula", ""),
        (ENCODER + HEAD + "| dim | `8 + foo(1)` = 9 | [@a] |\n", "bad-formula", "foo"),
        (ENCODER + HEAD + "| dim | `8 + 1` = nine | [@a] |\n", "bad-formula", "nine"),
        (ENCODER + HEAD.replace("source", "where") + "| dim | 8 | [@a] |\n", "no-source-column", "where"),
        (ENCODER + HEAD.replace("all variants", " ") + "| dim | 8 | [@a] |\n", "column-without-variant", ""),
        (
            ENCODER + "| [V](../concepts/encoders.md#v) | a | a | source |\n|---|---|---|---|\n| d | 1 | 2 | [@a] |\n",
            "duplicate-column",
            "a",
        ),
        (
            ENCODER + "| field | all variants | source |\n|---|---|---|\n| dim | 8 | [@a] |\n",
            "table-without-kind",
            "field",
        ),
        (
            ENCODER + HEAD.replace(") |", ") masks |", 1) + "| dim | 8 | [@a] |\n",
            "table-kind",
            "[ViT](../concepts/encoders.md#vit) masks",
        ),
        (
            ENCODER.replace("Encoder", "Vision encoder") + HEAD + "| dim | 8 | [@a] |\n",
            "unknown-slot",
            "## Vision encoder",
        ),
        (ENCODER + "| a | b |\n|---|\n| 1 | 2 |\n", "broken-table", "|---|"),
        ("# N\n\n| a |\n|---|\n| `b | 7` |\n", "row-length", "7`"),
        (ENCODER + "<div>16</div>\n", "raw-html", "<div>16</div>"),
        (ENCODER + HEAD.replace(") |", ") mask |", 1) + "| q → t | some | [@a] |\n", "mask-cell", "some"),
        (ENCODER + HEAD.replace(") |", ") mask |", 1) + "| q | all | [@a] |\n", "mask-cell", "q"),
        ("# N\n\n## Variants\n\n| v |\n|---|\n| a |\n| A |\n", "duplicate-variant", "A"),
        (
            ENCODER + "### Sources disagree: dim\n\n| source | says |\n|---|---|\n| [@a] | 8 |\n",
            "disagreement-table",
            "source",
        ),
        ('# N\n\n[much](#x "total")\n', "statement-without-number", '[much](#x "total")'),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, rule: str, there: str) -> None:
    _, wrong = read(text, "knowledge/models/n.md")
    found = [one for one in wrong if one.rule == rule]
    assert found, wrong
    span = found[0].span
    line = text.split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end - 1].strip(" |`") == there.strip(" |`")
    assert found[0].help


def test_a_second_spelling_of_a_field_can_be_fixed() -> None:
    found, wrong = read(ENCODER + HEAD + "| Image Size | 8 | [@a] |\n", "knowledge/models/n.md")
    assert list(facts(found)) == ["n/encoder.image_size"]
    assert [one.fix.replacement for one in wrong if one.fix] == ["image_size"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("8", 8),
        ("`8`", 8),
        ("**8**", 8),
        ("`1 / 255`", Fraction(1, 255)),
        ("`2^8`", "2^8"),
        ("`2^8` = 256", "2^8"),
        ("`floor(a / b)`", "floor(a / b)"),
        ("`a.b`", "a.b"),
    ],
)
def test_cells(cell: str, value: object) -> None:
    said = facts(read(ENCODER + HEAD + f"| dim | {cell} | [@a] |\n", "knowledge/models/n.md")[0])["n/encoder.dim"]
    assert (said.value if isinstance(said, Quantity) else said.source if isinstance(said, Formula) else said) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("yes", True),
        ("no", False),
        ("TRUE", True),
        ("✗", False),
        ("gelu", "gelu"),
        ("`gelu`", "gelu"),
        ("pretrained encoder", "pretrained encoder"),
        ("alignment, language_model", ("alignment", "language_model")),
        ("`a` `b`", ("a", "b")),
        ("`USER: {image}\\n`", "USER: {image}\\n"),
        ("[a, b]", ("a", "b")),
    ],
)
def test_words(cell: str, value: object) -> None:
    assert facts(read(ENCODER + HEAD + f"| x | {cell} | [@a] |\n", "knowledge/models/n.md")[0])["n/encoder.x"] == value


@pytest.mark.parametrize(
    ("label", "number"), [("three", 3), ("every 4th", 4), ("every second", 2), ("Thirty-two", 32), ("8", 8)]
)
def test_numbers_in_words_may_be_linked(label: str, number: int) -> None:
    found, wrong = read(f'# N\n\nIt has [{label}](#encoder "every") of them.\n')
    assert wrong == ()
    assert [one.quantity.value for one in found.statements] == [number]


def test_no_number_hides_in_code_links_or_citations() -> None:
    found, _ = read(
        '# N\n\n`16` $17$ [x](https://a.b/18) https://c.d/19 [@k20] §21 <b c="22">w</b> ![23](24.png) BLIP-2\n'
    )
    assert found.numbers == ()
    assert found.statements == ()


def test_links_and_citations_of_all_blocks() -> None:
    found, _ = read("# [H](h.md)\n\n[@a] [p](p.md)\n\n| [t](t.md) [@b] |\n|---|\n| [![i](i.png)](c.md) |\n")
    assert [link.href for link in found.links] == ["h.md", "p.md", "t.md", "c.md", "i.png"]
    assert [cite.key for cite in found.cites] == ["a", "b"]


PARTS = st.sampled_from(
    [
        "# T\n",
        "## Encoder\n",
        "## Variants\n",
        "### Sources disagree: dim\n",
        "## Parameters\n",
        "\n",
        "\n",
        HEAD,
        HEAD,
        "| dim | 8 | [@a] |\n",
        "| dim |\n",
        "|  |  |\n",
        "| `a + ` = 3 | – | assumed |\n",
        "| scope | a | source |\n|---|---|---|\n",
        "| a | 1 | 2 | 3 | 4 |\n",
        "| [V](../concepts/e.md#v) mask | A |\n|---|---|\n",
        "| a → b / c | all |\n",
        "| [V](x.md) tensors | `d` |\n|---|---|\n",
        '| [B](../models/b.md) | [t](x.md "y") |\n|---|---|\n',
        "> quote 12 “a b c d e f”\n",
        '[8](#x "a, b") ',
        "188M of 3.1B. ",
        "[@k] §3 ",
        "Extends: [x](y.md)\n",
        "## [B](../models/b.md)\n",
        "| source | says | scope | here |\n|---|---|---|---|\n",
        "| [@a] | 7B | x | **followed** |\n",
    ]
)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(PARTS | st.text(max_size=8), max_size=30).map("".join),
    st.sampled_from(["models/a", "surveys/b", "concepts/c", "d"]),
)
def test_no_page_raises_and_every_place_is_in_the_page(text: str, page: str) -> None:
    path = f"knowledge/{page}.md"
    found, wrong = read(text, path)
    lines = text.replace("\r", " ").split("\n")
    spans = [one.span for one in wrong]
    spans += [one.span for one in found.statements] + [one.span for one in found.numbers]
    spans += [one.span for one in found.quotations]
    spans += [fact.cell.span for table in found.tables for fact in table.facts]
    for span in spans:
        assert 1 <= span.line <= len(lines)
        assert 1 <= span.column <= span.end <= len(lines[span.line - 1]) + 2
    again, _ = read(text, path)
    assert again == found
