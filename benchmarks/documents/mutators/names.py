"""Names: an activation, a norm, a mask, a tensor, a configuration key, a link's anchor, a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from random import Random

from benchmarks.documents.base import Base, facts, lines
from benchmarks.documents.edit import Change, Edit, mutator
from benchmarks.documents.matches import in_cell
from benchmarks.documents.places import held
from chiasm.document import Cell, Heading, Link
from chiasm.graph import is_local
from chiasm.span import Span

ACTIVATIONS = ("gelu", "gelu_tanh", "quick_gelu", "relu", "silu", "relu2", "gelu_new")


def _named(base: Base, kind: str, field: re.Pattern[str], others: tuple[str, ...], random: Random) -> Iterator[Edit]:
    """Cells of fields whose value is a word of a list, with another word of it."""
    for _, fact in facts(base):
        if field.fullmatch(fact.field) and fact.cell.text in others:
            new = random.choice([other for other in others if other != fact.cell.text])
            yield from in_cell(base, kind, held(base, fact), fact.cell, new, f"{fact.id} is {fact.cell.text}")


@mutator("activation", "the activation is another one")
def activation(base: Base, random: Random) -> Iterator[Edit]:
    """`quick_gelu` → `gelu`."""
    return _named(base, "activation", re.compile(r".*activation"), ACTIVATIONS, random)


@mutator("kind-of", "a word that says how a part works is another one of its kind")
def word(base: Base, random: Random) -> Iterator[Edit]:
    """`resample bicubic` → `bilinear`, `features patches` → `tokens`, `pooling last` → `first`."""
    choices: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("resample", ("bicubic", "bilinear", "nearest")),
        ("resize", ("exact", "shortest_edge", "pad")),
        ("features", ("tokens", "patches", "pooled")),
        ("pooling", ("last", "eos", "argmax", "first")),
        ("loss", ("sigmoid", "softmax")),
    )
    for field, words in choices:
        yield from _named(base, "kind-of", re.compile(field), words, random)


@mutator("taxonomy", "a system is filed under another alignment, fusion or stage")
def taxonomy(base: Base, random: Random) -> Iterator[Edit]:
    """`fusion_stage early` → `late`; `alignment resampling` → `projection`."""
    choices = (
        ("fusion_stage", ("early", "mid", "late")),
        ("alignment", ("projection", "resampling", "text-conditioned")),
        ("fusion", ("interleaved", "cross-attention", "modality experts", "contrastive")),
        ("encoding", ("pretrained encoder", "raw patches")),
    )
    for field, words in choices:
        yield from _named(base, "taxonomy", re.compile(field), words, random)
    for path in base.pages:
        for comparison in base.claims(path).comparisons:
            for cell in (cell for row in comparison.rows for cell in row[1:]):
                among = next((words for _, words in choices if cell.text in words), None)
                if among and base.verdict(cell.span) and base.at(cell.span) == cell.text:
                    new = random.choice([other for other in among if other != cell.text])
                    yield Edit("taxonomy", "tabulated", (Change(cell.span, cell.text, new),), f"it is {cell.text}")


@mutator("mask-cell", "a mask lets something see, or hides it")
def mask_cell(base: Base, random: Random) -> Iterator[Edit]:
    """`all / none` → `all / all`, `causal` → `all`."""
    for cell, parts in _masks(base):
        for at, part in enumerate(parts):
            new = random.choice([mask for mask in ("all", "none", "causal") if mask != part])
            told = " / ".join((*parts[:at], new, *parts[at + 1 :]))
            yield Edit("mask-cell", "mask", (Change(cell.span, cell.text, told),), cell.text)


@mutator("mask-direction", "reader and read have changed places")
def mask_direction(base: Base, _: Random) -> Iterator[Edit]:
    """`text → query` → `query → text`."""
    for at, line in lines(base):
        for found in re.finditer(r"(query|text) → (query|text)(?= / | \|)", line):
            if found[1] != found[2] and line.startswith("|"):
                span = Span(at.path, at.line, found.start() + 1, found.end() + 1)
                change = Change(span, found.group(), f"{found[2]} → {found[1]}")
                yield Edit("mask-direction", "mask", (change,), found.group())


def _masks(base: Base) -> Iterator[tuple[Cell, list[str]]]:
    for path in base.pages:
        page = base.claims(path)
        lines = {span.line for mask in page.masks for cells in mask.spans.values() for span in cells.values()}
        for block in page.document.blocks:
            for cell in (cell for row in getattr(block, "rows", ()) for cell in row[1:-1]):
                parts = cell.text.split(" / ")
                if cell.span.line in lines and set(parts) <= {"all", "none", "causal"}:
                    yield cell, parts


@mutator("tensor-name", "a released tensor has another name")
def tensor(base: Base, _: Random) -> Iterator[Edit]:
    """`language_model.lm_head` → `language_model.head`."""
    slips = {"lm_head": "head", "_proj": "_projection", "layernorm": "layer_norm", "layer_norm": "layernorm"}
    slips |= {"attn": "attention", "embeddings": "embedding", "vision_model": "visual_model", "fc1": "linear1"}
    return _released(base, "tensor-name", "tensors", slips)


@mutator("configuration-key", "a key of the released configuration has another name")
def configuration(base: Base, _: Random) -> Iterator[Edit]:
    """`num_hidden_layers` → `num_layers`."""
    slips = {"num_hidden_layers": "num_layers", "hidden_size": "hidden_dim", "intermediate_size": "ffn_dim"}
    slips |= {"num_attention_heads": "num_heads", "hidden_act": "activation", "_eps": "_epsilon", "_id": "_index"}
    return _released(base, "configuration-key", "configuration", slips)


def _released(base: Base, kind: str, what: str, slips: Mapping[str, str]) -> Iterator[Edit]:
    for path in base.pages:
        for table in (table for table in base.claims(path).names if table.what == what):
            for cell in (cell for _, cells in table.rows for cell in cells.values()):
                line = base.line(path, cell.span.line)
                for found in re.finditer(r"`([\w.]+)`", line[: cell.span.end - 1]):
                    slip = next((one for one in slips.items() if re.search(rf"{one[0]}(?![a-z])", found[1])), None)
                    if slip and found.start() >= cell.span.column - 1:
                        new = re.sub(rf"{slip[0]}(?![a-z])", slip[1], found[1], count=1)
                        span = Span(path, cell.span.line, found.start(1) + 1, found.end(1) + 1)
                        yield Edit(kind, "structure", (Change(span, found[1], new),), found[1])


@mutator("link-anchor", "a link leads to a section that is not there")
def anchor(base: Base, random: Random) -> Iterator[Edit]:
    """`#alignment` → `#aligment`."""
    for path, link in _links(base):
        fragment = link.href.partition("#")[2]
        if len(fragment) > 4:
            at = random.randrange(1, len(fragment) - 1)
            new = link.href[: -len(fragment)] + fragment[:at] + fragment[at + 1 :]
            yield Edit("link-anchor", "link", (Change(link.href_span, link.href, new),), f"{path}: {link.href}")


@mutator("link-page", "a link leads to a page that is not there")
def page(base: Base, _: Random) -> Iterator[Edit]:
    """`../models/blip-2.md` → `../models/blip2.md`."""
    slips = (("-", ""), ("models/", "model/"), ("concepts/", "concept/"), (".md", ".html"))
    for path, link in _links(base):
        slip = next(((old, new) for old, new in slips if old in link.href.partition("#")[0]), None)
        if slip:
            new = link.href.replace(slip[0], slip[1], 1)
            yield Edit("link-page", "link", (Change(link.href_span, link.href, new),), f"{path}: {link.href}")


def _links(base: Base) -> Iterator[tuple[str, Link]]:
    for path in base.pages:
        for link in base.claims(path).links:
            if is_local(link.href) and base.at(link.href_span) == link.href and link.href.endswith("bib") is False:
                yield path, link


@mutator("heading", "a slot's heading is misspelt")
def heading(base: Base, random: Random) -> Iterator[Edit]:
    """`## Language model` → `## Langauge model`."""
    for path in base.pages:
        for block in base.claims(path).document.blocks:
            if isinstance(block, Heading) and block.level == 2 and "/models/" in path and block.text != "Variants":
                line, at = base.line(path, block.span.line), random.randrange(4, len(block.text) + 2)
                new = line[:at] + line[at + 1] + line[at] + line[at + 2 :] if at + 1 < len(line) else ""
                if new and new != line and not block.text.startswith("What"):
                    yield Edit("heading", "structure", (Change(Span(path, block.span.line), line, new),), block.text)
