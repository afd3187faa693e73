"""What a name was meant to be: only where nothing else can be, and never with other numbers."""

from __future__ import annotations

import pytest

from chiasm.judging.likeness import meant
from chiasm.reporting.fix import fixed
from tests.middle.base import BIB, run, shipped

PAGE = "knowledge/models/blip-2.md"


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("aligment", ["alignment", "encoder"], "alignment"),
        ("opt-2-7b", ["opt-6-7b", "flan-t5-xl"], ""),
        ("opt-2.7b", ["opt-2-7b", "opt-6-7b"], "opt-2-7b"),
        ("stage two", ["stage 2"], ""),
        ("layer", ["layers", "layer-norm"], "layers"),
        ("num_quer", ["num_query", "num_quers"], ""),
        ("x", [], ""),
    ],
)
def test_what_is_meant(name: str, known: list[str], found: str) -> None:
    assert meant(name, known) == found


def test_a_field_that_was_renamed_is_renamed_in_scopes() -> None:
    base = {path: shipped()[path] for path in (PAGE, BIB)}
    title, _, rest = base[PAGE].partition("\n")
    base[PAGE] = f'{title}\n\nIt has [32](#alignment "num_querys") queries.\n{rest}'
    (one,) = (found for found in run(base).found if found.rule == "unknown-scope")
    assert one.fix
    mended = fixed(base[PAGE], [one.fix])
    assert 'It has [32](#alignment "num_queries") queries.' in mended
    assert not [found for found in run({**base, PAGE: mended}).found if found.rule == "unknown-scope"]
