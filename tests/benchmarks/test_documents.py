"""The harness that plants errors: what it plants is wrong, what it says is so, and a seed plants the same again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from benchmarks.documents import page, report, run, traps, values
from benchmarks.documents.base import Base
from benchmarks.documents.edit import HELD, MUTATORS, Change, Edit
from benchmarks.documents.outcome import Outcome, false_alarms, judged
from benchmarks.documents.places import places
from benchmarks.documents.planting import candidates, chosen

from chiasm.span import Span

ROOT = Path(__file__).parents[2]
BLIP2 = "knowledge/models/blip-2.md"


@pytest.fixture(scope="module")
def base() -> Base:
    return Base(ROOT)


def edit(base: Base, old: str, new: str, path: str = BLIP2) -> Edit:
    """The error that writes `new` where `old` first stands."""
    number, line = next((number, line) for number, line in enumerate(base.pages[path].lines, 1) if old in line)
    at = line.index(old) + 1
    return Edit("by hand", "linked", (Change(Span(path, number, at, at + len(old)), old, new),), old)


@pytest.mark.parametrize("kind", MUTATORS)
def test_a_kind_has_errors_and_each_changes_its_file(base: Base, kind: str) -> None:
    found = candidates(base, kind, 1)
    assert found
    for one in found:
        text = (base.pages.get(one.path) or base.others[one.path]).text
        assert one.kind == kind
        assert one.truth
        assert one.applied(text) != text
        assert one.applied(text).count("\n") == text.count("\n")


def test_there_are_enough_kinds_and_errors(base: Base) -> None:
    assert len(MUTATORS) >= 25
    planted = chosen(base, 700, 1)
    assert len({one.changes for one in planted}) == len(planted) == 700
    classes = Counter(one.where for one in planted)
    assert all(classes[where] >= 20 for where in (*HELD, "prose", "loose", "formula"))


def test_kinds_and_classes_can_be_chosen(base: Base) -> None:
    found = chosen(base, 30, 1, ("digit", "unit"), ("linked", "prose"))
    assert {(one.kind, one.where) for one in found} == {
        (kind, where) for kind in ("digit", "unit") for where in ("linked", "prose")
    }


def test_a_wrong_number_is_none_of_the_truths(base: Base) -> None:
    stood = {place.span: place for place in places(base)}
    numbers = [one for kind in ("digit", "ratio", "unit", "stale-cell") for one in candidates(base, kind, 1)]
    held = [(one.changes[0], stood[one.changes[0].span]) for one in numbers if one.changes[0].span in stood]
    assert len(held) > 100
    for change, place in held:
        assert values.wrong(change.old, change.new, place.truths) or values.read(change.new) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("257", "257.0"),
        ("8×", "8.03×"),
        ("188M", "188.2M"),
        ("about 186.7M", "about 190M"),
        ("32,768", "32k"),
        ("thirty-two", "32"),
        ("64–400", "64–400"),
        ("1e-5", "0.00001"),
    ],
)
def test_another_notation_of_the_same_number_is_no_error(old: str, new: str) -> None:
    assert not values.wrong(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("257", "256"),
        ("107M", "108M"),
        ("64–400", "64–300"),
        ("2.9%", "97.1%"),
        ("≈186.7M", "≈286.7M"),
        ("107M", "107B"),
    ],
)
def test_another_number_is_an_error(old: str, new: str) -> None:
    assert values.wrong(old, new)
    assert not values.wrong(old, new, [number.value] if (number := values.read(new)) else [Fraction(0)])


def test_spellings_keep_their_notation() -> None:
    assert next(values.neighbour("1,000", Random(3))) in ("1,001", "999")
    assert next(values.tenfold("1e-5", Random(1))) in ("1e-4", "1e-6")
    assert values.respelled(64, "Thirty-two") == "Sixty-four"
    assert values.respelled(256_000, "262,144 px") == "256,000 px"
    assert values.respelled(Fraction(1, 2), "32") is None


def test_what_was_found_before_is_no_alarm(base: Base) -> None:
    assert false_alarms(base) == ()


def test_an_error_is_refuted_where_it_stands(base: Base) -> None:
    said = judged(base, edit(base, "[32 tokens]", "[64 tokens]"))
    assert (said.result, said.near, said.rule) == ("refuted", "here", "statement-refuted")


def test_an_error_that_shows_on_another_line_is_refuted_elsewhere(base: Base) -> None:
    said = judged(base, edit(base, "| joint_dim | 256 |", "| joint_dim | 268 |"))
    assert said.result == "refuted"
    assert said.near in ("points here", "elsewhere")


def test_nothing_changed_is_nothing_found(base: Base) -> None:
    assert judged(base, edit(base, "[32 tokens]", "[32 tokens]")).result == "missed"
    assert judged(base, edit(base, "Both sides are scaled", "Both edges are scaled")).said == "nothing is said"


def test_a_number_that_passes_for_its_source_is_reported(base: Base) -> None:
    said = judged(base, edit(base, "94 times", "93 times"))
    assert said.result == "reported"


def test_a_file_that_is_not_the_one_the_error_was_made_for_is_refused(base: Base) -> None:
    with pytest.raises(ValueError, match="holds"):
        edit(base, "[32 tokens]", "[64 tokens]").applied("\n".join(["another page"] * 400))


def test_a_seed_plants_the_same_and_another_plants_others(base: Base) -> None:
    kinds = ("off-by-one", "scope-variant", "formula-operand", "unit")
    first = chosen(base, 60, 1, kinds)
    assert first == chosen(base, 60, 1, kinds)
    assert len(set(first) & set(chosen(base, 60, 2, kinds))) < 30


def test_a_seed_plants_the_same_whatever_the_hash_seed(base: Base) -> None:
    kinds = ("another-page", "formula-operand", "configuration-key", "bib-author")
    program = f"from benchmarks.documents.__main__ import *; print(repr(chosen(Base(ROOT), 200, 7, {kinds})))"
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": seed},
    ).stdout.decode()
    assert told.strip() == repr(chosen(base, 200, 7, kinds))


def test_processes_say_what_one_says(base: Base) -> None:
    edits = chosen(base, 4, 3, ("off-by-one", "link-page"))
    assert run.outcomes(base, edits, 2) == run.outcomes(base, edits, 1)


def outcome(where: str, result: str) -> Outcome:
    at = Change(Span("knowledge/models/nano.md", 1, 1, 2), "1", "2")
    return Outcome(Edit("digit", where, (at,), "it is 1"), result)  # type: ignore[arg-type]


def test_a_goal_that_is_missed_fails() -> None:
    caught, missed = outcome("linked", "refuted"), outcome("linked", "missed")
    assert not report.failed(report.Planted(1, (caught,), ()), ())
    assert report.failed(report.Planted(1, (*[caught] * 99, missed), ()), ())
    assert report.failed(report.Planted(1, (*[caught] * 99, outcome("derived", "reported")), ()), ())
    assert not report.failed(report.Planted(1, (*[caught] * 99, outcome("derived", "not judged")), ()), ())
    assert report.failed(report.Planted(1, (*[caught] * 9, outcome("derived", "not judged")), ()), ())
    prose = [outcome("prose", "refuted")] * 5 + [outcome("prose", "not judged")] * 5
    assert report.shortfalls(report.Planted(1, tuple(prose), ()), ()) == ["50.0% of plain prose refuted, goal 60%"]


def test_the_report_counts_each_error_once() -> None:
    planted = report.Planted(1, (outcome("linked", "refuted"), outcome("prose", "missed")), ())
    assert report.rows(planted.outcomes, ["where"]) == [
        ("linked number", [1, 0, 0, 0]),
        ("plain prose, of a fact", [0, 0, 0, 1]),
    ]
    assert "digit · plain prose, of a fact" in report.text(planted, ())
    shown = page.page(report.summary(planted, ()))
    assert "<td>digit</td>" in shown
    assert ">50%<" in shown
    assert len(report.data(planted, ())["errors"]) == 2


def test_the_page_is_what_the_figures_say() -> None:
    for path, text in page.written().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: python -m benchmarks.documents --page"


def test_the_page_shows_text_as_text() -> None:
    at = Change(Span("knowledge/models/nano.md", 1, 1, 2), "<b>", "&")
    odd = Outcome(Edit("digit", "linked", (at,), "it is 1"), "missed", said="nothing <script>")
    shown = page.page(report.summary(report.Planted(1, (odd,), ()), ()))
    assert "<script>" not in shown
    assert "&lt;b&gt; → &amp;" in shown


def test_traps_are_counted_by_name() -> None:
    trap = traps.traps()[0]
    sprung = (traps.Sprung(trap, "refuted", "it is wrong"), traps.Sprung(trap, "not judged", "no reason"))
    assert report.by_trap(sprung) == [(trap.name, 1, 2)]
    assert "1 of 2 traps judged otherwise" in report.text(report.Planted(1, (), ()), sprung)


def test_traps_are_about_what_they_say() -> None:
    by_name = Counter(one.name for one in traps.traps())
    assert len(by_name) >= 17
    assert all(one.number in one.text and one.expected in ("refuted", "reported", "quiet") for one in traps.traps())
    assert min(by_name.values()) >= 2


def test_a_trap_is_right_as_expected() -> None:
    def right(got: str, expected: str, said: str = "", scope: str = "") -> bool:
        trap = traps.Trap("t", "BLIP-2 trains 188M", "188M", expected, "", "", scope)  # type: ignore[arg-type]
        return traps.Sprung(trap, got, said).right

    assert right("refuted", "refuted")
    assert not right("not judged", "refuted")
    assert right("reported", "refuted", "li2023blip2 §3.1, stage 1", "stage 1")
    assert not right("reported", "refuted", "li2023blip2 §3.1", "stage 1")
    assert right("not judged", "quiet")
    assert not right("refuted", "quiet")
    assert not right("not judged", "reported")
