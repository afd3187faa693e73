"""Every rule has a page, every finding has a rule, and a shipped base has no finding."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import chiasm
from chiasm.check import Rule, all_rules, rule

PACKAGE = Path(chiasm.__file__).parent


@pytest.mark.parametrize("item", all_rules(), ids=lambda item: item.id)
def test_a_rule_says_what_why_and_how(item: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+|[a-z]+", item.id)
    assert (PACKAGE / "rules" / f"{item.id.replace('-', '_')}.py").is_file()
    assert item.summary.endswith(".")
    assert len(item.page.split("\n\n")) >= 4, "what, why, a bad and a good example"
    assert "Bad:" in item.page
    assert "Good:" in item.page
    assert rule(item.id) is item


def test_every_finding_has_a_rule() -> None:
    known = {item.id for item in all_rules()}
    unknown = {}
    for path in PACKAGE.rglob("*.py"):
        if {"rules", "components"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Diagnostic"):
                continue
            given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "rule")]
            for value in given:
                if isinstance(value, ast.Constant) and value.value not in known:
                    unknown[value.value] = path.name
    assert not unknown
