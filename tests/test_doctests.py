"""The doctests of the knowledge base run, and give what the pages say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from chiasm.document import Fence, parse
from chiasm.source import source

ROOT = Path(__file__).parents[1]


def fences() -> list[Fence]:
    found = []
    for path in sorted((ROOT / "knowledge").rglob("*.md")):
        read = source(path.relative_to(ROOT).as_posix(), path.read_bytes())
        found += [block for block in parse(read).blocks if isinstance(block, Fence) and ">>>" in block.text]  # type: ignore[arg-type]
    return found


def test_there_are_some() -> None:
    assert len(fences()) >= 4


@pytest.mark.parametrize("fence", fences(), ids=lambda fence: str(fence.span))
def test_doctest(fence: Fence) -> None:
    examples = doctest.DocTestParser().get_doctest(fence.text, {}, str(fence.span), fence.span.path, fence.span.line)
    assert examples.examples
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)
