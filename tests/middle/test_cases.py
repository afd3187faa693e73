"""Every Markdown case in tests/cases holds: pages or edits of the shipped base, and what is found in them.

A fence `page PATH` is a page of a small base; `edit PATH` replaces the text before `⟶` by the text after it, once, in
the shipped base. A fence `expect` has a line a finding: the rule, the page, the marked text in «», and words that its
message contains. Of pages the findings are exactly those; of an edit they are at least those, and new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from chiasm.diagnostic import Diagnostic
from tests.middle.base import BIB, Outcome, run, run_shipped, shipped

CASES = Path(__file__).resolve().parents[1] / "cases"
FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>page|edit|expect)(?: (?P<path>\S+))?\n(?P<text>.*?)^(?P=ticks)$",
    re.MULTILINE | re.DOTALL,
)
EXPECTED = re.compile(r"(?P<rule>[\w-]+) (?P<path>\S+) «(?P<text>[^»]*)»(?: (?P<words>.*))?")
ENTRY = "@article{{{key}, title = {{A paper}}, url = {{https://example.org/{key}}}, urldate = {{2026-11-21}}}}\n"


@dataclass(frozen=True)
class Case:
    path: Path
    title: str
    fences: tuple[tuple[str, str, str], ...]


def cases() -> list[Case]:
    """Cases are the level-2 headings of the files, but for those of the pages in their fences."""
    found = []
    for path in sorted(CASES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        fences = list(FENCE.finditer(text))
        heads = [
            match
            for match in re.finditer(r"^## (.*)$", text, re.MULTILINE)
            if not any(fence.start() < match.start() < fence.end() for fence in fences)
        ]
        for head, after in zip(heads, [*heads[1:], None], strict=True):
            end = after.start() if after else len(text)
            own = [fence for fence in fences if head.start() < fence.start() < end]
            found.append(
                Case(path, head[1], tuple((fence["info"], fence["path"] or "", fence["text"]) for fence in own))
            )
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.path.stem}: {case.title}")
def test_case(case: Case) -> None:
    edits = [(path, text) for info, path, text in case.fences if info == "edit"]
    pages = {path: text for info, path, text in case.fences if info == "page"}
    wanted = [line for info, _, text in case.fences if info == "expect" for line in text.splitlines() if line]
    if edits:
        outcome = run(edited(edits))
        before = {signature(item) for item in run_shipped().found}
        found = [item for item in outcome.found if signature(item) not in before]
    else:
        keys = sorted(set(re.findall(r"\[@([\w-]+)\]", "".join(pages.values()))) - {"missing"})
        outcome = run({BIB: "".join(ENTRY.format(key=key) for key in keys), **pages})
        found = [item for item in outcome.found if item.severity == "error"]
    missing = [line for line in wanted if not any(meets(outcome, item, line) for item in found)]
    shown = "\n".join(f"{item.rule} {item.span.path} `{outcome.text(item)}` {item.message}" for item in found)
    assert not missing, f"not found:\n{missing}\nfound:\n{shown}"
    if not edits:
        assert len(found) == len(wanted), shown


def edited(edits: list[tuple[str, str]]) -> dict[str, str]:
    texts = dict(shipped())
    for path, text in edits:
        old, _, new = text.strip("\n").partition("⟶")
        assert texts[path].count(old) == 1, f"{old!r} stands {texts[path].count(old)} times in {path}"
        texts[path] = texts[path].replace(old, new)
    return texts


def signature(item: Diagnostic) -> tuple[str, str, int, str]:
    return item.rule, item.span.path, item.span.line, item.message


def meets(outcome: Outcome, item: Diagnostic, line: str) -> bool:
    wanted = EXPECTED.fullmatch(line)
    assert wanted, f"cannot read: {line}"
    return (
        item.rule == wanted["rule"]
        and item.span.path == wanted["path"]
        and outcome.text(item) == wanted["text"]
        and (wanted["words"] or "") in f"{item.message} {item.mark} {item.help}"
    )
