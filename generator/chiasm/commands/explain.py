"""`chiasm explain`: what a rule means, what a claim says and on what grounds, which claim a generated line carries."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from chiasm import console
from chiasm.commands import project
from chiasm.commands.show import closest
from chiasm.exits import CLEAN, USAGE, Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chiasm.graph import Graph

LINE = re.compile(r"(?P<path>[^:]+\.(?:py|md)):(?P<line>\d+)")


def run(subject: str) -> int:
    """Print the explanation, or every rule in a line; ends with usage where nothing of that name is known."""
    from chiasm.check import all_rules, rule

    if not subject:
        console.table([(one.id, one.summary) for one in all_rules()])
        console.say("\n`chiasm explain RULE` shows an example of each, and how to mend it")
        return CLEAN
    if found := LINE.fullmatch(subject):
        return _line(found["path"].removeprefix("./"), int(found["line"]))
    if known := rule(subject):
        console.say(known.id, "bold")
        console.say(f"\n{known.page}")
        return CLEAN
    if subject.startswith("generated/"):
        raise Stop(f"{subject} names no line", USAGE, hint=f"add one: {subject}:40")
    if "/" in subject:
        return _claim(_graph(), subject)
    raise Stop(f"{subject!r} is no rule, claim or line", USAGE, hint=closest(subject, [one.id for one in all_rules()]))


def _graph() -> Graph:
    from chiasm.knowledge import knowledge

    return knowledge(project.knowledge()).graph


def _claim(graph: Graph, name: str) -> int:
    from chiasm.explain import carried
    from chiasm.verdicts import judge

    stated = graph.facts.get(name)
    if not stated:
        raise Stop(f"no page makes the claim {name!r}", USAGE, hint=closest(name, graph.facts))
    for fact in stated:
        place = fact.cell.span
        console.say(f"{name} = {fact.cell.text}", "bold")
        lines = graph.lines(place.path)
        console.say(f"  {place.path}:{place.line}:{place.column}\n  {lines[place.line - 1].strip() if lines else ''}")
        if fact.evidence:
            cites = "; ".join(f"{cite.key} {cite.locator}".strip() for cite in fact.evidence.cites)
            console.say(f"  evidence: {graph.rank(fact.evidence)}{f' ({cites})' if cites else ''}")
    verdicts = [(one.outcome, str(one.span), f"{one.text}: {one.reason}") for one in judge(graph) if name in one.claims]
    if verdicts:
        console.say("  what rests on it:")
        console.table(verdicts, indent=4)
    code = {path: source.text for path, source in graph.others.items() if path.startswith("generated/")}
    places = [f"{path}:{number}" for path, number in islice(carried(code, name), 5)]
    # A preset leaves out what its base says already: then the base variant's line stands for this one.
    for other in () if places else _equals(graph, name):
        places = [
            f"{path}:{number}, which says the same of {other}" for path, number in islice(carried(code, other), 1)
        ]
        if places:
            break
    for said in places:
        console.say(f"  in code: {said}")
    return CLEAN


def _line(path: str, number: int) -> int:
    from chiasm.explain import claims_of, origin
    from chiasm.planning.decide import plan

    graph = _graph()
    lines = graph.lines(path)
    if lines is None or not 1 <= number <= len(lines):
        hint = "name a file from the project's root: generated/llava/config.py:40"
        raise Stop(f"there is no {path}:{number}", USAGE, hint=f"{path} has {len(lines)} lines" if lines else hint)
    console.say(lines[number - 1].strip(), "bold")
    package = path.split("/")[1] if path.count("/") > 1 else ""
    spec = next((one for one in graph.specs.values() if one.system.replace("-", "_") == package), None)
    planned = plan(spec)[0] if spec else None
    if spec and planned:
        made = origin(planned, path, number, "\n".join(lines))
        where = f"{made.file}:{made.line}" if made.line else made.file
        console.say(f"  made by {where}{f', the component of {made.kind}' if made.kind else ''}, for {spec.path}")
    for name in claims_of(lines[number - 1]):
        if name in graph.facts:
            _claim(graph, name)
    return CLEAN


def _equals(graph: Graph, name: str) -> Iterator[str]:
    """Claims of other variants about the same field, with the same value."""
    system, _, rest = name.partition(":")
    field, value = rest.partition("/")[2], graph.facts[name][0].value
    for other, facts in graph.facts.items():
        if other.startswith(f"{system}:") and other.endswith(f"/{field}") and other != name and facts[0].value == value:
            yield other
