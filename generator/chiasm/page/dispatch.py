"""Chooses the rules that a line's first character allows: markdown-it's chains of rules in, one rule a chain out.

markdown-it asks every rule about every line, and most rules say no to the first character. Which characters a rule
can begin with is known beforehand, so the others need not be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[[Any, int, int, bool], bool]
"""A rule: the parser's state, a line, the line to end before, whether only to look; whether it applies."""

STARTS = {
    "fence": "`~",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*-+0123456789",
    "reference": "[",
    "html_block": "<",
    "heading": "#",
}
"""The characters that lines of a block begin with; rules without an entry are asked about every line."""


class Marked:
    """The chains of a ruler, each as one rule that asks only those which may apply, in the ruler's order."""

    def __init__(self, ruler: Any, starts: Mapping[str, str] = STARTS) -> None:
        self._active: list[str] = ruler.get_active_rules()
        rules = [rule for rule in ruler.__rules__ if rule.enabled]
        chains = {"": rules}
        for rule in rules:
            for chain in rule.alt:
                chains[chain] = [other for other in rules if chain in other.alt]
        self._chains = {
            chain: [_asking([(rule.fn, starts.get(rule.name)) for rule in some])] for chain, some in chains.items()
        }

    def getRules(self, chain: str = "") -> list[Rule]:  # noqa: N802, markdown-it's name
        """The one rule that stands for a chain; none where the chain has none."""
        return self._chains.get(chain, [])

    def get_active_rules(self) -> list[str]:
        """The names of all rules."""
        return self._active


def _asking(rules: list[tuple[Rule, str | None]]) -> Rule:
    """A rule that applies where one of the rules does."""
    always = tuple(rule for rule, marks in rules if marks is None)
    known = {
        mark: tuple(rule for rule, marks in rules if marks is None or mark in marks)
        for mark in sorted({mark for _, marks in rules for mark in marks or ""})
    }

    def ask(state: Any, start: int, end: int, silent: bool) -> bool:
        at = state.bMarks[start] + state.tShift[start]
        asked = known.get(state.src[at], always) if at < state.eMarks[start] else always
        for rule in asked:  # noqa: SIM110, a generator more would cost as much as the rules
            if rule(state, start, end, silent):
                return True
        return False

    return ask
