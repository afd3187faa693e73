"""Comments that hide findings: what they cover, and what is said of those that are wrong or of no use."""

from __future__ import annotations

import pytest

from chiasm.diagnostic import Diagnostic
from chiasm.source import Source, source
from chiasm.span import Span
from chiasm.suppression import comments, kept, shown, sifted

PATH = "knowledge/models/nano.md"
RULES = frozenset({"broken-link", "bad-value", "unused-ignore", "bad-ignore"})


def page(text: str) -> Source:
    made = source(PATH, text.encode())
    assert isinstance(made, Source)
    return made


def at(line: int, rule: str = "broken-link") -> Diagnostic:
    return Diagnostic(rule, "leads to no file", Span(PATH, line, 3, 9))


def left(text: str, *found: Diagnostic) -> tuple[list[str], list[int]]:
    """Rules of the findings that remain, and lines of those that are hidden."""
    told, hidden = shown(sifted((*found, *comments(page(text))), RULES))
    return [one.rule for one in told], sorted(one.span.line for one in hidden)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("a [x](y) <!-- chiasm: ignore[broken-link] why -->\nb", [1]),
        ("<!-- chiasm: ignore[broken-link] why -->\na\nb\n\nc", [2, 3]),
        ("<!-- chiasm: ignore[broken-link] why -->\n\na\nb\n\nc", [3, 4]),
        ("> <!-- chiasm: ignore[broken-link] why -->\n> a\n>\n> b", [2]),
        ("a\n\n<!-- chiasm: ignore-file[broken-link] why -->\n", [1, 2, 3, 4]),
        ("<!-- chiasm: ignore[bad-value, broken-link] why -->\n| a | b |\n|---|---|\n| 1 | 2 |\n\nc", [2, 3, 4]),
        ("<!-- chiasm: ignore[broken-link] why -->\n```text\na\n\nb\n```\nc", [2, 3, 4, 5, 6]),
    ],
)
def test_what_a_comment_is_about(text: str, hidden: list[int]) -> None:
    everywhere = [at(number) for number in range(1, text.count("\n") + 2)]
    told, ignored = left(text, *everywhere, at(2, "bad-value"))
    assert ignored == sorted([*hidden, *([2] if "bad-value" in text else [])])
    assert "unused-ignore" not in told
    assert told.count("broken-link") == len(everywhere) - len(hidden)


def test_the_reason_stays_with_what_is_hidden() -> None:
    (one,) = sifted((at(1), *comments(page("a <!-- chiasm: ignore[broken-link]: not yet published -->"))), RULES)
    assert one.ignored == "not yet published"


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("<!-- chiasm: ignore[broken-link] -->", "bad-ignore", "without a reason"),
        ("<!-- chiasm: ignore -->", "bad-ignore", "names no rule"),
        ("<!-- chiasm: ignore broken-link why -->", "bad-ignore", "names no rule"),
        ("<!-- chiasm: ignore[broken-links] why -->", "bad-ignore", "there is no rule `broken-links`"),
        ("<!-- chiasm: ignore[broken-link] why -->", "unused-ignore", "nothing of `broken-link`"),
    ],
)
def test_what_is_wrong_with_a_comment(text: str, rule: str, words: str) -> None:
    (one,) = sifted(comments(page(text)), RULES)
    assert (one.rule, one.span) == (rule, Span(PATH, 1, 1, len(text) + 1))
    assert words in one.message
    assert one.help


def test_code_holds_no_comments() -> None:
    text = "```html\n<!-- chiasm: ignore[broken-link] -->\n```\n\n`<!-- chiasm: ignore[x] -->` hides findings."
    assert comments(page(text)) == ()


def test_one_of_two_rules_is_of_use() -> None:
    text = "a <!-- chiasm: ignore[broken-link, bad-value] why -->"
    told, hidden = left(text, at(1))
    assert (told, hidden) == (["unused-ignore"], [1])


def test_a_comment_cannot_hide_what_is_said_of_comments() -> None:
    text = "<!-- chiasm: ignore-file[unused-ignore] why -->\n\n<!-- chiasm: ignore[broken-link] why -->\na"
    assert left(text)[0] == ["unused-ignore", "unused-ignore"]


def settings(text: str) -> dict[str, Source]:
    made = source("chiasm.toml", text.encode())
    assert isinstance(made, Source)
    return {"chiasm.toml": made}


def test_paths_keep_findings_for_a_reason() -> None:
    files = settings('[check.ignore]\n"knowledge/**" = { broken-link = "moved soon" }\n')
    (one,) = kept([at(1)], files, RULES)
    assert one.ignored == "moved soon (chiasm.toml)"
    (idle,) = kept([], files, RULES)
    assert (idle.rule, idle.span) == ("unused-ignore", Span("chiasm.toml", 2, 20, 31))


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("[check]\nprooved = 0.5", "`[check]` has no key `prooved`", (2, 1)),
        ("[chekc]\n", "chiasm.toml has no key `chekc`", (1, 2)),
        ("[check]\nproved = 62", "`proved` is a share between 0 and 1, not 62", (2, 1)),
        ("[check]\nproved = ", "this is not TOML", (2, 10)),
        ('[check.ignore]\n"a/**" = ["broken-link"]', "what is ignored in `a/**` has no reason", (2, 2)),
        ('[check.ignore]\n"a" = { broken-lnk = "x" }', "there is no rule `broken-lnk`", (2, 9)),
        ('[check.ignore]\n"a" = { broken-link = "" }', "`broken-link` is ignored in `a` without a reason", (2, 9)),
    ],
)
def test_what_is_wrong_with_the_settings(text: str, words: str, place: tuple[int, int]) -> None:
    (one,) = kept([], settings(text), RULES)
    assert words in one.message
    assert (one.rule, one.span.line, one.span.column) == ("bad-configuration", *place)
    assert one.help
