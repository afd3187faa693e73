"""Scopes mistaken: trainable for total, one stage, variant, component or model for another, in titles and in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.documents.base import Base, within
from benchmarks.documents.edit import Change, Edit, mutator
from benchmarks.documents.places import asked
from chiasm.claiming.claim import Claims, Statement
from chiasm.claiming.sections import target
from chiasm.judging.terms import ScopeError
from chiasm.judging.verdict import agrees
from chiasm.span import Span

FIELDS = {
    "total": ("trainable", "language_model", "total without embeddings"),
    "trainable": ("total", "alignment"),
    "encoder": ("alignment", "language_model"),
    "alignment": ("encoder", "alignment.proj"),
    "language_model": ("total", "encoder"),
    "image_tokens": ("encoder.tokens",),
    "tokens": ("num_queries", "patch_size"),
    "layers": ("heads",),
    "heads": ("layers",),
    "dim": ("mlp_dim", "heads"),
    "context": ("vocab_size",),
    "num_queries": ("layers", "dim"),
}


def _linked(base: Base) -> Iterator[tuple[Claims, Statement]]:
    for path in base.pages:
        for statement in base.claims(path).statements:
            verdict = base.verdict(statement.span)
            if verdict and verdict.outcome == "proved":
                yield base.claims(path), statement


def _retitled(base: Base, page: Claims, statement: Statement, old: str, new: str) -> Edit | None:
    """The error that names `new` in the title where `old` stood; None where the number is true of that too."""
    items = tuple(new if item == old else item for item in statement.scope)
    title = statement.link.title_span
    span = within(base, title, old) if title else None
    if span is None or items == statement.scope:
        return None
    try:
        truths = asked(base, page, statement, items).truths()
    except ScopeError:
        truths = ()
    if any(agrees(statement.quantity, truth.value) for truth in truths):
        return None
    truth = f"{statement.quantity.text or statement.words} is “{statement.link.title}”"
    return Edit("", "linked", (Change(span, old, new),), truth)


@mutator("scope-field", "the link names another component or another count")
def field(base: Base, random: Random) -> Iterator[Edit]:
    """`"trainable, stage 2"` → `"total, stage 2"`."""
    for page, statement in _linked(base):
        old = statement.scope[0] if statement.scope else ""
        for new in random.sample(FIELDS.get(old, ()), len(FIELDS.get(old, ()))):
            if edit := _retitled(base, page, statement, old, new):
                yield replace(edit, kind="scope-field")
                break


@mutator("scope-variant", "the link names another variant")
def variant(base: Base, random: Random) -> Iterator[Edit]:
    """`"total, opt-2.7b"` → `"total, opt-6.7b"`."""
    for page, statement in _linked(base):
        spec = base.graph.spec_at(target(page.document.path, statement.link.href)[0])
        keys = [one.key for one in spec.variants] if spec else []
        for old in (item for item in statement.scope if item in keys):
            others = [key for key in keys if key != old]
            for new in random.sample(others, len(others)):
                if edit := _retitled(base, page, statement, old, new):
                    yield replace(edit, kind="scope-variant")
                    break


@mutator("scope-stage", "the link names another training stage")
def stage(base: Base, random: Random) -> Iterator[Edit]:
    """`"trainable, stage 2"` → `"trainable, stage 1"`."""
    for page, statement in _linked(base):
        spec = base.graph.spec_at(target(page.document.path, statement.link.href)[0])
        stages = [key.replace("-", " ") for key in spec.stages] if spec else []
        for old in (item for item in statement.scope if item in stages):
            others = [key for key in stages if key != old]
            for new in random.sample(others, len(others)):
                if edit := _retitled(base, page, statement, old, new):
                    yield replace(edit, kind="scope-stage")
                    break


@mutator("scope-page", "the link leads to another model's page")
def page_of(base: Base, random: Random) -> Iterator[Edit]:
    """`../models/blip-2.md#alignment` → `../models/flamingo.md#alignment`."""
    systems = sorted(base.graph.specs)
    for page, statement in _linked(base):
        path, _ = target(page.document.path, statement.link.href)
        spec = base.graph.spec_at(path)
        if not spec or path == page.document.path:
            continue
        for system in random.sample(systems, 4):
            href = statement.link.href.replace(f"{spec.system}.md", f"{system}.md")
            moved = replace(statement, link=replace(statement.link, href=href))
            try:
                truths = asked(base, page, moved).truths()
            except ScopeError:
                truths = ()
            known = system != spec.system and base.graph.spec_at(target(page.document.path, href)[0])
            span = statement.link.href_span
            false = not any(agrees(statement.quantity, truth.value) for truth in truths)
            if known and truths and false and base.at(span) == statement.link.href:
                change = Change(span, statement.link.href, href)
                yield Edit("scope-page", "linked", (change,), f"it is {spec.title}'s")
                break


WORDS = {
    "trainable": "total",
    "trained": "frozen",
    "stage 1": "stage 2",
    "stage 2": "stage 1",
    "first stage": "second stage",
    "second stage": "first stage",
    "in all": "in the encoder",
    "7B": "13B",
    "13B": "7B",
    "OPT-2.7B": "OPT-6.7B",
    "LLaVA 1.5": "LLaVA 1.0",
    "LLaVA 1.0": "LLaVA 1.5",
}


@mutator("scope-words", "the words beside a linked number name another stage, size or part than its title")
def words(base: Base, _: Random) -> Iterator[Edit]:
    """`stage 2 trains [107M](… "trainable, stage 2")` → `stage 1 trains [107M](…)`."""
    for page, statement in _linked(base):
        line, span = base.line(page.document.path, statement.span.line), statement.span
        start = line.rfind(". ", 0, span.column - 1) + 1
        # The words right before the link, in its own sentence and behind any other link.
        start = max(start, line.rfind(")", 0, span.column - 1) + 1, line.rfind("|", 0, span.column - 1) + 1)
        for old, new in WORDS.items():
            found = re.search(rf"\b{re.escape(old)}\b", line[start : span.column - 2])
            known = old.lower() in ", ".join(statement.scope).lower() or old in ("in all", "trained", "trainable")
            if found and known:
                at = start + found.start() + 1
                change = Change(Span(span.path, span.line, at, at + len(old)), old, new)
                yield Edit("scope-words", "prose", (change,), f"the link says “{statement.link.title}”")
                break
