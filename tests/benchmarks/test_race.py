"""Who may race, how figures are judged, what is written; and one workload from end to end."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from benchmarks.plot import groups, svg
from benchmarks.race import judged, race, together
from benchmarks.result import Figure, Line, Report, Result, merged, read, write
from benchmarks.workload import Contest, Contestant, Goal, Setting, Workload
from benchmarks.workloads import MISSING, WORKLOADS, decode
from rich.console import Console
from torch import Tensor

from benchmarks import gate, models, report

RIGHT = torch.linspace(-1, 1, 64)
Call = Callable[[], Tensor]


def contest(*calls: tuple[str, Call], exact: Call | None = None) -> Contest:
    racing = [
        Contestant(name, "chiasm" if name.startswith("chiasm") else "transformers", call, output=lambda out: out)
        for name, call in calls
    ]
    return Contest(racing, exact)


def setting(folder: Path, dtype: str = "fp32") -> Setting:
    return Setting(dtype, threads=1, quick=True, compiled=False, folder=folder)


def raising() -> Tensor:
    raise RuntimeError("no such operator")


def test_a_wrong_contestant_is_refused_and_the_others_race(tmp_path: Path) -> None:
    made = contest(
        ("transformers", RIGHT.clone),
        ("chiasm", lambda: RIGHT + 1e-6),
        ("chiasm wrong", lambda: RIGHT + 1e-3),
        ("chiasm short", lambda: RIGHT[:3]),
        ("chiasm broken", raising),
        ("chiasm nan", lambda: RIGHT * math.nan),
    )
    workload = Workload("x", "x", lambda setting: made, (Goal("× eager", 0.0, 1e9),))
    result = race(workload, setting(tmp_path), rounds=2, flags=())
    refused = {line.name: line.refused for line in result.lines if line.refused}
    assert refused.keys() == {"chiasm wrong", "chiasm short", "chiasm broken", "chiasm nan"}
    assert "allowed are 3e-05" in refused["chiasm wrong"]
    assert "(3,)" in refused["chiasm short"]
    assert refused["chiasm broken"] == "RuntimeError: no such operator"
    assert [line.name for line in result.lines if line.median > 0] == ["transformers", "chiasm"]
    assert {figure.of for figure in result.figures} == {"transformers / chiasm"}
    assert report.failures(Report({}, {}, [result])) == 4


def test_half_precision_is_judged_by_the_exact_output() -> None:
    near, far, worse = RIGHT + 1e-2, RIGHT + 1.05e-2, RIGHT + 1.2e-2
    made = contest(("transformers", lambda: near), ("a", lambda: far), ("b", lambda: worse), exact=RIGHT.double)
    assert gate.refused(gate.check(made, half=True)) == {"b"}
    with pytest.raises(ValueError, match="no exact output"):
        gate.check(contest(("transformers", lambda: near)), half=True)


def test_what_rests_on_missing_instructions_is_reported_not_claimed(tmp_path: Path) -> None:
    goal = Goal("operators", 3, 2, at_least=False, rests_on="avx512_bf16")
    workload = Workload("x", "x", lambda setting: Contest([], counts=lambda: {"operators": 1.0}, ratios=()), (goal,))
    without, having = (race(workload, setting(tmp_path), rounds=1, flags=flags) for flags in ((), ("avx512_bf16",)))
    assert (without.figures[0].verdict, having.figures[0].verdict) == ("reported", "target")
    assert without.figures[0].why == "this processor has no avx512_bf16"


def test_a_workload_that_cannot_be_prepared_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare(setting: Setting) -> Contest:
        raise FileNotFoundError("nowhere")

    result = race(Workload("x", "x", prepare), setting(tmp_path), rounds=1, flags=())
    assert result.failed == "FileNotFoundError: nowhere"
    assert "Traceback" in capsys.readouterr().err
    assert report.failures(Report({}, {}, [result])) == 1


EXAMPLE = Result(
    "decode", "decode a token", "fp32", 9, "ms",
    [
        Line("transformers", "transformers", 0.07, 0.06, 0.08, 0.06, 0.07, 1.0),
        Line("transformers static", "transformers", 0.06, 0.06, 0.06, 0.06, 0.06, 1.1, 1e-6, 1e-5),
        Line("chiasm", "chiasm", 0.05, 0.05, 0.05, 0.05, 0.05, 1.4, 1e-6, 1e-5),
        Line("chiasm packed", "chiasm", 0.03, 0.03, 0.03, 0.03, 0.03, 2.2, 1e-6, 1e-5),
        Line("chiasm <odd>", "chiasm", refused="its output is wrong"),
    ],
    [Figure("× eager", 2.2, 2.0, 2.4, "transformers / chiasm packed", 1.2, 1.9, verdict="target"), Figure("MB", 3.0)],
)  # fmt: skip
HERE = {
    "processor": {"model": "Some CPU", "flags": ["avx2"], "cores": 2}, "threads": 1, "versions": {"torch": "2"},
    "commit": {"id": "0" * 40, "changed": False}, "ceilings": {"copy, GB/s": 18.0},
}  # fmt: skip


def test_json_comes_back_as_it_was_and_holds_no_nan(tmp_path: Path) -> None:
    given = Report(HERE, {"quick": False}, [EXAMPLE], [{"name": "a", "reason": "b"}])
    write(given, tmp_path / "deep" / "x.json")
    text = (tmp_path / "deep" / "x.json").read_text(encoding="utf-8")
    raw = json.loads(text, parse_constant=pytest.fail)
    assert raw.keys() == {"machine", "settings", "results", "missing", "format"}
    assert raw["results"][0]["figures"][0]["must"] == 1.2
    again = read(tmp_path / "deep" / "x.json")
    assert again.results[0].figures == EXAMPLE.figures
    assert again.results[0].lines[:4] == EXAMPLE.lines[:4]
    assert math.isnan(again.results[0].lines[4].median)
    (tmp_path / "old.json").write_text('{"format": 0}')
    with pytest.raises(ValueError, match="format 0, expected 1"):
        read(tmp_path / "old.json")


def test_a_later_run_replaces_what_it_measured_again() -> None:
    other = Result("prefill", "", "fp32", 9, "ms")
    new = Result("decode", "", "fp32", 3, "ms")
    both = merged(Report(HERE, {}, [EXAMPLE, other]), Report(HERE, {"quick": True}, [new]))
    assert both.results == [new, other]


def test_of_two_rates_the_higher_stays() -> None:
    slow, fast = ({**HERE, "ceilings": {"copy, GB/s": rate}} for rate in (3.0, 20.0))
    assert merged(Report(fast, {}), Report(slow, {})).machine["ceilings"] == {"copy, GB/s": 20.0}


def test_a_kept_result_is_held_against_the_goals_of_today() -> None:
    again = judged([Goal("MB", 2, None, at_least=False)], EXAMPLE, ())
    assert [(figure.name, figure.verdict, figure.must) for figure in again.figures] == [
        ("× eager", "", None),
        ("MB", "missed", 2),
    ]


def test_workloads_together_are_their_geometric_mean() -> None:
    two = [Result(f"decode-b8-{x}", "", "fp32", 9, "ms", [], [Figure("× eager", x)]) for x in (1.0, 4.0)]
    (found,) = together("decode-b8", [*two, EXAMPLE], Goal("mean", None, 2.0), ())
    assert (found.figures[0].value, found.figures[0].verdict) == (pytest.approx(2.0), "target")
    assert together("decode-b8", two[:1], Goal("mean", None, 2.0), ()) == []


def test_the_table_says_what_is_refused_and_what_is_held() -> None:
    console = Console(file=io.StringIO(), width=140)
    report.show(EXAMPLE, console)
    report.summary(Report(HERE, {}, [EXAMPLE], [{"name": "gated", "reason": "no page"}]), console)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    for words in ("refused", "its output is wrong", "must ≥ 1.20", "2.20", "target", "gated: no page"):
        assert words in said


def test_the_plot_shows_both_sides_and_the_goals() -> None:
    drawn = Report(HERE, {}, [EXAMPLE, Result("count", "", "fp32", 0, "")])
    (group,) = groups(drawn)
    assert [(bar.kind, bar.name) for bar in group.bars] == [
        ("theirs", "transformers static"), ("plain", "chiasm"), ("best", "chiasm packed"),
    ]  # fmt: skip
    alone, inside = svg(drawn, alone=True), svg(drawn, alone=False)
    assert "prefers-color-scheme:dark" in alone
    assert "<style>" not in inside
    # Must and target, and what the legend says of them.
    assert inside.count('class="goal"') == 2 + 1
    assert inside.count("<rect") == 3 + 3


def test_no_two_workloads_share_a_name_and_goals_are_ordered() -> None:
    names = [workload.name for workload in WORKLOADS]
    assert len(set(names)) == len(names)
    for workload in WORKLOADS:
        for goal in workload.goals:
            if goal.must is not None and goal.target is not None:
                assert (goal.target >= goal.must) if goal.at_least else (goal.target <= goal.must), workload.name
    assert len(MISSING) == 2


def test_decoding_from_end_to_end(tmp_path: Path) -> None:
    """Both libraries on the same weights, at a width of nothing, in fp32 and bf16."""
    reference = models.tiny_llava(2)
    workload = Workload("tiny", "tiny", lambda setting: decode.prepare(setting, reference, 2, 8, 2), decode._goals(1))
    for dtype in ("fp32", "bf16"):
        result = race(workload, setting(tmp_path, dtype), rounds=2, flags=())
        assert not result.failed
        assert {line.name for line in result.lines} >= {"transformers", "transformers static", "chiasm"}
        assert all(line.median > 0 and not line.refused for line in result.lines), result.lines
        figures = {figure.name: figure for figure in result.figures}
        assert figures["× eager"].verdict
        assert 0 < figures["MB allocated a step"].value < figures["transformers: MB allocated a step"].value * 10
