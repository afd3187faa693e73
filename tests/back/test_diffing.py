"""What an edit of a page does, as `diff` tells it: real edits of shipped pages, and what a reviewer has to be told."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chiasm import resolve, source
from chiasm.diffing.change import Report, SystemChange
from chiasm.diffing.compare import compare
from chiasm.diffing.markdown import LIMIT, code, escaped, markdown
from chiasm.diffing.record import record
from chiasm.diffing.sides import Files, both, limited
from chiasm.diffing.text import full
from chiasm.diffing.verdicts import Moves
from chiasm.recording import finding_text
from chiasm.source import Source

ROOT = Path(__file__).parents[2]
CONCEPTS = ("encoders", "alignment", "fusion", "token-budget", "language-models", "training")
READ = (
    *(f"knowledge/concepts/{name}.md" for name in CONCEPTS),
    *(f"knowledge/models/{name}.md" for name in ("clip", "llava")),
    "knowledge/evidence/*.json",
    "knowledge/sources.bib",
)
CLIP, LLAVA = "knowledge/models/clip.md", "knowledge/models/llava.md"
IMAGE = "| image_size | 224 px | 224 px | {} px |"
COPY = "# Small LLaVA\n\nExtends: [LLaVA-1.5](llava.md)\n\nA copy of [LLaVA](llava.md) under another name.\n"


@cache
def shipped() -> dict[str, str]:
    read, _ = source.read(ROOT, *READ)
    return {one.path: one.text for one in read}


def files(texts: Mapping[str, str]) -> Files:
    read = (source.source(path, text.encode()) for path, text in texts.items())
    return Files.of(one for one in read if isinstance(one, Source))


def edited(path: str, old: str, new: str, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """The shipped texts with every place of one edited."""
    known = dict(texts or shipped())
    assert old in known[path], old
    return known | {path: known[path].replace(old, new)}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that remembers: only what a test edits is judged again."""
    folder = tmp_path_factory.mktemp("project")
    (folder / ".chiasm").mkdir()
    return folder


def told(root: Path, new: Mapping[str, str], old: Mapping[str, str] | None = None) -> Report:
    return compare(*both(root, files(old or shipped()), files(new)), ("before", "after"))


def system(report: Report, name: str) -> SystemChange:
    return next(one for one in report.systems if one.system == name)


def test_a_width(root: Path) -> None:
    """Weights change their shape; numbers that were proved no longer are; the package follows."""
    report = told(root, edited(LLAVA, "| mlp_dim | 11008 | 13824 | 11008 |", "| mlp_dim | 11008 | 13824 | 11000 |"))
    (one,) = report.systems
    (fact,) = one.facts
    assert (fact.name, fact.variants, fact.follows) == ("language_model.mlp_dim", ("1.5-7b",), False)
    assert fact.old
    assert fact.new
    assert (fact.old.value, fact.new.value, fact.new.rank) == ("11008", "11000", "released")
    assert str(fact.new.place).startswith(f"{LLAVA}:")
    shapes = {change.name: (change.old, change.new, change.count) for change in one.tensors}
    assert shapes == {
        "language_model.layers.N.mlp.gate_up.weight": ((2, 11008, 4096), (2, 11000, 4096), 32),
        "language_model.layers.N.mlp.down.weight": ((4096, 11008), (4096, 11000), 32),
    }
    total = next(change for change in one.figures if (change.quantity, change.scope) == ("parameters", "total"))
    assert total.old is not None
    assert total.new is not None
    assert total.new - total.old == -32 * 3 * 8 * 4096
    (loading,) = one.loading
    assert (loading.outcome, loading.variants) == ("breaks", ("1.5-7b",))
    assert {(flip.old, flip.new) for flip in report.flips} == {("proved", "refuted")}
    assert one.package
    assert [change.path for change in one.package.files] == ["generated/llava/config.py"]
    assert report.after.tally.refuted - report.before.tally.refuted == len(report.flips)


def test_an_image_size(root: Path) -> None:
    """It reaches the system that copies the tower; positions can be resampled; a pipeline sees it."""
    report = told(root, edited(CLIP, IMAGE.format(336), IMAGE.format(392)))
    assert [one.system for one in report.systems] == ["clip", "llava"]
    one = system(report, "llava")
    values = {fact.name: (fact.follows, fact.inherited) for fact in one.facts}
    assert values == {
        "encoder.image_size": (False, "clip"),
        "encoder.tokens": (True, "clip"),
        "budget.image_tokens": (True, ""),
    }
    assert {(seen.what, seen.old, seen.new) for seen in one.pipeline} == {
        ("side of an image, px", "336", "392"),
        ("placeholders an image", "576", "784"),
    }
    hints = [hint for change in one.loading for hint in change.hints]
    assert any(
        "resample the 24 × 24 grid of learned positions to 28 × 28, and keep the class" in hint for hint in hints
    )
    assert any("llava-1.5-7b.json:22 says `vision_config.image_size` 336" in hint for hint in hints)
    assert {against.agrees for against in one.contradictions} == {False}
    lines = [line for line, _ in full(report)]
    assert any(line.startswith("    visual tokens  ") and "576 → 784" in line for line in lines)


def test_the_way_back_is_told_as_an_improvement(root: Path) -> None:
    report = told(root, shipped(), edited(CLIP, IMAGE.format(336), IMAGE.format(392)))
    assert {change.outcome for one in report.systems for change in one.loading} == {"mended"}
    assert {(flip.old, flip.new) for flip in report.flips} >= {("refuted", "proved")}
    assert report.found == ()
    assert {one.rule for one in report.gone} >= {"released-mismatch"}


def test_what_is_not_understood_has_no_consequences(root: Path) -> None:
    """384 px are no whole number of 14 px patches: nothing that follows is made up."""
    report = told(root, edited(CLIP, IMAGE.format(336), IMAGE.format(384)))
    one = system(report, "llava")
    assert one.unclear == (("1.5-7b", ("encoder",)), ("1.5-13b", ("encoder",)))
    assert one.tensors == one.figures == one.loading == one.pipeline == ()
    assert [fact.new.value for fact in one.facts if fact.follows and fact.new] == ["cannot be computed"] * 2
    assert one.package
    assert one.package.state == "held"


def test_more_blocks_and_rows(root: Path) -> None:
    texts = edited(LLAVA, "| layers | 32 | 40 | 32 | 40 |", "| layers | 32 | 40 | 34 | 40 |")
    texts = edited(LLAVA, "| vocab_size | 32064 | 32064 | [@llava", "| vocab_size | 32128 | 32064 | [@llava", texts)
    one = system(told(root, texts), "llava")
    new = [change for change in one.tensors if change.old is None]
    assert {change.numbers for change in new} == {(32, 33)}
    assert sum(change.count for change in new) == 12
    hints = [hint for change in one.loading for hint in change.hints]
    assert "blocks {32,33} of language_model.layers have no weights in the release: initialize them" in hints
    assert any(hint.startswith("`language_model.lm_head.weight`: append 64 rows") for hint in hints)


def test_another_name_of_a_variant(root: Path) -> None:
    (one,) = told(root, edited(LLAVA, "1.0-13b", "first-13b")).systems
    assert [(change.state, change.old, change.new) for change in one.variants] == [("renamed", "1.0-13b", "first-13b")]
    assert one.facts == one.tensors == one.figures == ()
    assert one.package
    assert "generated/llava/config.py" in [change.path for change in one.package.files]


def test_systems_that_come_go_and_are_renamed(root: Path) -> None:
    small = "knowledge/models/small-llava.md"
    texts = shipped() | {small: COPY}
    came = system(told(root, texts), "small-llava")
    assert (came.state, [change.new for change in came.variants][:1]) == ("added", ["1.0-7b"])
    assert came.package
    assert came.package.state == "new"
    gone = told(root, shipped(), texts)
    assert [(one.system, one.state) for one in gone.systems] == [("small-llava", "removed")]
    assert [(page.path, page.state) for page in gone.pages] == [(small, "removed")]
    other = {path.replace("small-llava", "little-llava"): text for path, text in texts.items()}
    (one,) = told(root, other, texts).systems
    assert (one.system, one.state, one.was, one.facts) == ("little-llava", "renamed", "small-llava", ())


def test_prose_alone(root: Path) -> None:
    """Nothing follows, whatever moved: not even a finding that now stands two lines below."""
    old = edited(LLAVA, "Every image costs the same", "Each image, see [that](#nowhere), costs the same")
    new = edited(LLAVA, "## Token budget\n", "## Token budget\n\nA sentence more.\n", old)
    report = told(root, new, old)
    assert report.empty
    assert [(page.path, page.added, page.removed) for page in report.pages] == [(LLAVA, 2, 0)]
    assert [line for line, _ in full(report)][-1] == "nothing follows: only prose differs"


def test_evidence_alone(root: Path) -> None:
    report = told(
        root, edited(LLAVA, "| [@transformers] modeling_rope_utils.py default_theta |", "| assumed: not read |")
    )
    (one,) = report.systems
    (fact,) = one.facts
    assert fact.only_evidence
    assert fact.old
    assert fact.new
    assert (fact.old.rank, fact.new.rank) == ("paper", "assumed")
    assert not one.loading
    assert [(flip.old, flip.new) for flip in report.flips] == [("reported", "not judged")]


def test_another_name_in_releases(root: Path) -> None:
    """Shapes stand, so a rule over names migrates a checkpoint."""
    (one,) = told(
        root, edited(LLAVA, "`vision_tower.vision_model` | `vision_tower`", "`tower` | `vision_tower`")
    ).systems
    assert [(name.table, name.dialect, name.ours, name.new) for name in one.names] == [
        ("layout", "hub", "encoder", "`tower`")
    ]
    (loading,) = one.loading
    assert loading.outcome == "renamed"
    assert loading.hints == ("layout hub: rename `vision_tower.vision_model.…` to `tower.…`",)


def test_a_value_that_no_tensor_depends_on(root: Path) -> None:
    report = told(root, edited(LLAVA, "| image_token | 32000 |", "| image_token | 32001 |"))
    (one,) = report.systems
    assert [change.outcome for change in one.loading] == ["loads"]
    assert [(seen.what, seen.new) for seen in one.pipeline] == [("placeholder's id", "32001")]
    assert {found.rule for found in report.found} == {"released-mismatch"}


def test_only_some_files(root: Path) -> None:
    texts = edited(CLIP, IMAGE.format(336), IMAGE.format(392))
    texts = edited(LLAVA, "| image_token | 32000 |", "| image_token | 32001 |", texts)
    new = limited(files(shipped()), files(texts), lambda path: path == LLAVA)
    report = compare(*both(root, files(shipped()), new), ("before", "after"))
    assert [one.system for one in report.systems] == ["llava"]
    assert [fact.name for fact in report.systems[0].facts] == ["fusion.image_token"]


def test_the_second_reading_says_what_a_first_one_would(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And resolves only what an edit reaches."""
    new = edited(LLAVA, "| image_token | 32000 |", "| image_token | 32001 |")
    both(root, files(shipped()), files(new))
    resolved: list[str] = []
    real = resolve.resolved

    def watched(pages: Any, path: str, system: str, names: Any) -> Any:
        resolved.append(system)
        return real(pages, path, system, names)

    monkeypatch.setattr(resolve, "resolved", watched)
    old, after = both(root, files(shipped()), files(new))
    assert set(resolved) <= {"llava"}
    alone = both(root / "elsewhere", files(shipped()), files(shipped()))[1]
    assert finding_text(old.base.diagnostics) == finding_text(alone.base.diagnostics)
    assert (old.base.tallies, old.anchored) == (alone.base.tallies, alone.anchored)
    assert after.base.tallies != old.base.tallies


def test_lines_are_followed_through_edits() -> None:
    chance = random.Random(4)
    for _ in range(200):
        old = [str(chance.randrange(30)) for _ in range(chance.randrange(40))]
        new = [line for line in old if chance.random() > 0.1]
        for _ in range(chance.randrange(4)):
            new.insert(chance.randrange(len(new) + 1), "new")
        moves = Moves(old, new)
        places = [(line, moves.line(line)) for line in range(1, len(old) + 1)]
        assert all(old[line - 1] == new[to - 1] for line, to in places if to)
        kept = [to for _, to in places if to]
        assert kept == sorted(set(kept))
        assert all((moves.before(line) is None) == (to is not None) for line, to in places)
        added, removed = moves.size
        assert len(new) - len(old) == added - removed


HOSTILE = (
    "@octocat",
    "#12",
    "https://x.org",
    "<img src=x onerror=alert(1)>",
    "a | b",
    "`x` | y",
    "**b**",
    "[a](b)",
    "</details>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_page_is_text_in_a_comment(text: str) -> None:
    shown = escaped(text)
    assert not any(mark in shown.replace("<!-- -->", "") for mark in "<>|*[]`")
    assert not re.search(r"@octocat|(?<!&)#1|://", shown)
    cell = code(text)
    assert cell.startswith("`")
    assert cell.endswith("`")
    assert "|" not in cell.replace("\\|", "")


def test_a_comment_is_never_too_long(root: Path) -> None:
    report = told(root, edited(CLIP, IMAGE.format(336), IMAGE.format(392)))
    whole = markdown(report)
    assert len(whole) <= LIMIT
    assert whole.count("<details") == whole.count("</details>") > 3
    assert "left out" not in whole
    short = markdown(report, 3_000)
    assert len(short) <= 3_000
    assert short.count("<details") == short.count("</details>")
    assert "left out for length; `chiasm diff` prints all of it" in short
    for line in whole.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (4, 5, 6, 7)


def test_json_has_everything(root: Path) -> None:
    report = told(root, edited(CLIP, IMAGE.format(336), IMAGE.format(392)))
    made = json.loads(record(report))
    assert made["schema"] == 1
    assert [one["system"] for one in made["systems"]] == ["clip", "llava"]
    one = made["systems"][1]
    assert one["tensors"][0]["old"] == [577, 1024]
    assert one["facts"][0]["new"]["place"]["line"] == 29
    assert {figure["quantity"] for figure in one["figures"]} >= {
        "parameters",
        "bytes",
        "tokens",
        "flops",
        "macs",
        "cache",
    }
    assert len(made["flips"]) == len(report.flips) > 5
    assert made["after"]["refuted"] > made["before"]["refuted"]
    keys = {"system", "title", "path", "state", "was", "variants", "facts", "figures", "tensors", "names"}
    assert one.keys() == keys | {"contradictions", "loading", "pipeline", "package", "unclear"}
