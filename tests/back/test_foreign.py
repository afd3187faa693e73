"""Files of anybody, held against a base: what is read, judged and left alone, and that nothing breaks it."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from chiasm import foreign, pipeline
from chiasm.foreign import Judge, Report, gathered, judged
from chiasm.graph import Graph
from chiasm.source import LIMIT, Source, anything

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def base() -> Graph:
    return pipeline.known(ROOT)


def reports(base: Graph, *paths: Path, workers: int = 1) -> dict[str, Report]:
    return {Path(one.path).name: one for one in judged(list(gathered(paths)), base, workers)}


def rules(report: Report) -> list[str]:
    return [one.rule for one in report.found]


NOT_OURS = """---
title: anything
---
# Notes @someone [@user] [@li2023blip2]

import Thing from './thing'

| a | b |
|---|
| 1 |

<b>html</b> <div align="center"> [^1]

> a quotation of nobody, long enough to be one, without a source, as they stand in every README of the world

```python
model = Model(config)
```

## Encoder

| field | all variants | source |
|---|---|---|
| image_size | 99 px | |

[32 things](#notes "num_queries") and [a link](https://example.org "107 words") [x](/absolute/path.md)

:::note
12 sheep
:::

[^1]: a footnote
"""


def test_our_grammar_is_asked_of_nobody(base: Graph, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "blip-2.md").write_text(NOT_OURS, encoding="utf-8")
    report = reports(base, tmp_path)["blip-2.md"]
    assert (report.found, report.bug, report.unread) == ((), "", "")
    assert sum(report.tally) > 0
    assert sum(report.reasons.values()) == report.tally.not_judged


def test_a_number_beside_a_known_name_is_judged_wherever_the_page_stands(base: Graph, tmp_path: Path) -> None:
    page = tmp_path / "models" / "notes.md"
    page.parent.mkdir()
    page.write_text("# Notes\n\nThe Q-Former of BLIP-2 has 64 learned queries.\n", encoding="utf-8")
    (found,) = reports(base, page)["notes.md"].found
    assert found.rule == "plain-number-refuted"
    assert found.span.path == str(page)
    assert found.labels[0].span.path == "knowledge/models/blip-2.md"
    page.write_text("# Notes\n\nThe Q-Former of BLIP-2 has 32 learned queries.\n", encoding="utf-8")
    assert reports(base, page)["notes.md"].found == ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbf# BOM\r\n\r\na\rb", "# BOM\n\na\nb"),
        ("# UTF-16 é".encode("utf-16"), "# UTF-16 é"),
        (b"caf\xe9 \x96 na\xefve", "café – naïve"),
    ],
    ids=["utf-8 with a mark", "utf-16", "windows-1252"],
)
def test_text_is_read_in_the_encoding_that_it_certainly_has(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / "x.md").write_bytes(data)
    read = anything(str(tmp_path / "x.md"), "x.md")
    assert isinstance(read, Source)
    assert read.text == text


def test_what_is_no_text_is_said_and_not_judged(base: Graph, tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"\x89PNG\x00\x01")
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(LIMIT + 1)
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.md").symlink_to("self.md")
    (tmp_path / "gone.md").symlink_to("nothing.md")
    found = reports(base, tmp_path)
    assert {name: one.unread for name, one in found.items()} == {
        "binary.md": "file is binary",
        "huge.md": "file is larger than 20 MB",
    }
    assert [rules(one) for one in found.values()] == [[], []]
    assert rules(reports(base, tmp_path / "binary.md")["binary.md"]) == ["unreadable-file"]
    assert reports(base, tmp_path / "pipe.md")["pipe.md"].unread == "not a file"


def test_folders_are_walked_in_order_and_those_of_others_are_left_out(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.MD", "a/c.markdown", "node_modules/x.md", ".git/y.md", "a/b.txt", "c/d/e/f.mdx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# x\n", encoding="utf-8")
    names = [Path(file.shown).relative_to(tmp_path).as_posix() for file in gathered([tmp_path, tmp_path / "b.md"])]
    assert names == ["b.md", "a/c.markdown", "a/z.MD", "c/d/e/f.mdx"]


def test_a_thousand_folders_in_one_another_are_walked(tmp_path: Path) -> None:
    here = os.getcwd()  # noqa: PTH109, the path becomes longer than a system call takes
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")  # noqa: PTH102
            os.chdir("d")
        Path("x.md").write_text("# x\n", encoding="utf-8")
    finally:
        os.chdir(here)
    assert len(list(gathered([tmp_path]))) == 1
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.chdir("d")
        Path("x.md").unlink()
        # Whoever cleans up recurses.
        for _ in range(1200):
            os.chdir("..")
            os.rmdir("d")  # noqa: PTH106
    finally:
        os.chdir(here)


def links(base: Graph, page: Path, text: str) -> list[tuple[str, str, str]]:
    page.write_text(text, encoding="utf-8")
    found = reports(base, page)[page.name].found
    return [(one.rule, one.severity, one.help) for one in found]


def test_in_a_repository_a_file_that_is_not_there_is_missing(base: Graph, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "installing.md").write_text("# Installing\n\n## Step one\n", encoding="utf-8")
    page = tmp_path / "README.md"
    assert links(base, page, "[a](docs/instaling.md)") == [
        ("broken-link", "warning", "did you mean `docs/installing.md`?")
    ]
    assert links(base, page, "[a](docs/installing.md#step-two)") == [
        ("broken-anchor", "warning", "did you mean `#step-one`?")
    ]
    fine = (
        "[a](docs/installing.md#step-one) [b](docs/) [c](./docs/installing.md?plain=1) [d](../../issues) [e](LICENSE)"
    )
    assert links(base, page, fine + " [f]({{ x }}.md) [g](https://x.org/y.md) [h](/z.md) [i](mailto:a@b.md)") == []


def test_in_a_copy_a_file_may_have_been_left_out(base: Graph, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    (tmp_path / "CONTRIBUTING.md").write_text("# C\n", encoding="utf-8")
    page.write_text("[a](SECURITY.md) [b](contributing.md)", encoding="utf-8")
    report = reports(base, page)["README.md"]
    assert [one.help for one in report.found] == ["did you mean `CONTRIBUTING.md`?"]
    assert report.astray == 1


@pytest.mark.parametrize(
    "text",
    [
        '# One\n\n<a name="two"></a>\n\n[x](#two)',
        "# One {#two}\n\n[x](#two)",
        "# Getting_Started: a *Guide*\n\n[x](#getting-started-a-guide)",
        "# 🚀 Rocket\n\n[x](#rocket)",
        "# One\n\n[x](#L12) [y](#user-content-zwei) [z](#top)",
        "# One\n\n[[autodoc]] Model\n\n[x](#transformers.Model)",
        "# One\n\n```\n[x](#nowhere)\n```\n",
    ],
)
def test_an_anchor_that_somebody_may_make_is_left_alone(base: Graph, tmp_path: Path, text: str) -> None:
    assert links(base, tmp_path / "README.md", text) == []


def test_an_anchor_that_nobody_makes_is_missing(base: Graph, tmp_path: Path) -> None:
    found = links(base, tmp_path / "README.md", "# Usage\n\n# Install\n\n[x](#instal-it) [y](#zebra)")
    assert [rule for rule, _, _ in found] == ["broken-anchor", "broken-anchor"]


def test_the_outcome_does_not_depend_on_the_number_of_processes(base: Graph, tmp_path: Path) -> None:
    for number in range(20):
        queries = 32 + number % 2
        (tmp_path / f"{number:02}.md").write_text(f"BLIP-2 has {queries} queries.\n" * 3, encoding="utf-8")
    files = list(gathered([tmp_path]))
    one, two = (list(judged(files, base, count, each=True)) for count in (1, 3))
    assert one == two
    assert sum(bool(report.found) for report in one) == 10


def test_a_bug_in_one_file_does_not_lose_the_others(
    base: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# x\n", encoding="utf-8")
    whole = foreign.parse

    def failing(source: Source) -> object:
        if source.path.endswith("a.md"):
            raise RecursionError("too deep")
        return whole(source)

    monkeypatch.setattr(foreign, "parse", failing)
    found = reports(base, tmp_path)
    assert found["a.md"].bug == "RecursionError: too deep"
    assert found["b.md"].bug == ""


PIECES = [
    *(
        "# ",
        "## BLIP-2\n",
        "LLaVA-1.5 ",
        "Qwen3-VL ",
        "576 tokens",
        "188M",
        " of ",
        "3.1B",
        "8× ",
        "257 → 32 ",
        "336×336 ",
    ),
    *(
        "| ",
        "|---|\n",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "    ",
        "```\n",
        "~~~",
        "<b>",
        "<!--",
        "-->",
        "$$",
        "$",
        "[",
        "](",
        ")",
    ),
    *(
        "[^1]",
        "![",
        "`",
        "``",
        "**",
        "_",
        "\\",
        "&amp;",
        "{#x}",
        ":::",
        "é",
        "🚀",
        "\u202e",
        "\u2028",
        "\t",
        "1. ",
        "%",
    ),
    *("6%", "k", "https://x.y/z", "[@li2023blip2]", "-2", "1e400", "9" * 30, "½", "①", "0x10", "1/0", "patches "),
    *("layers ", "no ", "not ", "each ", "per image"),
]


@pytest.mark.parametrize("seed", range(24))
def test_no_text_breaks_it(base: Graph, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    page = tmp_path / "x.md"
    if seed % 3 == 0:
        data = chance.randbytes(4000)
    elif seed % 3 == 1:
        data = "".join(chance.choices(PIECES, k=1500)).encode()
    else:
        whole = (ROOT / "knowledge" / "models" / "blip-2.md").read_bytes()
        at = sorted(chance.sample(range(len(whole)), 6))
        data = whole[: at[0]] + whole[at[2] : at[3]] + whole[at[1] : at[4]] * 2
    page.write_bytes(data)
    report = Judge(base).report(next(gathered([page])))
    assert report.bug == ""
    lines = data.decode("cp1252", "replace").count("\n") + data.count(b"\r") + 1
    assert all(one.span.path == str(page) and 1 <= one.span.line <= lines for one in report.found)
