"""The site's page of results: what it says follows from the committed JSON, and no page text becomes HTML."""

from __future__ import annotations

from html.parser import HTMLParser

from benchmarks.page import page, written
from benchmarks.result import Report

from tests.benchmarks.test_race import EXAMPLE, HERE


class Balanced(HTMLParser):
    """Fails on a tag that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_what_is_committed_is_what_the_results_say() -> None:
    for path, text in written().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is stale: python -m benchmarks.page"


def test_a_page_of_a_run() -> None:
    made = page({"cpu-x": Report(HERE, {"quick": True}, [EXAMPLE], [{"name": "gated", "reason": "no page"}])})
    for words in ("## Some CPU, 1 thread { #cpu-x }", "A quick run", "≥ 1.90", "chiasm packed", "gated (no page)"):
        assert words in made
    assert "chiasm &lt;odd&gt;" in made
    assert "<odd>" not in made
    html = Balanced()
    html.feed(made)
    assert not html.open


def test_a_block_of_html_holds_no_empty_line() -> None:
    """One would end the block, and Markdown would read on."""
    made = page({"cpu-x": Report(HERE, {}, [EXAMPLE])})
    for block in made.split("\n\n"):
        assert block.count("<table") == block.count("</table")
        assert block.count("<div") == block.count("</div")
