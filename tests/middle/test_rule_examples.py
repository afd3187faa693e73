"""The examples on a rule's page are true: the bad one makes the rule speak, the good one does not.

An example is put where it would stand. A table with its header is a page of its own; rows replace the rows of the same
name in a page of the shipped base, prose is put under its title; BibTeX and JSON are files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from chiasm import check
from chiasm.check import Rule, all_rules
from chiasm.claiming.claim import SLOTS
from chiasm.claims import SLOT_OF
from chiasm.report import full
from chiasm.reporting.fix import fixed
from chiasm.spec import registry
from tests.middle.base import BIB, Outcome, run, shipped

HOSTS = {
    "broken-anchor": "knowledge/surveys/fusion.md",
    "broken-link": "knowledge/surveys/fusion.md",
    "class-default": "knowledge/models/blip-2.md",
    "link-mismatch": "knowledge/models/llava.md",
    "comparison-cell": "knowledge/surveys/architectures.md",
    "glossary": "knowledge/surveys/fusion.md",
    "drop-target": "knowledge/drops/2026-11-21-fusion.md",
    "locator": "knowledge/models/blip-2.md",
    "misread-source": "knowledge/models/blip-2.md",
    "quotation-mismatch": "knowledge/models/arr-coc-0-1.md",
    "width-mismatch": "knowledge/models/clip.md",
}
"""Where an example stands; else in the page of BLIP-2."""
MESSAGES = Path(__file__).parents[1] / "cases/messages.txt"
BLIP = "knowledge/models/blip-2.md"
ELSEWHERE = {
    "code-fence": "test_code_fence",
    "contradiction": "cases/inheritance.md",
    "edited-by-hand": "back/test_write",
    "inheritance": "cases/inheritance.md",
    "missing-definition": "test_missing_definition",
    "missing-field": "its good example is a table with every row of the kind",
    "no-title": "its bad example is a page without a title",
    "package-name": "back/test_plan",
    "ratchet": "front/test_ratchet",
    "released-mismatch": "cases/planted.md",
    "too-deep": "front/test_document",
    "unreadable-file": "front/test_source",
    "unused-definition": "its good example is to delete the line",
    "unknown-variant": "test_wordings",
    "unknown-slot": "its bad example is a page with a slot's heading",
}
"""Rules whose examples are words, or need more than a line; where they are tested."""
MENDED_ELSEWHERE = {
    "citation-mismatch": "who is meant is for a reader to say",
    "statement-refuted": "cases/planted.md",
    "unknown-scope": "test_likeness",
}
"""Rules whose bad example cannot be mended safely."""
EXAMPLE = re.compile(
    r"^(?P<what>Bad|Good)\b[^\n]*\n+```(?P<language>\w+)\n(?P<text>.*?)\n```", re.MULTILINE | re.DOTALL
)


def examples(rule: Rule) -> dict[str, tuple[str, str]]:
    return {found["what"]: (found["language"], found["text"]) for found in EXAMPLE.finditer(rule.page)}


def texts(rule: Rule, language: str, text: str) -> dict[str, str]:
    """The base with an example in its place."""
    host = HOSTS.get(rule.id, BLIP)
    if language == "bibtex":
        return {BIB: text}
    if language == "toml":
        return {**small(BLIP), "chiasm.toml": text, "knowledge/drops/example.md": "# Example\n\nSee [x](y.md).\n"}
    if language == "json":
        return {**small(BLIP, "knowledge/models/clip.md"), "knowledge/evidence/example.json": text}
    lines = text.split("\n")
    if text.startswith("#") or (len(lines) > 1 and set(lines[1]) <= set("|-: ")):
        return {**small(BLIP), "knowledge/models/example.md": f"# Example\n\n{heading(text)}{text}\n"}
    base = dict(shipped()) if rule.id in HOSTS else small(host)
    if all(line.startswith("|") for line in lines):
        base[host] = with_rows(base[host], lines)
    else:
        title, _, rest = base[host].partition("\n")
        base[host] = f"{title}\n\n{text}\n{rest}"
    return base


def small(*pages: str) -> dict[str, str]:
    return {path: shipped()[path] for path in (*pages, BIB)}


def heading(text: str) -> str:
    """The slot's heading, where a table links a kind."""
    linked = re.search(r"concepts/([\w-]+)\.md(#[\w-]+)\)", text)
    if text.startswith("#") or not linked:
        return "" if text.startswith("#") else "## Encoder\n\n"
    kind = registry.by_anchor(linked[1] + linked[2], "")
    slot = kind.slot if kind else SLOT_OF[linked[1]]
    return f"## {next(name for name, value in SLOTS.items() if value == slot)}\n\n"


def with_rows(page: str, rows: list[str]) -> str:
    """The page with rows in the place of its rows of the same first cell, the first of each."""
    lines = page.split("\n")
    name = rows[0].split("|")[1].strip()
    same = [i for i, line in enumerate(lines) if line.startswith("|") and line.split("|")[1].strip() == name]
    width = rows[0].count("|")
    fit = [i for i in same if lines[i].count("|") == width] or same
    if len(rows) > 1 and len({row.split("|")[1] for row in rows}) > 1:
        for row in rows:
            page = with_rows(page, [row])
        return page
    if fit:
        return "\n".join([*lines[: fit[0]], *rows, *lines[fit[0] + 1 :]])
    raise LookupError(f"no row {name}")


@cache
def before(paths: frozenset[str]) -> dict[str, int]:
    return counted(run_small(paths))


def counted(outcome: Outcome) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in outcome.found:
        found[item.rule] = found.get(item.rule, 0) + 1
    return found


@cache
def tried(rule: str, what: str) -> tuple[frozenset[str], Outcome]:
    """What is found where a rule's example stands in its place, and the files of that base."""
    found = check.rule(rule)
    assert found
    base = texts(found, *examples(found)[what])
    return frozenset(base), run(base)


TESTED = [rule for rule in all_rules() if rule.id not in ELSEWHERE]


@pytest.mark.parametrize("rule", TESTED, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule(rule: Rule) -> None:
    found = examples(rule)
    assert set(found) == {"Bad", "Good"}, "each example is a fence"
    for what in found:
        paths, outcome = tried(rule.id, what)
        new = counted(outcome).get(rule.id, 0) - before(paths).get(rule.id, 0)
        assert (new > 0) == (what == "Bad"), f"{what}: {new} findings of {rule.id}"


@pytest.mark.parametrize("rule", TESTED, ids=lambda rule: rule.id)
def test_a_rule_is_as_bad_as_it_says(rule: Rule) -> None:
    """Severity and fix of what it finds are those on its page; each can be acted on as it stands."""
    found = [one for one in tried(rule.id, "Bad")[1].found if one.rule == rule.id]
    assert {one.severity for one in found} <= {rule.severity}
    assert rule.mends or not any(one.fix for one in found)
    for one in found:
        assert one.message
        assert (
            one.message[0].islower() or not one.message[0].isalpha() or one.message[:2].isupper() or "`" in one.message
        )
        assert one.help, one.message
        assert not one.message.endswith(".")


@pytest.mark.parametrize("rule", [rule for rule in TESTED if rule.mends], ids=lambda rule: rule.id)
def test_a_fix_mends_what_was_found_and_nothing_else(rule: Rule) -> None:
    """Of the bad example where it can be mended, else of others in `FIXES`."""
    base = texts(rule, *examples(rule)["Bad"])
    found = [one for one in tried(rule.id, "Bad")[1].found if one.rule == rule.id and one.fix]
    if not found:
        assert rule.id in MENDED_ELSEWHERE
        return
    fix = found[0].fix
    assert fix
    path = fix.span.path
    mended = fixed(base[path], [fix])
    before, after = base[path].split("\n"), mended.split("\n")
    last = max(fix.through, fix.span.line)
    assert before[: fix.span.line - 1] == after[: fix.span.line - 1]
    assert before[last:] == after[len(after) - len(before) + last :]
    if not fix.through:
        line, now = before[last - 1], after[last - 1]
        assert line[: fix.span.column - 1] == now[: fix.span.column - 1]
        assert line[fix.span.end - 1 :] == now[fix.span.column - 1 + len(fix.replacement) :]
    old, new = tried(rule.id, "Bad")[1].found, run({**base, path: mended}).found
    assert sum(one.rule == rule.id for one in new) < sum(one.rule == rule.id for one in old)
    # What is mended brings nothing new.
    assert {one.rule for one in new} <= {one.rule for one in old}


def test_messages_are_as_they_were_read() -> None:
    """`REWRITE=1` writes the page anew, for a reader."""
    said = "\n".join(text for rule in TESTED for text in messages(rule))
    if os.environ.get("REWRITE"):
        MESSAGES.write_text(said, encoding="utf-8")
    assert said == MESSAGES.read_text(encoding="utf-8")


def messages(rule: Rule) -> Iterator[str]:
    """What a rule says about its bad example; lines of pages are not numbered, since pages grow."""
    paths, outcome = tried(rule.id, "Bad")
    known = {one.message for one in run_small(paths).found if one.rule == rule.id}
    found = [one for one in outcome.found if one.rule == rule.id and one.message not in known]
    for one in found[:1]:
        text = full(one, outcome.graph.lines)
        text = re.sub(r"^ *\d+ \|", lambda line: f"{' ' * (len(line[0]) - 2)} |", text, flags=re.MULTILINE)
        text = re.sub(r"^ *((?:-->|:::) [^:\n]+):\d+:\d+$", r"  \1", text, flags=re.MULTILINE)
        text = re.sub(r"^ +\|", "   |", text, flags=re.MULTILINE)
        yield f"{text}   = fix: {one.fix.replacement!r}\n" if one.fix else text


@cache
def run_small(paths: frozenset[str]) -> Outcome:
    """The shipped pages of a base, as they are."""
    return run({path: shipped()[path] for path in paths if path in shipped()})


def test_every_other_rule_is_tested_elsewhere() -> None:
    assert set(ELSEWHERE) <= {rule.id for rule in all_rules()}
