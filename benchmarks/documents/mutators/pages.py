"""Between documents: a drop and its target, an excerpt and its page, a quotation, a sentence on another page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from random import Random

from benchmarks.documents import values
from benchmarks.documents.base import Base, lines
from benchmarks.documents.edit import Change, Edit, Where, mutator
from chiasm.document import Heading, Paragraph, Table
from chiasm.judging.released import comparisons, sizes
from chiasm.judging.terms import ScopeError, field_value
from chiasm.span import Span
from chiasm.spec.model import ModelSpec


@mutator("drop-target", "a drop says of its target what is not so")
def drop(base: Base, random: Random) -> Iterator[Edit]:
    """`| sections | 8 |` → `| sections | 9 |`, a line, an access date."""
    for path in base.pages:
        for block in base.claims(path).document.blocks if "/drops/" in path else ():
            if isinstance(block, Table) and len(block.header) > 1:
                for cell in (row[1] for row in block.rows if len(row) > 1):
                    number = re.fullmatch(r"\d+|\d{4}-\d\d-\d\d", cell.text)
                    added = base.line(path, cell.span.line).startswith("| added")
                    new = next(values.neighbour(cell.text, random), cell.text[:-1] + "9") if number else ""
                    if new and not added and new != cell.text:
                        yield Edit("drop-target", "tabulated", (Change(cell.span, cell.text, new),), cell.text)


@mutator("excerpt", "a value is copied wrongly out of a released file")
def excerpt(base: Base, random: Random) -> Iterator[Edit]:
    """`"num_hidden_layers": 32` → `"num_hidden_layers": 23`."""
    specs = base.graph.specs.values()
    held = {(one.excerpt.path, one.key) for spec in specs for one in comparisons(base.graph, spec) if one.agrees}
    held |= {(one.excerpt.path, "total_size") for spec in specs for one in sizes(base.graph, spec) if one.agrees}
    for path, source in base.others.items():
        for number, line in enumerate(source.lines, 1) if path.endswith(".json") else ():
            found = re.search(r'"([\w.]+)": (\d+)(?=,?$)', line)
            new = next((new for new in values.digit(found[2], random) if not new.startswith("0")), "") if found else ""
            if found and new:
                span = Span(path, number, found.start(2) + 1, found.end(2) + 1)
                where: Where = "anchored" if (path, found[1]) in held else "un-anchored"
                yield Edit("excerpt", where, (Change(span, found[2], new),), found.group())


@mutator("quotation", "a quotation is altered by a word or a number")
def quotation(base: Base, random: Random) -> Iterator[Edit]:
    """`"preserves details where needed"` → `"preserves information where needed"`."""
    slips = {
        "details": "information",
        "learned": "trained",
        "cognitive": "biologically",
        "secret": "special",
        "trainable": "frozen",
        "experts": "adapters",
        "additional": "extra",
        "promise": "claim",
    }
    for place, line in lines(base):
        if line.startswith("[@"):
            continue
        # A link's title stands between quotation marks too.
        plain = re.sub(r"\]\([^)]*\)", lambda match: "\0" * len(match.group()), line)
        for quoted in re.finditer(r'"([^"\n]{6,90})"', plain):
            if "\0" not in quoted[1]:
                word = next((word for word in slips if re.search(rf"\b{word}\b", quoted[1])), "")
                digits = re.search(r"\d+", quoted[1])
                at = line.index(word, quoted.start()) if word else quoted.start(1) + digits.start() if digits else -1
                old = word or (digits.group() if digits else "")
                new = slips[word] if word else next(values.digit(old, random), "") if old else ""
                if at >= 0 and new:
                    span = Span(place.path, place.line, at + 1, at + 1 + len(old))
                    yield Edit("quotation", "loose", (Change(span, old, new),), quoted[1])


SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("alignment", "num_queries", "It compresses an image into {} learned queries."),
    ("alignment", "num_queries", "The resampler returns {} tokens per image."),
    ("budget", "image_tokens", "Every image takes {} tokens in the language model."),
    ("encoder", "layers", "The vision encoder has {} layers."),
    ("encoder", "dim", "The vision encoder is {} wide."),
    ("encoder", "patch_size", "Images are cut into {}×{} pixel patches."),
    ("encoder", "image_size", "The vision encoder sees images of {}×{} pixels."),
    ("language_model", "layers", "Its language model is a decoder with {} layers."),
    ("language_model", "dim", "Its language model has a hidden size of {}."),
    ("language_model", "context", "Its language model has a context window of {} tokens."),
    ("language_model", "heads", "Its language model uses {} attention heads."),
    ("language_model", "vocab_size", "Its vocabulary has {} entries."),
)
"""What people write of a system on another page, without a link."""


@mutator("another-page", "a survey says of a system what its page does not say")
def another_page(base: Base, random: Random) -> Iterator[Edit]:
    """A sentence about BLIP-2 with the queries of Flamingo, in a section that names BLIP-2."""
    for path in (path for path in base.pages if "/surveys/" in path or "/concepts/" in path):
        page = base.claims(path)
        ends = [block for block in page.document.blocks if isinstance(block, Paragraph) and not block.container]
        for spec in base.graph.specs.values():
            own = [end for end in ends if spec.title.lower() in _text(base, path, end).lower()] or ends[-1:]
            for slot, field, sentence in SENTENCES:
                said = _values(spec, slot, field)
                known = {value for one in base.graph.specs.values() for value in _values(one, slot, field)}
                others = sorted(known - said)
                if len(said) == 1 and others and own:
                    number = f"{int(random.choice(others)):,}"
                    block = random.choice(own)
                    line = base.line(path, block.end_line)
                    new = f" {_named(sentence, spec)}".replace("{}", number)
                    change = Change(Span(path, block.end_line, len(line) + 1, len(line) + 1), "", new)
                    yield Edit("another-page", "prose", (change,), f"{spec.system}: {slot}.{field} is {min(said)}")


def _named(sentence: str, spec: ModelSpec) -> str:
    """The sentence with the system's name in it."""
    if sentence.startswith("Its "):
        return sentence.replace("Its ", f"{spec.title}'s ", 1)
    return f"In {spec.title}, {sentence[0].lower()}{sentence[1:]}"


def _values(spec: ModelSpec, slot: str, field: str) -> set[Fraction]:
    found = set()
    for variant in spec.variants:
        try:
            value = field_value(variant, slot, field, {})
        except ScopeError:
            continue
        if value is not None and value.denominator == 1:
            found.add(value)
    return found


def _text(base: Base, path: str, block: Paragraph) -> str:
    return " ".join(base.line(path, number) for number in range(block.span.line, block.end_line + 1))


@mutator("title", "a system is called by another name in a heading")
def title(base: Base, _: Random) -> Iterator[Edit]:
    """`## 2. [BLIP-2](../models/blip-2.md)` → `## 2. [BLIP](../models/blip-2.md)`."""
    slips = {"BLIP-2": "BLIP", "Qwen3-VL": "Qwen2-VL", "Ovis 2.5": "Ovis 2", "LLaVA-NeXT": "LLaVA"}
    for path in base.pages:
        for block in base.claims(path).document.blocks:
            old = next((name for name in slips if isinstance(block, Heading) and name in block.text), "")
            if old:
                at = base.line(path, block.span.line).find(old)
                span = Span(path, block.span.line, at + 1, at + 1 + len(old))
                yield Edit("title", "structure", (Change(span, old, slips[old]),), old)
