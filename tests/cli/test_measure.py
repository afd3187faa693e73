"""`chiasm measure` as a user meets it: what it prints, what it keeps, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from chiasm import exits
from chiasm.cache import Cache
from chiasm.commands import measure
from chiasm.knowledge import Knowledge, knowledge
from chiasm.measuring import measurement
from chiasm.measuring.inputs import Inputs
from chiasm.measuring.measured import Answer, job
from chiasm.verbs import app

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Chiasm(Protocol):
    """`chiasm measure` with these arguments."""

    def __call__(self, *arguments: str) -> Done: ...


@cache
def read(root: Path) -> Knowledge:
    """The shipped base, read once."""
    return knowledge(root)


@pytest.fixture
def chiasm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chiasm:
    """The command in this process."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("chiasm.knowledge.knowledge", read)

    def run(*arguments: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            app(["measure", *arguments])
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return run


def records(chiasm: Chiasm, *arguments: str) -> list[dict[str, Any]]:
    done = chiasm(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_a_table_with_its_receipt(chiasm: Chiasm) -> None:
    done = chiasm("llava:1.5-7b", "flops", "cache", "--tokens", "640", "--analytic")
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "flops encoder 366,033,858,560 366.0 GFLOP" in lines
    assert "language_model 8,504,035,246,080 8.50 TFLOP" in lines
    assert "total 335,544,320 320 MiB (335.5 MB)" in lines
    options = "--image 336x336 --tokens 640 --batch 1 --context 640 --dtype bfloat16"
    assert f"receipt chiasm measure llava:1.5-7b flops cache {options}" in lines


def test_the_command_of_a_receipt_prints_the_figure_again(chiasm: Chiasm) -> None:
    (record,) = records(chiasm, "qwen3-vl:2b", "flops", "--image", "640x480", "--frames", "4", "--analytic")
    figure = next(one for one in record["figures"] if one["scope"] == "encoder.mlp")
    again = figure["receipt"].split()
    assert again[:3] == ["chiasm", "measure", "qwen3-vl:2b"]
    (other,) = records(chiasm, *again[2:], "--analytic")
    assert [(one["scope"], one["analytic"]) for one in other["figures"]] == [("encoder.mlp", figure["analytic"])]
    assert other["spec"] == record["spec"]


def test_what_a_package_has_stands_beside_what_its_page_says(chiasm: Chiasm) -> None:
    """Measured by a process of its own, with torch."""
    pytest.importorskip("torch")
    (record,) = records(chiasm, "clip:vit-b-32", "parameters", "flops")
    assert record["note"] == ""
    assert {"chiasm", "python", "torch"} == record["versions"].keys()
    total = next(one for one in record["figures"] if (one["quantity"], one["scope"]) == ("parameters", "total"))
    assert total["analytic"] == total["measured"] == 151_277_313
    assert total["equal"] is True
    flops = [one for one in record["figures"] if one["quantity"] == "flops" and one["measured"] is not None]
    assert len(flops) > 8
    assert all(one["equal"] for one in flops)


def test_several_variants_and_scopes(chiasm: Chiasm) -> None:
    found = records(chiasm, "llava", "parameters", "--scope", "vision tower", "--scope", "total", "--analytic")
    assert [one["variant"] for one in found] == ["1.0-7b", "1.0-13b", "1.5-7b", "1.5-13b"]
    scopes = {figure["scope"] for figure in found[0]["figures"]}
    assert "total" in scopes
    assert all(scope == "total" or scope.partition(".")[0] == "encoder" for scope in scopes)


def test_what_is_described_only_is_counted_as_far_as_it_goes(chiasm: Chiasm) -> None:
    done = chiasm("ovis-2-5:2b", "flops", "tokens")
    assert done.returncode == 0
    assert "`aspect_vit` is described only" in done.stdout
    assert "3.34 TFLOP" in done.stdout
    assert "counted only: a kind is described only" in done.stdout


def test_without_a_model_every_system_is_listed(chiasm: Chiasm) -> None:
    done = chiasm()
    assert done.returncode == 0
    assert "qwen3-vl" in done.stdout
    assert "compression  patches" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("llawa:1.5-7b",), "no system 'llawa' is described\n  = help: did you mean llava"),
        (("llava:1.5-7",), "LLaVA has no variant '1.5-7'\n  = help: did you mean 1.5-7b"),
        (("llava:1.5-7b", "flop"), "'flop' is no quantity that is measured\n  = help: did you mean flops"),
        (("llava:1.5-7b", "flops", "--scope", "encoders", "--analytic"), "'encoders' is no scope of these"),
        (("llava:1.5-7b", "--image", "336"), "'336' is no image size"),
        (("llava:1.5-7b", "--dtype", "int3"), "unknown dtype 'int3'"),
        (("llava:1.5-7b", "--stage", "stage 9"), "LLaVA has no training stage 'stage 9'"),
        (("llava:1.5-7b", "--frames", "8"), "LLaVA: frames are not described"),
        (("llava:1.5-7b", "--batch", "0"), "--batch"),
    ],
)
def test_what_cannot_be_measured_ends_with_usage(chiasm: Chiasm, arguments: tuple[str, ...], words: str) -> None:
    done = chiasm(*arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr


def test_arithmetic_needs_no_torch() -> None:
    """In a process where importing torch fails."""
    forbid = (
        "import sys, importlib.abc\n"
        "class Forbidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'torch': raise AssertionError('imported ' + name)\n"
        "sys.meta_path.insert(0, Forbidden())\n"
        "sys.argv = ['chiasm', '--debug', 'measure', 'qwen3-vl:8b', '--analytic']\n"
        "from chiasm.cli import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", forbid], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "8.77 B" in done.stdout


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("chiasm.knowledge.knowledge", read)
    return read(ROOT).graph


def made(base: Any) -> measurement.Measurement:
    spec = base.specs["llava"]
    return measurement.counted(spec, spec.variants[0], Inputs(), ("parameters",))


def test_without_torch_it_says_so(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurement, "torch_version", lambda: "")
    (one,) = measurement.measured([made(base)], ROOT, lambda _: "digest", Cache(None))
    assert one.note.startswith("torch is not installed")
    assert all(figure.analytic is not None and figure.measured is None for figure in one.figures)


def test_what_was_measured_is_kept_until_something_changes(
    base: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def answers(_root: Path, jobs: Any) -> Any:
        asked.append(len(jobs))
        return tuple(Answer({"parameters total": 7}, {"torch": "2"}) for _ in jobs)

    monkeypatch.setattr(measurement, "answers", answers)
    monkeypatch.setattr(measurement, "torch_version", lambda: "2")
    kept = Cache(tmp_path)
    for package in ("one", "one", "another"):
        (one,) = measurement.measured([made(base)], ROOT, lambda _, own=package: own, kept)
        total = next(figure for figure in one.figures if figure.scope == "total")
        assert total.measured == 7
        assert total.equal is False
        assert one.receipt.package == package
    assert asked == [1, 1]


def test_a_difference_is_a_finding(
    base: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del base
    found = Answer({"parameters total": 7}, {"torch": "2"})
    monkeypatch.setattr(measurement, "answers", lambda _root, jobs: (found,) * len(jobs))
    monkeypatch.setattr(measurement, "torch_version", lambda: "0.0")
    monkeypatch.setattr(Cache, "put", lambda *_: None)
    assert measure.run("llava:1.5-7b", ["parameters"], Inputs()) == exits.FINDINGS
    assert "7: DIFFERS" in capsys.readouterr().out


def test_a_package_that_cannot_be_measured_is_a_finding(
    base: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page has a variant that the package has not: it was not built yet."""
    from chiasm.measuring.measured import answers  # noqa: PLC0415

    pytest.importorskip("torch")
    spec = base.specs["clip"]
    question = job(spec, spec.variants[0], measurement.counted(spec, spec.variants[0], Inputs(), ()).setting, ())
    (answer,) = answers(ROOT, [question | {"variant": "vit-z-1"}])
    assert answer.why == "the package could not be measured: KeyError: 'vit-z-1'"
    monkeypatch.setattr(measurement, "answers", lambda _root, jobs: (answer,) * len(jobs))
    monkeypatch.setattr(measurement, "torch_version", lambda: "0.0")
    assert measure.run("clip:vit-b-32", ["parameters"], Inputs()) == exits.FINDINGS
    assert "KeyError" in capsys.readouterr().out


def test_image_sizes() -> None:
    assert measure.images(["336x336", "1024×768", "8 X 9"]) == ((336, 336), (1024, 768), (8, 9))
    for wrong in ("", "0x5", "5", "5x", "-1x5", "1000000x1", "100001x1"):
        with pytest.raises(exits.Stop):
            measure.images([wrong])


def test_a_ratio_that_is_not_whole_is_a_fraction_in_json(chiasm: Chiasm) -> None:
    (record,) = records(chiasm, "blip-2:opt-2.7b", "compression", "--analytic")
    ratio = next(one for one in record["figures"] if one["scope"].startswith("features"))
    assert Fraction(ratio["analytic"]) == Fraction(257, 32)
