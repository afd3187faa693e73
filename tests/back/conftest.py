"""A project of the shipped knowledge base, built once; every test works on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chiasm.outcome import Outcome
from chiasm.pipeline import build

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A fresh project and the outcome of its first build."""
    root = tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT / "knowledge", root / "knowledge")
    (root / "chiasm.toml").touch()
    return root, build(root)


@pytest.fixture
def project(built: tuple[Path, Outcome], tmp_path: Path) -> Path:
    """A copy of the built project, its cache included."""
    root = tmp_path / "project"
    shutil.copytree(built[0], root)
    return root


@pytest.fixture
def edit(project: Path) -> Callable[[str, str, str], None]:
    """Replaces a text that occurs once in a page."""

    def replace(page: str, old: str, new: str) -> None:
        path = project / "knowledge" / page
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (page, old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


def tree(root: Path) -> dict[str, bytes]:
    """Every file of `generated/` by path."""
    folder = root / "generated"
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
