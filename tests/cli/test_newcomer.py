"""The first minute without a project: a text by standard input, where a finding's source stands, a draft on paper."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chiasm import console
from tests.cli.test_foreign import CONFIG, chiasm

WRONG = "See [it](nowhere.md). The Q-Former of BLIP-2 has 64 learned queries, and reads 224 px.\n"


def typed(text: bytes, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "chiasm", "check", *arguments],
        cwd=cwd,
        input=text,
        capture_output=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )


def test_a_text_is_judged_that_another_program_writes(tmp_path: Path) -> None:
    done = typed(WRONG.encode(), "-", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert b"--> <stdin>:1:" in done.stdout
    assert b"64 is refuted" in done.stdout
    assert typed(b"Nothing is said here.\n", "-", cwd=tmp_path).returncode == 0
    (tmp_path / "a.md").write_text(WRONG, encoding="utf-8")
    both = typed(WRONG.encode(), "-", "a.md", "--format", "concise", cwd=tmp_path)
    assert [line.partition(b":")[0] for line in both.stdout.splitlines()] == [b"<stdin>", b"a.md"]


def test_a_finding_shows_the_work_that_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(WRONG, encoding="utf-8")
    done = chiasm("check", "a.md", cwd=tmp_path)
    assert "::: chiasm:knowledge/models/blip-2.md:" in done.stdout
    assert "::: chiasm:knowledge/sources.bib:" in done.stdout
    assert "https://arxiv.org/abs/2301.12597" in done.stdout
    assert "§3.1 of BLIP-2" in done.stdout
    assert "`--show-unjudged` lists them" in done.stderr


def test_a_draft_is_printed_where_there_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    done = chiasm("new", "Nano", "--from", "config.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Nano\n")
    assert "| patch_size | 14 px | [@nano-config] vision_config.patch_size |" in done.stdout
    assert "@misc{nano-config," in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json"]
    assert "nothing was written" in done.stderr
    assert chiasm("new", "Nano", cwd=tmp_path).returncode == 2


def test_marks_of_places_are_coloured_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    lines = [console._coloured(line) for line in ("  --> a.md:1:2", "  ::: b.md:3:4", "   = help: write 32")]
    assert [line.partition("\x1b[0m")[0].rpartition("m")[2].strip() for line in lines] == ["-->", ":::", "= help:"]
