"""`chiasm explain`: what a rule means, what a claim says and what follows from it, what made a generated line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from chiasm import console
from chiasm.commands import project
from chiasm.commands.show import closest
from chiasm.exits import CLEAN, USAGE, Stop
from chiasm.regex import regex

if TYPE_CHECKING:
    from chiasm.claiming.claim import Fact
    from chiasm.graph import Graph

LINE = regex(r"(?P<path>[^:]+\.(?:py|md)):(?P<line>\d+)")
CLAIM = regex(r"(?P<system>[^/:]+)(?::(?P<variant>[^/]+))?/(?P<slot>\w+)\.(?P<field>\w+)")
FEW = 12
"""Generated lines, or variants, that are named one by one."""


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
        console.say(f"\n{known.whole.rstrip()}")
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
    """A claim with all that is made of it; a value that a system takes from another page leads to the claim there."""
    if name not in graph.facts:
        taken = dict.fromkeys(_taken(graph, name))
        if not taken:
            raise Stop(f"no page makes the claim {name!r}", USAGE, hint=closest(name, graph.facts))
        for claim in taken:
            console.say(f"{name} is taken from {claim}\n")
            _claim(graph, claim)
        return CLEAN
    for fact in graph.facts[name]:
        _fact(graph, fact)
    _follows(graph, name)
    _rests(graph, name)
    _code(graph, name)
    return CLEAN


def _taken(graph: Graph, name: str) -> Iterator[str]:
    """The claims from which a system's variants have a value."""
    asked = CLAIM.fullmatch(name)
    spec = graph.specs.get(asked["system"]) or graph.specs.get(asked["system"].replace("_", "-")) if asked else None
    for variant in spec.variants if spec else ():
        entry = variant.entries.get((asked["slot"], asked["field"])) if asked else None
        if entry and entry.claim in graph.facts and asked and asked["variant"] in (None, variant.key):
            yield entry.claim


def _fact(graph: Graph, fact: Fact, indent: str = "") -> None:
    """A claim: what it says, where, on what evidence."""
    place = fact.cell.span
    lines = graph.lines(place.path)
    console.say(f"{indent}{fact.id} = {fact.cell.text}", "bold")
    console.say(f"{indent}  {place.path}:{place.line}:{place.column}")
    console.say(f"{indent}  {lines[place.line - 1].strip() if lines else ''}")
    if fact.evidence:
        cites = "; ".join(f"{cite.key} {cite.locator}".strip() for cite in fact.evidence.cites)
        console.say(f"{indent}  evidence: {graph.rank(fact.evidence)}{f' ({cites})' if cites else ''}")


def _follows(graph: Graph, name: str) -> None:
    """The variants that have the value, and for each what is derived and counted from it."""
    from chiasm.consequences import consequences, users

    used = {f"{spec.system}:{variant.key}": (variant, entry) for spec, variant, entry in users(graph.specs, name)}
    if not used:
        return
    console.say(f"  used by {_some(list(used))}")
    shown = dict[tuple[str, ...], list[str]]()
    for key, (variant, entry) in used.items():
        for one in consequences(variant, entry):
            shown.setdefault(tuple(one), []).append(key)
    if shown:
        console.say("  what follows from it:")
        console.table(
            [(what, value, f"{how}, in {_some(keys)}") for (what, value, how), keys in shown.items()], indent=4
        )


def _rests(graph: Graph, name: str) -> None:
    from chiasm.verdicts import judge

    verdicts = [(one.outcome, str(one.span), f"{one.text}: {one.reason}") for one in judge(graph) if name in one.claims]
    if verdicts:
        console.say("  what rests on it:")
        console.table(verdicts, indent=4)


def _code(graph: Graph, name: str) -> None:
    from chiasm.explain import carried

    places = [f"{path}:{number}" for path, number in carried(graph.others, {name})]
    for said in places[:FEW]:
        console.say(f"  in code: {said}")
    if len(places) > FEW:
        console.say(f"  in code: {len(places) - FEW} lines more")
    # A preset leaves out what its base says already: then the base variant's line stands for this one.
    for other in () if places else _equals(graph, name):
        for path, number in islice(carried(graph.others, {other}), 1):
            console.say(f"  in code: {path}:{number}, which says the same of {other}")
            return


def _line(path: str, number: int) -> int:
    from chiasm.explain import claims_of, traced

    graph = _graph()
    lines = graph.lines(path)
    if lines is None or not 1 <= number <= len(lines):
        hint = "name a file from the project's root: generated/llava/config.py:40"
        raise Stop(f"there is no {path}:{number}", USAGE, hint=f"{path} has {len(lines)} lines" if lines else hint)
    text = lines[number - 1]
    console.say(text.strip(), "bold")
    made = traced(graph.others, path, number)
    if made is None:
        raise Stop(f"{path} is not as it was written, so its lines cannot be traced", USAGE, hint="run `chiasm build`")
    console.say(f"  made by {made.place}")
    _gates(graph, path, made.gates)
    for page in made.pages:
        console.say(f"  says what {_section(graph, page)} says")
    for name in dict.fromkeys((*made.claims, *claims_of(text))):
        if name in graph.facts:
            for fact in graph.facts[name]:
                _fact(graph, fact, "  ")
        elif taken := dict.fromkeys(_taken(graph, name)):
            console.say(f"  is about {name}: {_some(list(taken))}")
    for name in made.claims:
        console.say(f"  `chiasm explain {name}` says what follows from it")
    return CLEAN


def _gates(graph: Graph, path: str, gates: Sequence[str]) -> None:
    """Why lines that not every package has are in this one."""
    from chiasm.explain import opened

    package = path.split("/")[1]
    spec = next((one for one in graph.specs.values() if one.system.replace("-", "_") == package), None)
    for gate in gates:
        claims = dict.fromkeys(opened(spec, gate)) if spec else {}
        why = f", which {_some(list(claims), 3)} opens" if claims else ", which no variant opens"
        console.say(f"  stands behind the gate `{gate}`{why}")


def _section(graph: Graph, page: str) -> str:
    """Where a section of a page stands."""
    path, _, anchor = page.partition("#")
    headings = graph.faces[path].headings if path in graph.faces else ()
    found = next((one for one in headings if one.slug == anchor), None)
    return f"{path}:{found.line}" if found else path


def _some(names: Sequence[str], few: int = FEW) -> str:
    more = f" and {len(names) - few} more" if len(names) > few else ""
    return f"{', '.join(names[:few])}{more}"


def _equals(graph: Graph, name: str) -> Iterable[str]:
    """Claims of other variants about the same field, with the same value."""
    system, _, rest = name.partition(":")
    field, value = rest.partition("/")[2], graph.facts[name][0].value
    for other, facts in graph.facts.items():
        if other.startswith(f"{system}:") and other.endswith(f"/{field}") and other != name and facts[0].value == value:
            yield other
