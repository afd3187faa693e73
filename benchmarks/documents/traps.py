"""Sentences that strangers write about known models, each with the verdict that it should have: `traps.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from benchmarks.documents.base import Base
from chiasm import verdicts

Expected = Literal["refuted", "reported", "quiet"]
"""A finding; no finding and the verdict `reported` or `proved`; no finding."""
FILE = Path(__file__).with_name("traps.toml")
PAGE = "stranger/README.md"
"""Where a stranger's page stands: in no folder of the base, linked from nowhere."""


@dataclass(frozen=True, slots=True)
class Trap:
    """One sentence, perhaps with what stands before it on its page."""

    name: str
    text: str
    number: str
    """The characters that are wrong, or are truly quoted."""
    expected: Expected
    truth: str
    source: str
    scope: str = ""
    """Words that make a report of the number as good as a refutation."""


@dataclass(frozen=True, slots=True)
class Sprung:
    """What was said about a trap."""

    trap: Trap
    got: str
    said: str

    @property
    def right(self) -> bool:
        """Whether the verdict is the expected one."""
        wanted = self.trap.expected
        if wanted == "refuted":
            scoped = self.got == "reported" and bool(self.trap.scope) and self.trap.scope in self.said
            return scoped or self.got == "refuted"
        return self.got != "refuted" and (wanted == "quiet" or self.got in ("reported", "proved"))

    @property
    def line(self) -> str:
        """One line for a terminal."""
        text = self.trap.text.replace("\n", " ⏎ ")
        return (
            f"  [{self.trap.name}] {text} | {self.trap.number}: {self.got}, expected {self.trap.expected} | {self.said}"
        )

    @property
    def data(self) -> dict[str, str]:
        """As JSON."""
        return {
            "name": self.trap.name,
            "text": self.trap.text,
            "expected": self.trap.expected,
            "got": self.got,
            "said": self.said,
        }


@cache
def traps() -> tuple[Trap, ...]:
    """Every paraphrase of every trap."""
    return tuple(_read(tomllib.loads(FILE.read_text(encoding="utf-8"))))


def _read(raw: dict[str, Any]) -> Iterator[Trap]:
    for trap in raw["trap"]:
        for one in trap["says"]:
            number, text = (trap["number"], one) if isinstance(one, str) else (one["number"], one["text"])
            yield Trap(
                trap["name"], text, number, trap["expected"], trap["truth"], trap["source"], trap.get("scope", "")
            )


def sprung(base: Base) -> tuple[Sprung, ...]:
    """What is said about each sentence, each alone on a page of its own."""
    return tuple(_one(base, trap) for trap in traps())


def _one(base: Base, trap: Trap) -> Sprung:
    text = trap.text if trap.text.startswith("#") else f"# Notes\n\n{trap.text}\n"
    after = base.checked({PAGE: text})
    lines = {number for number, line in enumerate(text.split("\n"), 1) if trap.number in line}
    found = [one for one in after.diagnostics if one.span.path == PAGE and one.severity != "note"]
    near = [one for one in found if one.span.line in lines]
    if near:
        return Sprung(trap, "refuted", f"{near[0].rule}: {near[0].message}")
    for verdict in verdicts.of_page(after.graph, PAGE):
        line = text.split("\n")[verdict.span.line - 1]
        shown = line[verdict.span.column - 1 : verdict.span.end - 1]
        if shown and verdict.span.line in lines and (shown in trap.number or trap.number in shown):
            return Sprung(trap, verdict.outcome, verdict.reason)
    return Sprung(trap, "nothing", "no number is read there")
