"""Reports: the frame as a reader sees it, and forms that machines read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.report import FORMATS, render, summary
from chiasm.reporting.frame import width
from chiasm.span import Span

PATH = "knowledge/models/nano.md"
LINES = [""] * 40
LINES[13] = "| image_size    | 384 px |"
LINES[21] = "| pixel_shuffle | 4      |"
LINES[30] = "| image_tokens  | 64     |"
FOUND = Diagnostic(
    "token-count",
    "image tokens disagree with the encoder and the alignment",
    Span(PATH, 31, 19, 21),
    "expected 36",
    (
        Label(Span(PATH, 14, 19, 25), "384 / 16 = 24 patches a side"),
        Label(Span(PATH, 22, 19, 20), "24 / 4 = 6 a side, 36 tokens"),
    ),
    "write `(image_size / patch_size / pixel_shuffle)^2`",
    fix=Fix(Span(PATH, 31, 19, 21), "36"),
)
FULL = """\
error[token-count]: image tokens disagree with the encoder and the alignment
  --> knowledge/models/nano.md:31:19
   |
14 | | image_size    | 384 px |      384 / 16 = 24 patches a side
22 | | pixel_shuffle | 4      |      24 / 4 = 6 a side, 36 tokens
31 | | image_tokens  | 64     |
   |                   ^^ expected 36
   = help: write `(image_size / patch_size / pixel_shuffle)^2`
"""


def lines(path: str) -> list[str] | None:
    return LINES if path == PATH else None


def test_the_full_form_is_the_designs() -> None:
    assert render([FOUND], "full", lines) == FULL


def test_findings_are_sorted_by_place_and_shown_once() -> None:
    other = Diagnostic("a-rule", "first", Span(PATH, 2, 1, 2))
    shown = render([FOUND, other, FOUND], "concise")
    assert shown.splitlines() == [
        f"{PATH}:2:1: error[a-rule] first",
        f"{PATH}:31:19: error[token-count] image tokens disagree with the encoder and the alignment (expected 36)",
    ]


def test_carets_stand_under_wide_characters() -> None:
    text = "画像😀 x 64 é́ 7"
    at = text.index("64")
    shown = render([Diagnostic("r", "m", Span("a.md", 1, at + 1, at + 3))], "full", lambda _: [text]).splitlines()
    line, carets = shown[3], shown[4]
    assert width(carets[: carets.index("^")]) == width(line[: line.index("64")])
    assert carets.count("^") == 2


def test_long_lines_are_cut_around_the_place() -> None:
    text = "a" * 500 + "HERE" + "b" * 500
    shown = render([Diagnostic("r", "m", Span("a.md", 1, 501, 505), "mark")], "full", lambda _: [text]).splitlines()
    assert len(shown[3]) < 140
    start = shown[4].index("^")
    assert shown[3][start : start + 4] == "HERE"


def test_a_page_cannot_steer_the_terminal() -> None:
    text = "x \x1b[31m \u202e \x9b \x07"
    shown = render([Diagnostic("r", text, Span("a.md", 1, 1, 2), text, help=text)], "full", lambda _: [text])
    assert not set(shown) & set("\x1b\u202e\x9b\x07")


def test_other_files_follow() -> None:
    other = Diagnostic("r", "m", Span(PATH, 31, 19, 21), labels=(Label(Span("b.md", 7, 1, 4), "here too"),))
    shown = render([other], "full", lambda path: LINES if path == PATH else ["x"] * 6 + ["abc"])
    assert "::: b.md:7:1\n 7 | abc\n   | --- here too" in shown


def test_without_the_file_the_words_remain() -> None:
    shown = render([FOUND], "full")
    assert "expected 36" in shown
    assert "384 / 16 = 24 patches a side" in shown


def test_json() -> None:
    (one,) = json.loads(render([FOUND], "json"))
    assert (one["path"], one["line"], one["column"], one["end"], one["rule"]) == (PATH, 31, 19, 21, "token-count")
    assert one["fix"]["replacement"] == "36"
    assert len(one["labels"]) == 2


def test_github() -> None:
    odd = Diagnostic("r", "50%\nof: it, all", Span("a,b:c.md", 1, 2, 3), severity="note")
    assert (
        render([odd], "github")
        == "::notice file=a%2Cb%3Ac.md,line=1,endLine=1,col=2,endColumn=3,title=r::50%25%0Aof: it, all\n"
    )


def test_sarif() -> None:
    log = json.loads(render([FOUND], "sarif", pages={"token-count": "Tokens disagree."}))
    (run,) = log["runs"]
    (result,) = run["results"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"] == [{"id": "token-count", "shortDescription": {"text": "Tokens disagree."}}]
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 31,
        "startColumn": 19,
        "endLine": 31,
        "endColumn": 21,
    }
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "36"}


def test_nothing_found() -> None:
    assert [render([], form) for form in FORMATS[:2]] == ["", ""]
    assert json.loads(render([], "json")) == []
    assert summary([]) == ""
    assert summary([FOUND, Diagnostic("r", "m", Span("a", 1), severity="warning")]) == "1 error, 1 warning"


def test_an_unknown_form_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="full, concise, json, sarif, github"):
        render([], "xml")


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(1, 5), st.integers(1, 400), st.integers(0, 400), st.text(max_size=20))
def test_any_place_can_be_shown(text: str, line: int, column: int, length: int, words: str) -> None:
    span = Span("a.md", line, column, column + length)
    found = Diagnostic("r", words, span, words, (Label(Span("a.md", 1, 2, 3), words),), words)
    for form in FORMATS:
        assert render([found], form, lambda _: text.split("\n")).endswith("\n")
