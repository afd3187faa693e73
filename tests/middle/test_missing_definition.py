"""Definitions that a page lacks are added at its end, once."""

from __future__ import annotations

import hashlib

from chiasm.bibliography import bibliography
from chiasm.claims import claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.graph import link
from chiasm.reporting.fix import fixed
from chiasm.rules import missing_definition
from chiasm.source import Source

BIB = """@misc{a2024, title = {A}, url = {https://example.org/a}, urldate = {2026-11-21}}
@misc{b2024, title = {B}, url = {https://example.org/b}, urldate = {2026-11-20}}
@misc{note, title = {A note}, urldate = {2025-11-16}}
"""


def source(path: str, text: str) -> Source:
    return Source(path, text, hashlib.sha256(text.encode()).hexdigest())


def findings(text: str) -> list[Diagnostic]:
    document = parse(source("knowledge/models/page.md", text))
    entries, _ = bibliography(source("knowledge/sources.bib", BIB))
    graph, _ = link([claims(document)[0]], [], entries)
    return list(missing_definition.check_page(graph, graph.claims[document.path]))


def mended(text: str) -> str:
    (found,) = findings(text)
    assert found.fix is not None
    after = fixed(text, [found.fix])
    assert findings(after) == []
    return after


def test_at_the_end_of_a_page_that_has_none() -> None:
    text = "# Page\n\nOne [@b2024] and two [@a2024] §3, and again [@b2024].\n"
    assert findings(text)[0].span.column == 5
    assert mended(text) == (
        text + '\n[@a2024]: https://example.org/a "accessed 2026-11-21"\n'
        '[@b2024]: https://example.org/b "accessed 2026-11-20"\n'
    )


def test_behind_those_that_are_there() -> None:
    text = '# Page\n\nOne [@a2024], two [@note].\n\n[@a2024]: https://example.org/a "accessed 2026-11-21"\n'
    assert mended(text) == text + '[@note]: ../sources.bib "accessed 2025-11-16"\n'


def test_a_key_of_no_source_is_another_rule() -> None:
    assert findings("# Page\n\nOne [@nobody].\n") == []
