"""A run that remembers the last one says what a run that remembers nothing says, whatever was edited in between."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from chiasm import source, study
from chiasm.anchors import share
from chiasm.cache import Cache
from chiasm.check import check
from chiasm.graph import link
from chiasm.knowledge import Knowledge, judged, remember, understood
from chiasm.recording import finding_text
from chiasm.resolve import resolve
from chiasm.verdicts import judge

ROOT = Path(__file__).parents[2]
PAGES = (
    "concepts/encoders",
    "concepts/alignment",
    "concepts/token-budget",
    "models/clip",
    "models/siglip",
    "models/fuyu",
)
KEPT = (*(f"knowledge/{page}.md" for page in PAGES), "knowledge/sources.bib", "knowledge/evidence/**/*.json")
NOTES = """# Notes

[CLIP](../models/clip.md#encoder) has [24 layers](../models/clip.md#encoder "layers, vit-l-14")
[@radford2021clip] Table 20.
See [what follows](#second) and [more notes](more.md#first), [a lost page](lost.md) [@nobody2020].

## Second

| model | [width](../concepts/encoders.md "encoder.dim") |
|---|--:|
| [CLIP](../models/clip.md#vit-l-14) | 1024 |
| [SigLIP](../models/siglip.md) | 1152 |

### [SigLIP](../models/siglip.md)

It reads 729 tokens in 27 layers, and CLIP reads 257 tokens. ViTar-B reads 12 tokens.

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| layers | 27 | [@zhai2023siglip] |

[@radford2021clip]: https://arxiv.org/abs/2103.00020 "accessed 2026-11-21"
"""
MORE = """# More

## First

Words about [the notes](notes.md#second): [1024](../models/clip.md#encoder "dim, vit-l-14") wide, 512 px.

## Encoder

It has 12 heads. ```code``` and [siglip](../models/siglip.md#encoder "heads") of
[16 heads](../models/siglip.md#encoder "heads").
"""


def base() -> dict[str, str]:
    read, _ = source.read(ROOT, *KEPT)
    texts = {one.path: one.text for one in read}
    return texts | {"knowledge/surveys/notes.md": NOTES, "knowledge/surveys/more.md": MORE}


def run(texts: Mapping[str, str], kept: Cache | None, count: int = 1) -> Knowledge:
    read = [source.source(path, text.encode()) for path, text in sorted(texts.items())]
    files = {one.path: one for one in read if isinstance(one, source.Source)}
    others = {path: one for path, one in files.items() if not path.endswith(".md")}
    said = understood([one for path, one in files.items() if path.endswith(".md")], others, kept, count=count)
    made = judged(said, others)
    if kept:
        remember(said, kept)
    return made


def told(made: Knowledge) -> tuple[list[object], dict[str, object], tuple[int, int]]:
    return json.loads(finding_text(made.diagnostics)), dict(made.tallies), made.anchored


def edited(texts: dict[str, str], chance: random.Random) -> str:
    """Changes something at random; says what."""
    pages = sorted(path for path in texts if path.endswith(".md"))
    path = chance.choice(pages)
    lines = texts[path].split("\n")
    number = chance.randrange(len(lines))
    kind = chance.choice(
        ["digit", "digit", "digit", "line", "heading", "rename", "source", "remove", "add", "title", "swap", "key"]
    )
    if kind == "digit":
        places = [i for i, c in enumerate(texts[path]) if c.isdigit()]
        at = chance.choice(places or [0])
        texts[path] = texts[path][:at] + str(chance.randrange(10)) + texts[path][at + 1 :]
    elif kind == "line":
        lines.insert(number, chance.choice(["", "A sentence of 27 layers.", "## New", "| a | b |"]))
        texts[path] = "\n".join(lines)
    elif kind in ("heading", "rename", "title"):
        marked = [i for i, line in enumerate(lines) if line.startswith("# " if kind == "title" else "##")]
        for at in marked[:1] if kind == "title" else [chance.choice(marked)] if marked else []:
            lines[at : at + 1] = [] if kind == "heading" else [f"{lines[at]} {chance.randrange(9)}"]
        texts[path] = "\n".join(lines)
    elif kind == "source":
        bib = texts["knowledge/sources.bib"]
        texts["knowledge/sources.bib"] = chance.choice(
            [
                f"@misc{{new{number}, title = {{N}}, url = {{https://a.b/{number}}}}}\n{bib}",
                bib.replace("2026-11-21", "2026-11-20", 3),
            ]
        )
    elif kind == "key":
        texts["knowledge/sources.bib"] = texts["knowledge/sources.bib"].replace("{radford2021clip,", "{radford2021,")
    elif kind == "remove" and len(pages) > 5:
        del texts[path]
    elif kind == "swap":
        lines[number], lines[-1 - number] = lines[-1 - number], lines[number]
        texts[path] = "\n".join(lines)
    elif kind == "add":
        made = chance.choice(["models/vitar-b", "surveys/lost", "models/siglip-b"])
        texts[f"knowledge/{made}.md"] = f"# ViTar-B\n\n## First\n\nExtends: [S](siglip.md)\n\n{NOTES[8:]}"
    return f"{kind} {path}:{number}"


@pytest.mark.parametrize("seed", range(4))
def test_remembering_changes_nothing(seed: int, tmp_path: Path) -> None:
    chance, kept, texts = random.Random(seed), Cache(tmp_path), base()
    done = []
    assert told(run(texts, kept)) == told(run(texts, None))
    for _ in range(3):
        done += [edited(texts, chance) for _ in range(chance.randint(1, 2))]
        assert told(run(texts, kept)) == told(run(texts, None)), done


@pytest.mark.parametrize("seed", [1, 2])
def test_the_number_of_workers_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(study, "MANY", 1)
    chance, texts = random.Random(seed), base()
    for _ in range(seed):
        edited(texts, chance)
    alone, several, kept = (Cache(tmp_path / name) for name in ("alone", "several", "kept"))
    first = told(run(texts, alone, 1))
    assert told(run(texts, several, 3)) == first
    monkeypatch.setattr(study, "MANY", 10_000)
    assert told(run(texts, kept, 1)) == first
    # What the workers left is as good for the next run.
    edited(texts, chance)
    assert told(run(texts, several, 3)) == told(run(texts, None))


def test_what_is_remembered_says_what_looking_at_everything_at_once_says() -> None:
    texts = base()
    made = run(texts, None)
    pages = [made.graph.claims[path] for path in made.graph.faces]
    specs, wrong = resolve(pages)
    graph, unread = link(pages, specs, made.graph.bibliography, others=[*made.graph.others.values()])
    found = {*wrong, *unread, *check(graph)}
    assert found <= {*made.diagnostics}
    assert sum(map(sum, made.tallies.values())) == len(judge(graph))
    assert made.anchored == share(graph)


def test_damaged_records_are_as_if_they_were_not_there(tmp_path: Path) -> None:
    kept, texts = Cache(tmp_path), base()
    expected = told(run(texts, kept))
    records = {record: record.read_bytes() for record in tmp_path.iterdir()}
    assert records
    damages = (
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"[", b"{", 9),
        lambda _: b"",
        lambda data: data + b"\n\n",
    )
    for damage in damages:
        for record, data in records.items():
            record.write_bytes(damage(data))
        assert told(run(texts, kept)) == expected
