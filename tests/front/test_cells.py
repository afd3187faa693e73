"""Cells, words and links as values, and what cannot be read, with its place."""

from __future__ import annotations

from fractions import Fraction

import pytest

from chiasm.claims import Formula, Quantity
from tests.front.claimed import ENCODER, HEAD, facts, read


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
