"""Checks a knowledge base: a graph in, what every rule finds out, sorted by place."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from chiasm import rules
from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Severity
from chiasm.face import Face
from chiasm.graph import Graph
from chiasm.spec.model import ModelSpec
from chiasm.tree import Tree

KEPT = frozenset({"bad-ignore", "unused-ignore", "bad-configuration", "ratchet", "edited-by-hand", "unreadable-file"})
"""Rules about what is not in a page, or about what is kept itself: no comment hides what they find."""
KEEPING = """ To keep a finding, write above its block or behind its line

```markdown
<!-- chiasm: ignore[{}] why it stays -->
```
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, its page (what it finds, why, a bad and a good example), and what it looks at.

    A rule looks at each page's face, at each page, at each system, or at what a base has once; at none of these where
    the stage that meets the fault reports it.
    """

    id: str
    page: str
    check_face: Callable[[Graph, Face], Iterable[Diagnostic]] | None
    check_page: Callable[[Graph, Claims], Iterable[Diagnostic]] | None
    check_spec: Callable[[Graph, ModelSpec], Iterable[Diagnostic]] | None
    check: Callable[[Graph], Iterable[Diagnostic]] | None
    check_tree: Callable[[Tree, str, Claims], Iterable[Diagnostic]] | None = None
    """What it finds about the links of a foreign page, which lies at an absolute path."""
    severity: Severity = "error"
    mends: bool = False
    """`chiasm check --fix` mends what it finds, where that is safe."""
    foreign: bool = False
    """What it looks at on a page holds for pages that know nothing of our grammar, too."""

    @property
    def summary(self) -> str:
        """The first sentence of its page."""
        return self.page.partition("\n")[0]

    @property
    def stage(self) -> str:
        """What it looks at."""
        looks = {"links": self.check_face, "pages": self.check_page, "systems": self.check_spec, "the base": self.check}
        return next((name for name, one in looks.items() if one), "reading")

    @property
    def whole(self) -> str:
        """Its page, and what is the same for every rule: how bad it is, who mends it, how it is kept."""
        mended = "`chiasm check --fix` mends it where that is safe" if self.mends else "it is mended by hand"
        keeping = "" if self.id in KEPT else KEEPING.format(self.id)
        return f"{self.page}\n\nSeverity: {self.severity}; {mended}.{keeping}"


def check(graph: Graph) -> tuple[Diagnostic, ...]:
    """What all rules find, sorted by place, each once."""
    found = dict.fromkeys(of_base(graph))
    for path, seen in graph.faces.items():
        found |= dict.fromkeys(of_face(graph, seen))
        found |= dict.fromkeys(of_page(graph, path))
    for spec in graph.specs.values():
        found |= dict.fromkeys(of_spec(graph, spec))
    return tuple(sorted(found, key=lambda item: (item.span, item.rule, item.message)))


def of_face(graph: Graph, page: Face) -> Iterator[Diagnostic]:
    """What the rules find about a page's links."""
    for rule in all_rules():
        if rule.check_face:
            yield from rule.check_face(graph, page)


def of_page(graph: Graph, path: str) -> Iterator[Diagnostic]:
    """What the rules find on one page."""
    page = graph.claims[path]
    for rule in all_rules():
        if rule.check_page:
            yield from rule.check_page(graph, page)


def of_spec(graph: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """What the rules find in one system."""
    for rule in all_rules():
        if rule.check_spec:
            yield from rule.check_spec(graph, spec)


def of_base(graph: Graph) -> Iterator[Diagnostic]:
    """What the rules find in what a base has once: its bibliography, its evidence."""
    for rule in all_rules():
        if rule.check:
            yield from rule.check(graph)


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of the package `chiasm.rules`, by id."""
    return tuple(sorted(_rules(), key=lambda rule: rule.id))


@cache
def names() -> frozenset[str]:
    """The ids of all rules."""
    return frozenset(one.id for one in all_rules())


def rule(name: str) -> Rule | None:
    """The rule of that id."""
    return next((item for item in all_rules() if item.id == name), None)


def _rules() -> Iterator[Rule]:
    for info in pkgutil.iter_modules(rules.__path__):
        module = import_module(f"{rules.__name__}.{info.name}")
        yield Rule(
            module.ID,
            (module.__doc__ or "").strip(),
            getattr(module, "check_face", None),
            getattr(module, "check_page", None),
            getattr(module, "check_spec", None),
            getattr(module, "check", None),
            getattr(module, "check_tree", None),
            severity=getattr(module, "SEVERITY", "error"),
            mends=getattr(module, "MENDS", False),
            foreign=getattr(module, "FOREIGN", False),
        )
