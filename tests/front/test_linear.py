"""Reading takes time that grows with the length of a text, whatever it is made of."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from chiasm.document import (
    parse,
)
from chiasm.source import Source

FAMILIES: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n,
    "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "lists": lambda n: "- " * (n // 2),
    "quotes": lambda n: ">" * n,
    "images": lambda n: "![" * (n // 2),
    "equal headings": lambda n: "# a\n" * (n // 4),
    "ticks": lambda n: "".join("`" * i + " " for i in range(int((2 * n) ** 0.5))),
    "stars": lambda n: "*a " * (n // 3),
    "links": lambda n: "[a](" * (n // 4),
    "titles": lambda n: "[a](b (" * (n // 7),
    "dollars": lambda n: "$a " * (n // 3),
    "display": lambda n: "$$a\n" * (n // 4),
    "tags": lambda n: "<a " * (n // 3),
    "comments": lambda n: "a <!-- " * (n // 7),
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|1|2|\n" * (n // 6),
    "wide empty rows": lambda n: "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n" + "|\n" * (n // 2),
    "escaped pipes": lambda n: "|a|\n|-|\n|" + "\\|" * (n // 2),
    "cites": lambda n: "[@a] " * (n // 5),
    "locators": lambda n: "[@a] " + "a_" * (n // 2),
    "definitions": lambda n: "".join(f"[a{i}]: b\n" for i in range(n // 8)),
    "nested images": lambda n: "![" * (n // 8) + "a" + "](b)" * (n // 8),
    "links in brackets": lambda n: "[" * (n // 2) + "[a](b)" * (n // 12),
    "lazy quote": lambda n: "> a\n" + "b\n" * (n // 2),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_work_is_linear(family: str) -> None:
    """Counted in calls, which are the same on a busy machine."""

    def calls(size: int) -> int:
        source, counted = Source("page.md", FAMILIES[family](size), ""), 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            parse(source)
        finally:
            sys.setprofile(None)
        return counted

    calls(1000)
    assert calls(20_000) < 5 * calls(5_000) + 1000


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_bounded(family: str) -> None:
    """What happens inside one call (a pattern that looks back) shows in seconds only."""
    start = time.process_time()
    parse(Source("page.md", FAMILIES[family](100_000), ""))
    assert time.process_time() - start < 10
