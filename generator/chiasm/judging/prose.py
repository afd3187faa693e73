"""Judges numbers in prose: linked statements by their scope, unlinked numbers by the facts they can mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Set
from dataclasses import replace
from functools import partial

from chiasm.claiming.claim import Claims, Disagreement, Number, Position, Statement
from chiasm.claiming.sections import target
from chiasm.diagnostic import Fix, Label
from chiasm.graph import Graph
from chiasm.judging import counts
from chiasm.judging import scope as scopes
from chiasm.judging.likeness import meant
from chiasm.judging.plain.fences import fences
from chiasm.judging.plain.said import said
from chiasm.judging.plain.unlinked import number_verdict
from chiasm.judging.scope import Truth
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import Verdict, agrees, written
from chiasm.regex import regex
from chiasm.span import Span
from chiasm.spec.model import ModelSpec


def verdicts(graph: Graph, page: Claims) -> Iterator[Verdict]:
    """A verdict for every number in a page's prose."""
    for statement in page.statements:
        yield _statement(graph, page, statement)
    remarks = [one for one in said(graph, page) if one.subject == "number"]
    last: tuple[Number, Verdict] | None = None
    kept = graph.recall.page("numbers", page) if graph.recall else None
    for number in page.numbers:
        made = next((one for one in remarks if _covers(one.span, number.span)), None)
        if not made and kept:
            make = partial(number_verdict, graph, page, number)
            made = kept.of(number.passage, number.start, make, lambda one: not one.labels)
        made = made or number_verdict(graph, page, number)
        if made.outcome == "refuted" and any(_beside(made, one) for one in remarks):
            made = replace(made, outcome="not judged", reason=BESIDE, rule="")
        if made.outcome == "not judged" and last and _is_square(last[0], number):
            made = _again(last[1], made)
        last = (number, made)
        yield made
    yield from fences(graph, page)


BESIDE = "the arithmetic beside it is refuted"
SQUARE = regex(r" ?[×x] ?")


def _is_square(first: Number, second: Number) -> bool:
    """Whether two numbers are the sides of a square: 336×336 says one thing."""
    if first.passage is not second.passage or first.quantity.value != second.quantity.value:
        return False
    between = first.passage.words[first.start : second.start]
    return SQUARE.fullmatch(between.lstrip("0123456789,.").removeprefix("px").removeprefix(" px")) is not None


def _again(first: Verdict, second: Verdict) -> Verdict:
    """The verdict on a square's other side: one mistake is one finding."""
    if first.outcome == "refuted":
        return replace(second, reason="it is the other side of a square that is refuted")
    return replace(first, span=second.span, text=second.text)


def _covers(outer: Span, inner: Span) -> bool:
    return outer[:2] == inner[:2] and outer.column <= inner.column and inner.end <= outer.end


def _beside(made: Verdict, remark: Verdict) -> bool:
    """Whether a number is part of arithmetic that is refuted, or said again beside it: one mistake is one finding."""
    if remark is made or remark.outcome != "refuted":
        return False
    again = (
        remark.text == made.text and remark.span.path == made.span.path and abs(remark.span.line - made.span.line) <= 1
    )
    return again or any(_covers(label.span, made.span) for label in remark.labels)


def _statement(graph: Graph, page: Claims, statement: Statement) -> Verdict:
    path, fragment = target(page.document.path, statement.link.href)
    spec = graph.spec_at(path) or graph.specs.get(statement.system)
    text = statement.quantity.text or statement.words
    if spec is None:
        why = f"it links a section of {path}, which is about no one system"
        return Verdict("not judged", "statement", text, statement.span, why)
    variant = graph.variant_at(path, fragment)
    try:
        asked = scopes.read(spec, scopes.slot_at(graph, path, fragment), statement.scope)
        if variant and len(asked.variants) == len(spec.variants):
            asked.variants = (variant,)
        truths = asked.truths()
    except ScopeError as error:
        place = _within(graph, statement, str(error))
        sure = _sure(spec, str(error))
        return Verdict(
            "refuted",
            "statement",
            text,
            statement.span,
            str(error),
            rule="unknown-scope",
            labels=(Label(statement.span, "nothing to compare this with"),),
            help=_suggestion(spec, str(error)),
            fix=Fix(place, sure) if sure and place.end - place.column == len(_asked(str(error))) else None,
            place=place,
        )
    if wrong := counts.other(graph, statement, asked):
        return wrong
    return _compared(spec, statement, truths, asked.what)


def _within(graph: Graph, statement: Statement, message: str) -> Span:
    """The item of a scope that an error is about, else the whole scope, else the number."""
    title, lines = statement.link.title_span, graph.lines(statement.span.path)
    if not statement.link.title or not lines:
        return statement.span
    asked = re.search(r"`([^`]+)`", message)
    at = lines[title.line - 1].find(asked[1], title.column - 1, title.end) if asked else -1
    return title._replace(column=at + 1, end=at + 1 + len(asked[1])) if asked and at >= 0 else title


def _suggestion(spec: ModelSpec, message: str) -> str:
    """What the scope may have meant, else how one is written."""
    asked = re.search(r"`([^`]+)`", message)
    near = difflib.get_close_matches(asked[1], _names(spec), 1, 0.75) if asked else []
    if near and asked and near[0] != asked[1] and "differs" not in message and "depends" not in message:
        return f"did you mean `{near[0]}`?"
    return 'write the link\'s title as "field or arithmetic, variant, stage"'


def _sure(spec: ModelSpec, message: str) -> str:
    """The one name that was certainly meant, as where a field or a variant was renamed; "" for none."""
    asked = _asked(message)
    certain = asked and "differs" not in message and "depends" not in message
    found = meant(asked, _names(spec)) if certain else ""
    return "" if found == asked else found


def _asked(message: str) -> str:
    """The name that an error is about; "" for none."""
    found = re.search(r"`([^`]+)`", message)
    return found[1] if found else ""


def _names(spec: ModelSpec) -> list[str]:
    """What a scope may name: fields, stages, variants."""
    fields = {name for variant in spec.variants for slot, own in variant.entries for name in (own, f"{slot}.{own}")}
    stages = {stage.replace("-", " ") for stage in spec.stages}
    return sorted({*fields, *stages, *(variant.key for variant in spec.variants)})


def _compared(spec: ModelSpec, statement: Statement, truths: tuple[Truth, ...], what: str) -> Verdict:
    quantity = statement.quantity
    text = quantity.text or statement.words
    wrong = [truth for truth in truths if not agrees(quantity, truth.value) and not _from_the_end(statement, truth)]
    claims = tuple(dict.fromkeys(claim for truth in truths for claim in truth.claims))
    if not wrong:
        return Verdict("proved", "statement", text, statement.span, f"{what}: {truths[0].arithmetic}", claims)
    if said := _said(spec, statement):
        return Verdict(
            "reported", "statement", text, statement.span, f"{said}; here {what} is {truths[0].arithmetic}", claims
        )
    first = wrong[0]
    expected = written(first.value, quantity)
    of = f" ({first.variant})" if len(spec.variants) > 1 else ""
    fix = Fix(statement.span, expected) if _exactly(statement, text) and len(wrong) == len(truths) == 1 else None
    return Verdict(
        "refuted",
        "statement",
        text,
        statement.span,
        f"{what}{of} is {first.arithmetic}",
        claims,
        expected,
        "statement-refuted",
        first.labels,
        f"write {expected}, or name another scope in the link's title",
        fix,
    )


def _from_the_end(statement: Statement, truth: Truth) -> bool:
    """A block counted from the end: "the last but one" is -2."""
    return "last but" in statement.words.lower() and truth.value == -1 - statement.quantity.value


def _exactly(statement: Statement, text: str) -> bool:
    return statement.span.end - statement.span.column == len(text)


def _said(spec: ModelSpec, statement: Statement) -> str:
    """The source that says a number which is not the one followed, as a table of disagreement states it."""
    asked = set(scopes.named(spec, statement.scope))
    for disagreement in (one for one in spec.disagreements if _is_about(one, statement)):
        for position in disagreement.positions:
            meant = set(scopes.named(spec, position.scope))
            cited = not statement.cites or any(
                position.cite and cite.key == position.cite.key for cite in statement.cites
            )
            other = (asked and meant and not asked & meant) or _of_another(spec, asked, position)
            if position.followed or not cited or not position.cite or other:
                continue
            if position.quantity and position.quantity.value == statement.quantity.value:
                return f"{position.cite.key} {position.cite.locator}".strip() + " says so"
    return ""


def _of_another(spec: ModelSpec, asked: Set[str], position: Position) -> bool:
    """The statement is about a variant here, the row about a release that is none (`ViT-g with FlanT5-XL`)."""
    keys = {variant.key for variant in spec.variants} & asked
    names = [item for item in position.scope if not scopes.named(spec, [item]) and item != item.lower()]
    return bool(keys and names and not keys & {*scopes.named(spec, position.scope)})


def _is_about(disagreement: Disagreement, statement: Statement) -> bool:
    """The table is about what the link's title names: its field, or the slot that it counts."""
    names = set(re.findall(r"[a-z_]+", " ".join(statement.scope[:1])))
    return bool(names & {disagreement.field, *disagreement.field.split("."), disagreement.slot})
