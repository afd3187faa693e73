"""Patterns are compiled when they are first used, once for all processes, and are what `re.compile` makes."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chiasm import beside, regex
from chiasm.regex import regex as lazily

PACKAGE = Path(regex.__file__).parent
TEXTS = ("", "LLaVA-1.5 has 576 tokens", "Only the projector is TRAINED, stage 2", "a1 b22\nc333", "ſİıK", "x" * 90)
PATTERNS = (r"(?P<a>\w)(?P<b>\d)?", r"(?i)\btrain(?:s|ed)?\b", r"(?i)[k-s]", r"^c(\d+)$", r"x*y", r"(?<=\s)(\d)\1")


def said(pattern: re.Pattern[str]) -> list[object]:
    found: list[object] = [pattern.pattern, pattern.flags, pattern.groups, dict(pattern.groupindex)]
    for text in TEXTS:
        several = (pattern.search(text), pattern.match(text), pattern.fullmatch(text), *pattern.finditer(text, 1))
        found += [one and (one.span(), one.groups(), one.groupdict(), one.lastindex) for one in several]
        found += [pattern.split(text), pattern.sub("<\\g<0>>", text), pattern.findall(text)]
    return found


@pytest.mark.parametrize("source", PATTERNS)
@pytest.mark.parametrize("flags", [0, re.IGNORECASE, re.MULTILINE | re.DOTALL])
def test_a_pattern_is_what_the_standard_one_is(source: str, flags: int) -> None:
    expected = said(re.compile(source, flags))
    assert said(lazily(source, flags)) == expected
    # What was known by then is as good.
    assert said(lazily(source, flags)) == expected


@pytest.mark.parametrize("damage", [(), (0, b"", 0, {}, ()), (32, b"\xff\xff\xff\xff", 3, {}, (None,)), "text", None])
def test_what_is_kept_and_damaged_is_as_if_it_were_not_there(damage: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "_known", lambda: {(PATTERNS[0], 0): damage})
    assert said(lazily(PATTERNS[0])) == said(re.compile(PATTERNS[0]))


def test_without_the_interpreters_own_parts_it_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "_sre", None)
    assert said(lazily(PATTERNS[1])) == said(re.compile(PATTERNS[1]))


def test_a_wrong_pattern_is_an_error_where_it_is_used() -> None:
    wrong = lazily("(")
    with pytest.raises(re.error):
        wrong.search("a")


def test_a_second_process_compiles_nothing_again(tmp_path: Path) -> None:
    code = (
        "import sys; from chiasm import regex\n"
        "made = []; real = regex._code\n"
        "regex._code = lambda *given: made.append(given) or real(*given)\n"
        "regex.regex('a(b)').search('ab'); print(len(made))"
    )
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for times in ("1", "0"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=known | {"PYTHONPYCACHEPREFIX": str(tmp_path)},
        )
        assert done.stdout.strip() == times


@pytest.mark.parametrize("text", [b"", b"chiasm", beside.MARK, beside.MARK + b"\xff\0", beside.MARK + b"N"])
def test_a_damaged_file_holds_nothing(text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_place", lambda name: tmp_path / name)
    (tmp_path / "one").write_bytes(text)
    assert beside.kept("one") is None
    assert beside.kept("none") is None


def test_nothing_is_compiled_where_a_module_of_judging_is_imported() -> None:
    """A pattern at the top of a module is `regex(…)`, which waits."""
    wrong = []
    for path in sorted((PACKAGE / "judging").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inner = {id(one) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for one in ast.walk(node)}
        wrong += [
            f"{path.name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile" and id(node) not in inner
        ]
    assert wrong == []
