"""The suite for a GPU runs: without a device it says so; tiny and on the host, every workload and contestant."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from benchmarks.gpu.__main__ import NO_DEVICE, WORKLOADS, main

from benchmarks import result

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_a_device_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == NO_DEVICE + "\n"


ALIKE = {"prefill-7b-b8", "prefill-7b-3k", "decode-7b-b8", "vit-b32"}
"""Other sizes of a workload that is run."""


def test_every_workload_runs_tiny_on_the_host(tmp_path: Path) -> None:
    """Every contestant's output is checked too: what is compared on a GPU is comparable."""
    chosen = [workload for workload in WORKLOADS if workload.name not in ALIKE]
    assert len(chosen) == len(WORKLOADS) - len(ALIKE)
    file = tmp_path / "dry.json"
    threads = torch.get_num_threads()
    try:
        assert main(["--dry", "--out", str(file), "--only", *(workload.name for workload in chosen)]) == 0
    finally:
        torch.set_num_threads(threads)
    run = result.read(file)
    assert [one.name for one in run.results] == [workload.name for workload in chosen]
    found = {one.name: one for one in run.results}
    ways = {line.name for line in found["decode-7b-b1"].lines}
    assert ways >= {"transformers static", "chiasm eager", "chiasm", "chiasm, without Triton", "chiasm, few rows"}
    for workload in chosen:
        figures = {figure.name for figure in found[workload.name].figures}
        assert figures >= {goal.figure for goal in workload.goals}, workload.name
        # Nothing that was measured on the host is judged.
        assert not [figure.name for figure in found[workload.name].figures if figure.verdict]
    losses = {f.name: f.value for f in found["training-7b"].figures if f.name.endswith("loss")}
    assert losses["chiasm: loss"] == pytest.approx(losses["transformers: loss"], rel=1e-4)


def test_names_choose_workloads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert all(workload.name in listed for workload in WORKLOADS)
    assert main(["--dry", "--only", "decode-kernels", "--out", "-"]) == 0
    said = capsys.readouterr().out
    assert "decode-kernels" in said
    assert "vit-b1" not in said
