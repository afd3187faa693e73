"""Reads sentences as strangers write them, each on a page of its own beside the shipped base; what is said out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from chiasm import graph, resolve, source
from chiasm.claims import claims
from chiasm.document import parse
from chiasm.graph import Graph
from chiasm.judging.plain.said import said
from chiasm.judging.verdict import Verdict
from chiasm.source import Source
from tests.middle.base import front, shipped

STRANGER = "stranger/p{}.md"


@cache
def linked(texts: tuple[str, ...]) -> Graph:
    """The shipped base and a foreign page for every text."""
    own = [front(path, text)[2] for path, text in sorted(shipped().items()) if path.endswith(".md")]
    specs, _ = resolve.resolve(own)
    theirs = []
    for number, text in enumerate(texts):
        read = source.source(STRANGER.format(number), text.encode())
        assert isinstance(read, Source)
        theirs.append(claims(parse(read), foreign=True)[0])
    made, _ = graph.link([*own, *theirs], specs, front_bibliography())
    return made


@cache
def front_bibliography() -> graph.Bibliography:
    """No source: strangers cite in their own ways."""
    return graph.Bibliography("", {})


def verdicts(sentences: Sequence[str]) -> list[tuple[Verdict, ...]]:
    """What is said beyond single numbers of every sentence; one that begins with `#` is a page."""
    pages = tuple(one if one.startswith("#") else f"# Notes\n\n{one}\n" for one in sentences)
    base = linked(pages)
    return [said(base, base.claims[STRANGER.format(number)]) for number in range(len(pages))]


def refuted(sentences: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """What is refuted in which sentence, and why; sentences of which all is left are not in it."""
    found = {
        sentence: [(one.text, one.reason) for one in made if one.outcome == "refuted"]
        for sentence, made in zip(sentences, verdicts(sentences), strict=True)
    }
    return {sentence: wrong for sentence, wrong in found.items() if wrong}
