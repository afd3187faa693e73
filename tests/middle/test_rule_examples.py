"""The examples on a rule's page are true: the bad one makes the rule speak, the good one does not.

An example is put where it would stand. A table with its header is a page of its own; rows replace the rows of the same
name in a page of the shipped base, prose is put under its title; BibTeX and JSON are files.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from chiasm.check import Rule, all_rules
from chiasm.claiming.claim import SLOTS
from chiasm.claims import SLOT_OF
from chiasm.spec import registry
from tests.middle.base import BIB, run, shipped

HOSTS = {
    "broken-anchor": "knowledge/surveys/fusion.md",
    "broken-link": "knowledge/surveys/fusion.md",
    "comparison-cell": "knowledge/surveys/architectures.md",
    "drop-target": "knowledge/drops/2026-11-21-fusion.md",
    "locator": "knowledge/models/blip-2.md",
    "width-mismatch": "knowledge/models/clip.md",
}
"""Where an example stands; else in the page of BLIP-2."""
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
    "released-mismatch": "cases/planted.md",
    "too-deep": "front/test_document",
    "unreadable-file": "front/test_source",
    "unused-definition": "its good example is to delete the line",
    "unknown-slot": "its bad example is a page with a slot's heading",
}
"""Rules whose examples are words, or need more than a line; where they are tested."""
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
    return spoken({path: shipped()[path] for path in paths if path in shipped()})


def spoken(base: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for item in run(base).found:
        found[item.rule] = found.get(item.rule, 0) + 1
    return found


TESTED = [rule for rule in all_rules() if rule.id not in ELSEWHERE]


@pytest.mark.parametrize("rule", TESTED, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule(rule: Rule) -> None:
    found = examples(rule)
    assert set(found) == {"Bad", "Good"}, "each example is a fence"
    for what, example in found.items():
        base = texts(rule, *example)
        new = spoken(base).get(rule.id, 0) - before(frozenset(base)).get(rule.id, 0)
        assert (new > 0) == (what == "Bad"), f"{what}: {new} findings of {rule.id}"


def test_every_other_rule_is_tested_elsewhere() -> None:
    assert set(ELSEWHERE) <= {rule.id for rule in all_rules()}
