"""Every component is a valid module whichever of its gates are on, and a gate only adds."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes

import chiasm.components

FOLDER = Path(chiasm.components.__file__).parent
COMPONENTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER), block_start_string="# {%", block_end_string="%}", comment_start_string="# {#",
    comment_end_string="#}", variable_start_string="\x00", variable_end_string="\x01", undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
)  # fmt: skip


def gates(component: str) -> list[str]:
    tree = ENVIRONMENT.parse((FOLDER / f"{component}.py").read_text(encoding="utf-8"))
    return sorted({found.attr for found in tree.find_all(nodes.Getattr)})


def rendered(component: str, on: frozenset[str]) -> str:
    uses = {gate: gate in on for gate in gates(component)}
    return ENVIRONMENT.get_template(f"{component}.py").render(uses=uses)


def combinations(component: str) -> list[frozenset[str]]:
    names = gates(component)
    return [frozenset(some) for size in range(len(names) + 1) for some in itertools.combinations(names, size)]


@pytest.mark.parametrize("component", COMPONENTS)
def test_at_most_six_gates_without_else(component: str) -> None:
    tree = ENVIRONMENT.parse((FOLDER / f"{component}.py").read_text(encoding="utf-8"))
    assert len(gates(component)) <= 6
    assert not [block.lineno for block in tree.find_all(nodes.If) if block.else_ or block.elif_]


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_gate_only_adds(component: str) -> None:
    everything = rendered(component, frozenset(gates(component))).splitlines()
    for on in combinations(component):
        lines = iter(everything)
        assert all(line in lines for line in rendered(component, on).splitlines()), sorted(on)


@pytest.mark.parametrize("component", [name for name in COMPONENTS if gates(name)])
def test_every_combination_compiles_and_is_clean(component: str, tmp_path: Path) -> None:
    for index, on in enumerate(combinations(component)):
        source = rendered(component, on)
        ast.parse(source)
        (tmp_path / f"combination_{index}.py").write_text(source, encoding="utf-8")
    # Undefined names: what a gate forgot to bring. Imports that it leaves unused go when a package is written.
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E9,F,PLE", "--ignore", "F401"]
    found = subprocess.run(
        [*command, "--output-format", "concise", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout
