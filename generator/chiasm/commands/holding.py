"""Holds a project's shares where chiasm.toml says so, and raises them: what was counted in, findings and files out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chiasm import console

if TYPE_CHECKING:
    from chiasm.configuration import Configuration
    from chiasm.diagnostic import Diagnostic
    from chiasm.memory import Tally
    from chiasm.source import Source


def held(root: Path, tallies: Mapping[str, Tally], anchored: tuple[int, int]) -> tuple[Diagnostic, ...]:
    """What is less than chiasm.toml asks for."""
    source, asked = _asked(root)
    if source is None or asked is None or not (asked.proved or asked.anchored):
        return ()
    from chiasm import ratchet

    before = _read(root, ratchet.PAGES)
    return tuple(ratchet.lost(asked, tallies, anchored, ratchet.read(before.text if before else ""), source.lines))


def raise_(root: Path, tallies: Mapping[str, Tally], anchored: tuple[int, int]) -> None:
    """Write what is reached where it is more than what is asked for."""
    from chiasm import ratchet
    from chiasm.source import CONFIGURATION

    source, asked = _asked(root)
    if asked is None:
        return
    text = source.text if source else ""
    proved = sum(one.proved for one in tallies.values()), sum(map(sum, tallies.values()))
    raised = ratchet.raised(text, asked, proved, anchored)
    if raised == text:
        console.say("no share has grown: chiasm.toml stays as it is", error=True)
        return
    for name, made in ((CONFIGURATION, raised), (ratchet.PAGES, ratchet.reached(tallies))):
        staged = root / f".{name}.chiasm"
        staged.write_text(made, encoding="utf-8", newline="\n")
        staged.replace(root / name)
    shares = ", ".join(line.strip() for line in raised.split("\n") if line not in text.split("\n") and "=" in line)
    console.say(f"raised in {CONFIGURATION}: {shares}", error=True)


def _asked(root: Path) -> tuple[Source | None, Configuration | None]:
    """chiasm.toml and what it asks for; None for the second where it cannot be read."""
    source = _read(root, "chiasm.toml")
    from chiasm.configuration import Configuration, configuration

    if source is None:
        return None, Configuration()
    asked, wrong = configuration(source)
    return source, None if wrong else asked


def _read(root: Path, name: str) -> Source | None:
    if not (root / name).is_file():
        return None
    from chiasm.source import Source, one

    found = one(root, name)
    return found if isinstance(found, Source) else None
