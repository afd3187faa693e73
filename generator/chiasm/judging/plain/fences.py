"""Holds a configuration in a block of code against a system: a foreign page in; verdicts on its values out.

`"vision_config": {"patch_size": 16}` under a heading that names a system says a fact of it, if all else that the block
says is that system's. A block that agrees with a variant is proved; in one that differs in very little, what differs is
a mistake. Anything else is somebody's own configuration, and is left alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from chiasm.claiming.claim import Claims
from chiasm.claiming.passage import Passage
from chiasm.diagnostic import Label
from chiasm.document import Fence
from chiasm.evidence import Excerpt, Json
from chiasm.graph import Graph
from chiasm.judging.plain import denial
from chiasm.judging.plain.names import Mention, mentions, speaks
from chiasm.judging.plain.pairings import Setting, settings
from chiasm.judging.released import Comparison, compared, keys
from chiasm.judging.verdict import Verdict
from chiasm.regex import regex
from chiasm.span import Span
from chiasm.spec.model import ModelSpec, VariantSpec

KEYS = regex(
    r"(?:hidden_size|patch_size|num_(?:hidden_)?layers|num_(?:attention_)?heads|intermediate_size|num_query_tokens)\b"
)
LONGEST = 40_000
"""Characters of a block; a longer one is a file."""
SURE = 4
"""Values that agree for each one that differs."""
FIXED = frozenset(
    {
        "layers",
        "heads",
        "kv_heads",
        "dim",
        "mlp_dim",
        "head_dim",
        "image_size",
        "patch_size",
        "num_queries",
        "merge_size",
    }
)
"""Facts of an architecture, which nobody sets otherwise and keeps the weights."""
SHORT = {"num_layers": "num_hidden_layers", "num_heads": "num_attention_heads"}
SECTIONS = {"encoder": "vision_config.", "text_encoder": "text_config.", "language_model": "text_config."}
BESIDE = 3
"""Blocks above a block of code that may say what it is."""


class Shown(NamedTuple):
    """A block as it is read: the lines of its page, itself, what it says, and whose it is."""

    lines: Sequence[str]
    block: Fence
    found: Mapping[str, Setting]
    spec: ModelSpec


class Held(NamedTuple):
    """A variant, and what a block says of it."""

    variant: VariantSpec
    found: tuple[Comparison, ...]

    @property
    def wrong(self) -> tuple[Comparison, ...]:
        """What differs."""
        return tuple(one for one in self.found if not one.agrees)


def fences(graph: Graph, page: Claims) -> Iterator[Verdict]:
    """Verdicts on the configurations that a foreign page shows."""
    if page.document.path in graph.faces or not speaks(graph, page):
        return
    blocks = [one for one in page.document.blocks if isinstance(one, Fence)]
    shown = [one for one in blocks if len(one.text) <= LONGEST and KEYS.search(one.text)]
    lines = [one.prose.span(0, 1).line for one in page.passages] if shown else []
    for block in shown:
        here = bisect_left(lines, block.span.line)
        yield from _fence(graph, page, block, page.passages[max(0, here - BESIDE) : here])


def _fence(graph: Graph, page: Claims, block: Fence, above: Sequence[Passage]) -> Iterator[Verdict]:
    found = _nested(settings(block.text))
    spec, named = _whose(graph, found, above)
    if spec is None:
        return
    config = {key: one.value for key, one in found.items()}
    held = [Held(one, tuple(_values(spec, one, config))) for one in spec.variants if not named or one.key in named]
    best = max(held, key=lambda one: len(one.found) - 2 * len(one.wrong), default=None)
    if best is None:
        return
    shown = Shown(page.document.source.lines, block, found, spec)
    alike = len(best.found) > SURE * len(best.wrong) and _is_of(best, found)
    refutes = len(best.wrong) == 1 and alike and not _doubt(above)
    for one in best.found if alike else ():
        if one.agrees:
            yield _proved(shown, one)
        elif refutes and one.entry.field in FIXED and isinstance(found[one.key].value, int):
            yield _refuted(shown, one)


def _values(spec: ModelSpec, variant: VariantSpec, config: Mapping[str, Json]) -> Iterator[Comparison]:
    """What a block and a variant both state.

    Where the page does not say in which section of a released file a slot stands, it is where all files have it.
    """
    if any("_config." in key for key, *_ in keys(spec, variant)):
        yield from compared(spec, variant, Excerpt("", "", "", spec.system, "", config))
        return
    flat = "vision" in str(config.get("model_type", "")) and not any("." in key for key in config)
    for slot, named in SECTIONS.items():
        section = "" if flat and slot == "encoder" else named
        own = {key.removeprefix(section): value for key, value in config.items() if key.startswith(section)}
        for one in compared(spec, variant, Excerpt("", "", "", spec.system, "", own)):
            if one.entry.slot == slot:
                yield Comparison(one.excerpt, f"{section}{one.key}", one.released, one.entry, one.variant, one.agrees)


def _is_of(best: Held, found: Mapping[str, Setting]) -> bool:
    """Whether the parts that a block names are the variant's: a `mistral` makes another model of it."""
    sections = {one.key.rpartition(".")[0] for one in best.found}
    types = {str(entry.value) for (_, field), entry in best.variant.entries.items() if field == "model_type"}
    named = {key.rpartition("."): one.value for key, one in found.items()}
    told = {str(value) for (section, _, key), value in named.items() if key == "model_type" and section in sections}
    return told <= types


def _nested(found: dict[str, Setting]) -> dict[str, Setting]:
    """Keys of a flat notation as released files nest them: `vision_hidden_size` beside `hidden_size`."""
    if any("." in key for key in found) or not any(key.startswith("vision_hidden") for key in found):
        return found
    made: dict[str, Setting] = {}
    for key, one in found.items():
        inside = key.startswith("vision_") and not key.startswith("vision_feature")
        name = key.removeprefix("vision_") if inside or key == "image_size" else key
        section = "vision_config" if inside or key == "image_size" else "text_config"
        made[f"{section}.{SHORT.get(name, name)}"] = one
    return made


def _whose(
    graph: Graph, found: dict[str, Setting], above: Sequence[Passage]
) -> tuple[ModelSpec | None, frozenset[str]]:
    """The system that a block is about, and the variants that the words above it leave."""
    told = str(found["model_type"].value).replace("_", "-") if "model_type" in found else ""
    named = _named(graph, above)
    systems = {one.system for one in named}
    if told and told in graph.titles:
        chosen = frozenset(key for one in named if one.system == told for key in one.variants)
        return (graph.specs.get(told), chosen) if not systems - {told} or told in systems else (None, frozenset())
    if len(systems) != 1 or "" in systems or (told and graph.titles):
        # Another type of model than any that we know, or several.
        return None, frozenset()
    return graph.specs.get(named[0].system), frozenset(key for one in named for key in one.variants)


def _named(graph: Graph, above: Sequence[Passage]) -> tuple[Mention, ...]:
    """The systems that the last words above a block name, else its headings."""
    if not above:
        return ()
    for one in reversed(above):
        if one.trail == above[-1].trail and one.kind != "heading" and (found := mentions(graph, one.words)):
            return found
    for heading in reversed(above[-1].trail):
        if found := mentions(graph, heading.text):
            return found
    return ()


def _doubt(above: Sequence[Passage]) -> str:
    """Why a block may be somebody's own configuration."""
    if not above:
        return ""
    last = above[-1]
    return denial.headed(last) or denial.doubt(last, max(0, len(last.words) - 1))


def _proved(shown: Shown, one: Comparison) -> Verdict:
    said, entry = shown.found[one.key], one.entry
    claims = (entry.claim,) if entry.claim else ()
    reason = f"{entry.slot}.{entry.field} is {_true(one)}"
    return Verdict("proved", "number", said.text, _place(shown, said), reason, claims)


def _refuted(shown: Shown, one: Comparison) -> Verdict:
    said, entry, true = shown.found[one.key], one.entry, _true(one)
    return Verdict(
        "refuted",
        "number",
        said.text,
        _place(shown, said),
        f"`{one.key}` of {shown.spec.title} ({one.variant}) is {true}",
        (entry.claim,) if entry.claim else (),
        true,
        "plain-number-refuted",
        (Label(entry.span, f"{entry.slot}.{entry.field} = {true}"),) if entry.span else (),
        f"write {true}, or name the release that has {said.text}",
    )


def _true(one: Comparison) -> str:
    value = one.entry.value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _place(shown: Shown, said: Setting) -> Span:
    line = shown.block.span.line + 1 + said.line
    text = shown.lines[line - 1] if line <= len(shown.lines) else ""
    at = text.find(said.pair)
    column = at + 1 + len(said.pair) - len(said.text) if at >= 0 else 1
    return Span(shown.block.span.path, line, column, column + len(said.text))
