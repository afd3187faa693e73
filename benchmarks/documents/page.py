"""Writes the site's page of planted errors: the committed JSON in, `site/docs/planted-errors.md` out.

`python -m benchmarks.documents --page` writes it; a test holds that it is what the JSON says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from benchmarks.documents.edit import HELD, MUTATORS
from benchmarks.documents.report import GOAL_HELD, GOAL_PROSE, NAMES

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks/results/documents/planted.json"
PAGE = ROOT / "site/docs/planted-errors.md"
TEMPLATE = Path(__file__).with_name("planted.md.j2")
HELD_NAMES = frozenset(NAMES[where] for where in HELD)


def page(data: Mapping[str, Any]) -> str:
    """The page's Markdown, from what `report.summary` wrote down."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    shown = {
        **data,
        "classes": [_row(name, counts) | _goal(name, counts) for name, counts in data["classes"].items()],
        "kinds": [_row(name, counts) | {"mistake": _mistake(name)} for name, counts in data["kinds"].items()],
        "left": [_left(one) for one in data["left"] if NAMES[one["class"]] in HELD_NAMES],
    }
    made: str = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(shown)
    return made.rstrip() + "\n"


def written() -> dict[Path, str]:
    """The page, by its path, where there are results."""
    return {PAGE: page(json.loads(RESULTS.read_text(encoding="utf-8")))} if RESULTS.exists() else {}


def _row(name: str, counts: Mapping[str, int]) -> dict[str, Any]:
    whole = sum(counts.values())
    return {"name": name, "planted": whole, **counts, "share": f"{counts['refuted'] / whole:.0%}" if whole else ""}


def _goal(name: str, counts: Mapping[str, int]) -> dict[str, str]:
    """The goal of a class of places, and whether it is reached."""
    share = counts["refuted"] / max(sum(counts.values()), 1)
    if name in HELD_NAMES:
        holds = share >= GOAL_HELD and not counts["missed"] and not counts["reported"]
        return {"goal": f"≥ {GOAL_HELD:.0%}, 0 missed", "badge": "proved" if holds else "refuted"}
    if name == NAMES["prose"]:
        return {"goal": f"≥ {GOAL_PROSE:.0%}", "badge": "proved" if share >= GOAL_PROSE else "refuted"}
    return {"goal": "", "badge": ""}


def _mistake(kind: str) -> str:
    return MUTATORS[kind].mistake if kind in MUTATORS else ""


def _left(one: Mapping[str, Any]) -> dict[str, str]:
    change = "; ".join(f"{old or '∅'} → {new or '∅'}" for _, old, new in one["changes"])
    return {"place": one["place"], "kind": one["kind"], "change": change, "said": one["said"]}
