"""Claims: every form of the grammar is read, and what cannot be read is said with its place."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chiasm.claims import Formula, Quantity
from tests.front.claimed import ENCODER, HEAD, PAGE, facts, read


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
