"""Checks a knowledge base: a graph in, what every rule finds out, sorted by place."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from chiasm import rules
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its page (what it finds, why, a bad and a good example), and how it looks at a graph."""

    id: str
    page: str
    check: Callable[[Graph], Iterable[Diagnostic]] | None
    """None where the stage that meets the fault reports it."""

    @property
    def summary(self) -> str:
        """The first sentence of its page."""
        return self.page.partition("\n")[0]


def check(graph: Graph) -> tuple[Diagnostic, ...]:
    """What all rules find, sorted by place, each once."""
    found = {item: None for rule in all_rules() if rule.check for item in rule.check(graph)}
    return tuple(sorted(found, key=lambda item: (item.span, item.rule, item.message)))


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of the package `chiasm.rules`, by id."""
    return tuple(sorted(_rules(), key=lambda rule: rule.id))


def rule(name: str) -> Rule | None:
    """The rule of that id."""
    return next((item for item in all_rules() if item.id == name), None)


def _rules() -> Iterator[Rule]:
    for info in pkgutil.iter_modules(rules.__path__):
        module = import_module(f"{rules.__name__}.{info.name}")
        yield Rule(module.ID, (module.__doc__ or "").strip(), getattr(module, "check", None))
