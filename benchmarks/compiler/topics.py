"""Makes survey pages: a number in, a page out that links, cites and counts. A planted page has one finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from benchmarks.compiler.systems import System
from benchmarks.compiler.words import FORMULAS, SECTIONS, TOPICS, bullets, fence, grid, sentence, wrapped

PLANTED = 3
FACTS = {
    "encoder.layers": "encoder",
    "encoder.heads": "encoder",
    "language_model.layers": "language-model",
    "language_model.dim": "language-model",
    "language_model.heads": "language-model",
}
"""Facts that pages state about a system, and the section that holds them."""


def topic(number: int, count: int, systems: Sequence[System], seed: int, *, planted: bool) -> str:
    """The survey page of that number, of `count`."""
    random = Random(f"{seed} topic {number}")
    known = sorted({f"note-{random.randrange(count // 5 + 1):05}" for _ in range(6)})
    near = [*sorted({(number + step) % count for step in (1, 2, 7, 31)} - {number}), random.randrange(count)]
    parts = [f"# {random.choice(TOPICS)}, note {number}", _paragraph(random, known, near, systems)]
    for place, heading in enumerate(SECTIONS):
        parts += [f"## {heading}", _paragraph(random, known, near, systems)]
        parts += [block for block in _blocks(place, random, systems) if block]
    if planted:
        parts.append(f"Nobody wrote the page on [what comes next](missing-{number:05}.md).")
    cited = sorted(key for key in known if any(f"[@{key}]" in part for part in parts))
    parts.append("\n".join(f'[@{key}]: https://example.org/{key} "accessed 2026-11-01"' for key in cited))
    return "\n\n".join(parts) + "\n"


def source(key: str, random: Random) -> str:
    """An entry of the bibliography."""
    kind = "  keywords = {released},\n" if key.endswith("-config") else ""
    return (
        f"@article{{{key},\n  title = {{{random.choice(TOPICS)} and {random.choice(TOPICS).lower()}, {key}}},\n"
        f"  author = {{Doe, {random.choice('ABCDEFGH')}. and Roe, {random.choice('JKLMNP')}.}},\n{kind}"
        f"  year = {{{random.randrange(2019, 2027)}}},\n"
        f"  url = {{https://example.org/{key}}}, urldate = {{2026-11-01}}\n}}\n"
    )


def _paragraph(random: Random, known: Sequence[str], near: Sequence[int], systems: Sequence[System]) -> str:
    said = [f"{sentence(random)} [@{random.choice(known)}] §{random.randrange(1, 7)}"]
    other, place = f"topic-{random.choice(near):05}.md", _slug(random.choice(SECTIONS))
    said.append(f"[Another note]({other}#{place}) says that {sentence(random).lower()}")
    said.append(f"That was seen in {random.randrange(3, 99)} of {random.randrange(100, 999)} cases")
    if systems:
        said.append(_stated(random, random.choice(systems)))
    return wrapped(". ".join(said) + ".")


def _stated(random: Random, one: System) -> str:
    fact, anchor = random.choice(sorted(FACTS.items()))
    variant = random.choice(one.variants)
    name = fact.partition(".")[2]
    link = f'[{one.facts[variant][fact]}](../models/{one.slug}.md#{anchor} "{name}, {variant}")'
    return f"The {name} of [{one.name} {variant}](../models/{one.slug}.md#{variant}) is {link}"


def _slug(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _blocks(place: int, random: Random, systems: Sequence[System]) -> Iterator[str]:
    if place == 1:
        yield fence(random)
    elif place == 2:
        yield bullets(random, 3)
    elif place == 3:
        yield grid(random, 4)
    elif place == 4:
        yield f"$$\n{random.choice(FORMULAS)} = {random.choice(FORMULAS)}\n$$"
    elif place == 6 and systems:
        yield _comparison(random, systems)


def _comparison(random: Random, systems: Sequence[System]) -> str:
    """A table whose cells are held against the systems that its rows link."""
    decoder, tower = "../concepts/language-models.md", "../concepts/encoders.md"
    head = f'[layers]({decoder} "language_model.layers") | [width]({decoder} "language_model.dim")'
    lines = [f'| model | {head} | [heads]({tower} "encoder.heads") |', "|---|--:|--:|--:|"]
    for one in random.sample(list(systems), min(4, len(systems))):
        variant = random.choice(one.variants)
        cells = (
            one.facts[variant][f"{fact}"] for fact in ("language_model.layers", "language_model.dim", "encoder.heads")
        )
        lines.append(f"| [{one.name} {variant}](../models/{one.slug}.md#{variant}) | {' | '.join(cells)} |")
    return "\n".join(lines)
