"""Reports: the frame as a reader sees it, and forms that machines read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.report import FORMATS, render, summary
from chiasm.reporting import unjudged
from chiasm.reporting.frame import width
from chiasm.reporting.sarif import About
from chiasm.reporting.unjudged import Left, grouped
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


def test_what_does_not_fit_beside_a_line_stands_below_it() -> None:
    text = ["| size | 14 px | 32 px | " + "a long source " * 8, "", "16 px"]
    labels = (Label(Span("a.md", 1, 10, 12), "fourteen"), Label(Span("a.md", 1, 18, 20), "thirty-two"))
    shown = render([Diagnostic("r", "m", Span("a.md", 3, 1, 3), labels=labels)], "full", lambda _: text).splitlines()
    assert shown[4] == f"   | {' ' * 9}-- fourteen"
    assert shown[5] == f"   | {' ' * 17}-- thirty-two"
    assert shown[6:] == [" 3 | 16 px", "   | ^^"]


def test_several_labels_on_one_line() -> None:
    text = ["width 1024, height 768"]
    labels = (Label(Span("a.md", 1, 20, 23), "second"), Label(Span("a.md", 1, 7, 11), "the same"))
    shown = render([Diagnostic("r", "m", Span("a.md", 1, 7, 11), "first", labels)], "full", lambda _: text)
    assert shown.splitlines()[3:] == [
        " 1 | width 1024, height 768",
        "   |       ^^^^ first; the same",
        "   |                    --- second",
    ]


def test_a_label_that_was_cut_off_has_its_line_shown_again() -> None:
    text = ["HERE" + "a" * 500 + "THERE" + "b" * 500]
    labels = (Label(Span("a.md", 1, 505, 510), "there"),)
    shown = render([Diagnostic("r", "m", Span("a.md", 1, 1, 5), "here", labels)], "full", lambda _: text).splitlines()
    assert shown[4].endswith("^^^^ here")
    assert "THERE" in shown[5]
    assert shown[6].index("-----") == shown[5].index("THERE")


def test_a_narrow_terminal() -> None:
    text = ["a" * 60 + "HERE" + "b" * 60]
    shown = render([Diagnostic("r", "m", Span("a.md", 1, 61, 65))], "full", lambda _: text, width=40).splitlines()
    assert len(shown[3]) <= 46
    assert shown[4].index("^") == shown[3].index("HERE")


def test_without_the_file_the_words_remain() -> None:
    shown = render([FOUND], "full")
    assert "expected 36" in shown
    assert "384 / 16 = 24 patches a side" in shown


def test_json() -> None:
    kept = replace(FOUND, span=Span(PATH, 14, 1, 2), ignored="on purpose")
    left = grouped([Left(Span(PATH, 3, 1, 4), "7.5", "a score"), Left(Span(PATH, 2, 1, 4), "88.1", "a score")])
    whole = json.loads(render([FOUND, kept], "json", verdicts={"proved": 3, "refuted": 1}, anchored=(2, 5), left=left))
    assert list(whole) == ["version", "findings", "suppressed", "verdicts", "anchored", "not_judged"]
    (one,) = whole["findings"]
    assert (one["path"], one["line"], one["column"], one["end"], one["rule"]) == (PATH, 31, 19, 21, "token-count")
    assert one["fix"] == {"replacement": "36", "path": PATH, "line": 31, "column": 19, "end": 21}
    assert len(one["labels"]) == 2
    assert [one["reason"] for one in whole["suppressed"]] == ["on purpose"]
    assert (whole["version"], whole["verdicts"]["proved"], whole["anchored"]) == (1, 3, {"held": 2, "of": 5})
    (group,) = whole["not_judged"]
    assert (group["reason"], group["count"]) == ("a score", 2)
    assert [one["line"] for one in group["numbers"]] == [2, 3]


def test_what_is_kept_is_shown_to_machines_alone() -> None:
    kept = replace(FOUND, ignored="on purpose")
    assert [render([kept], form) for form in ("full", "concise", "github")] == ["", "", ""]
    assert summary([FOUND, replace(kept, message="other")]) == "1 error, 1 suppressed"


def test_numbers_that_were_left_are_gathered() -> None:
    left = [Left(Span("a.md", 2, 5, 6), "1", "why"), Left(Span("a.md", 2, 1, 2), "2", "why")]
    left += [Left(Span("b.md", 1, 1, 2), "3", "else"), Left(Span("b.md", 1, 7, 8), "3", "why")]
    assert [*unjudged.lines(grouped(left))] == [
        "3 not judged: why",
        "  a.md:2:1: 2, 1",
        "  b.md:1:7: 3",
        "1 not judged: else",
        "  b.md:1:1: 3",
    ]


def test_github() -> None:
    odd = Diagnostic("r", "50%\nof: it, all", Span("a,b:c.md", 1, 2, 3), severity="note")
    assert (
        render([odd], "github")
        == "::notice file=a%2Cb%3Ac.md,line=1,endLine=1,col=2,endColumn=3,title=r::50%25%0Aof: it, all\n"
    )


RULES = {"token-count": About("Tokens disagree.", "Tokens disagree.\n\nAnd why.", "error")}


def log(*found: Diagnostic) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(render(found, "sarif", lines, rules=RULES))
    return written


def test_sarif() -> None:
    whole = log(FOUND)
    (run,) = whole["runs"]
    (result,) = run["results"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"] == {"text": "Tokens disagree."}
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 31,
        "startColumn": 19,
        "endLine": 31,
        "endColumn": 21,
    }
    assert [one["message"]["text"] for one in result["relatedLocations"]] == [one.text for one in FOUND.labels]
    assert result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "36"}
    assert "suppressions" not in result


def test_sarif_says_what_is_kept() -> None:
    (result,) = log(replace(FOUND, ignored="on purpose"))["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "on purpose"}]
    (result,) = log(replace(FOUND, ignored="on purpose (chiasm.toml)"))["runs"][0]["results"]
    assert result["suppressions"][0]["kind"] == "external"


def test_a_fingerprint_survives_lines_that_move() -> None:
    def prints(text: list[str], *found: Diagnostic) -> list[str]:
        results = json.loads(render(found, "sarif", lambda _: text))["runs"][0]["results"]
        return [one["partialFingerprints"]["chiasm/v1"] for one in results]

    def at(line: int, rule: str = "r") -> Diagnostic:
        return Diagnostic(rule, "m", Span("a.md", line, 1, 3))

    (was,) = prints(["ab cd"], at(1))
    assert prints(["", "", "  ab   cd".strip()], at(3)) == [was]
    assert prints(["ab cd"], at(1, "s")) != [was]
    assert len({*prints(["ab cd", "ab cd"], at(1), at(2))}) == 2


TEXT, WHOLE = {"text": str}, int
RESULT = {
    "ruleId": str,
    "ruleIndex": WHOLE,
    "level": ("none", "note", "warning", "error"),
    "message": TEXT,
    "locations": list,
    "partialFingerprints": dict,
    "relatedLocations": list,
    "fixes": list,
    "suppressions": list,
}
"""What SARIF 2.1.0 (section 3.27) lets a result have, as far as we write it."""


def test_sarif_has_the_form_of_the_standard() -> None:
    """Required properties are there, and no others than the standard names; its text numbers the sections."""
    odd = Diagnostic("b", "m", Span("ä b.md", 1), severity="note", fix=Fix(Span("ä b.md", 1), "x", through=3))
    whole = log(FOUND, replace(FOUND, severity="warning"), odd, replace(odd, ignored="so"))
    assert (set(whole), whole["version"]) == ({"$schema", "version", "runs"}, "2.1.0")  # 3.13
    for run in whole["runs"]:
        assert set(run) == {"tool", "invocations", "columnKind", "results"}  # 3.14
        assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")  # 3.14.17
        assert run["invocations"] == [{"executionSuccessful": True}]  # 3.20.14, required
        driver = run["tool"]["driver"]
        assert isinstance(driver["name"], str)  # 3.19.8, required
        for rule in driver["rules"]:
            assert set(rule) <= {"id", "shortDescription", "help", "defaultConfiguration"}  # 3.49
        for result in run["results"]:
            assert set(result) <= set(RESULT)
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in RESULT["level"]
            for place in (*result["locations"], *result.get("relatedLocations", ())):
                located(place["physicalLocation"])
            assert len({one["id"] for one in result.get("relatedLocations", ())}) == len(
                result.get("relatedLocations", ())
            )
            for fix in result.get("fixes", ()):
                for change in fix["artifactChanges"]:  # 3.55.3, 3.56.3, 3.57.3: required, not empty
                    assert change["replacements"]
                    assert all(one["deletedRegion"]["startLine"] >= 1 for one in change["replacements"])
            assert all(one["kind"] in ("inSource", "external") for one in result.get("suppressions", ()))  # 3.35.2


def located(place: dict[str, Any]) -> None:
    region, uri = place["region"], place["artifactLocation"]["uri"]
    assert urlsplit(uri).scheme == ""
    assert uri.isascii()
    assert " " not in uri  # 3.10.1: a valid relative reference
    assert region["startLine"] <= region["endLine"]
    assert 1 <= region["startColumn"] <= region["endColumn"]


def test_nothing_found() -> None:
    assert [render([], form) for form in FORMATS[:2]] == ["", ""]
    assert json.loads(render([], "json"))["findings"] == []
    assert json.loads(render([], "sarif"))["runs"][0]["results"] == []
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
