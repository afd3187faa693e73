"""Holds values and citations against the classes that they cite: pages in; files, arguments, values that differ out.

`[@transformers] clip/configuration_clip.py hidden_size` says where a value stands: the file must be there, the class
must have the argument, and the value must be its default.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from chiasm.claiming.claim import Claims, Disagreement, Fact, Formula
from chiasm.document import Cite
from chiasm.evidence import Json
from chiasm.graph import Graph, of_graph
from chiasm.judging.classes import Slip, shown
from chiasm.judging.released import plain
from chiasm.numbers.quantity import Quantity
from chiasm.regex import regex
from chiasm.span import Span
from chiasm.spec.model import Entry, ModelSpec, VariantSpec
from chiasm.witness import Argument, Class, Witness, argument, place

FILE = regex(r"\b([a-z]\w*)/\w+\.py\b")
NAMED = regex(r"(\w+/\w+\.py)(?: ([A-Za-z]\w*))?")
"""A file of a library, and what a locator names in it."""
LAST = regex(r"\s*([a-z]\w*)\s*\|")
WORDS: Mapping[str, str] = {
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "swish": "silu",
    "relu2": "relu_squared",
    "null": "none",
    "default": "patches",
    "full": "tokens",
}
"""What classes call things, and what pages do."""
SETS: Mapping[str, str] = {
    "resample": "resample",
    "mean": "image_mean",
    "std": "image_std",
    "min_side": "size.shortest_edge",
    "max_side": "size.longest_edge",
    "max_height": "size.height",
    "max_width": "size.width",
}
"""Fields of preprocessing, and what an image processor sets."""
RESIZES: Mapping[str, str] = {"shortest_edge": "size.shortest_edge", "exact": "size.height"}
"""Ways to resize, and what an image processor states where it does so."""
PROCESSED = ("preprocessing", "encoder", "budget")
"""Slots whose values an image processor may set."""


@dataclass(frozen=True, slots=True)
class Backed:
    """A value beside what the class that it cites says."""

    fact: Fact
    found: tuple[Argument, ...]
    """Every class of the file that has the argument."""
    agrees: bool
    message: str = ""


def files(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Cited files that a library does not have, in folders of which all files are known."""
    heads = graph.witness.heads
    for cite in page.cites if heads else ():
        for found in FILE.finditer(cite.locator):
            folder = heads.get((cite.key, found[1]))
            if folder and found[0] not in folder.files:
                near = difflib.get_close_matches(found[0], folder.files, n=1)
                yield Slip(
                    within(graph, cite, found[0]),
                    f"there is no file `{found[0]}`",
                    near[0] if near else "",
                    Span(folder.path, 1),
                    folder.origin,
                    f"did you mean {near[0]}?" if near else f"the folder has {', '.join(folder.files)}",
                )


def arguments(graph: Graph, page: Claims) -> Iterator[Slip]:
    """Arguments that locators of values name and no class of the file has."""
    witness = graph.witness
    for cite, _ in _valued(page) if witness.folders else ():
        named = NAMED.fullmatch(cite.locator)
        known = _in(witness, cite.key, named[1]) if named else ()
        if not named or not named[2] or not known or any(argument(witness, one, named[2]) for one in known):
            continue
        near = difflib.get_close_matches(named[2], [name for one in known for name in one.arguments], n=1)
        yield Slip(
            within(graph, cite, named[2]),
            f"{' and '.join(one.name for one in known)} {'have' if known[1:] else 'has'} no `{named[2]}`",
            near[0] if near else "",
            Span(known[0].folder, 1),
            known[0].name,
            f"did you mean `{near[0]}`?" if near else "name the argument that the value is the default of",
        )


def is_unknown(witness: Witness, file: str, key: str) -> bool:
    """Whether a file's classes are known and none has an argument."""
    known = [one for folder in witness.folders for one in folder.classes if one.file == file]
    return bool(known) and not any(argument(witness, one, key) for one in known)


def says(graph: Graph, page: Claims) -> Iterator[Slip]:
    """What tables of disagreement say that a class says."""
    for table in page.disagreements if graph.witness.folders else ():
        for position in table.positions:
            cite = position.cite
            named = NAMED.match(cite.locator) if cite else None
            key = _behind(graph, cite) if cite else ""
            if cite and named and key and position.quantity:
                found = _arguments(graph.witness, cite.key, named[1], key, "")
                if found and not any(_equal(position.quantity, one.default) for one in found):
                    yield _differs(graph, position.span, position.quantity.text, found)


def _behind(graph: Graph, cite: Cite) -> str:
    """The one word that ends a cell behind a citation."""
    lines = graph.lines(cite.span.path) or ()
    found = LAST.match(lines[cite.span.line - 1], cite.span.end - 1) if lines else None
    return found[1] if found else ""


def _valued(page: Claims) -> Iterator[tuple[Cite, Disagreement | Fact]]:
    """Citations that stand beside a value."""
    for fact in (fact for table in page.tables for fact in table.facts):
        yield from ((cite, fact) for cite in (fact.evidence.cites if fact.evidence else ()))
    for table in page.disagreements:
        yield from ((position.cite, table) for position in table.positions if position.cite)


def values(graph: Graph, spec: ModelSpec) -> Iterator[Slip]:
    """Values of a system that are not what the class says that they cite."""
    for item in _backed(graph, spec.system):
        if not item.agrees:
            yield _differs(graph, item.fact.cell.span, item.fact.cell.text, item.found, item.message)


def backing(graph: Graph, system: str) -> Mapping[Fact, str]:
    """Facts of a system that a class says, and where it does."""
    if not graph.witness.folders:
        return {}
    agreeing = ((one.fact, one.found[0]) for one in _backed(graph, system) if one.agrees)
    origins = {folder.path: folder.origin.partition(",")[0] for folder in graph.witness.folders}
    return {fact: f"{origins[found.cls.folder]} {found.cls.name}.{found.name}" for fact, found in agreeing}


@of_graph
def _backed(graph: Graph, system: str) -> tuple[Backed, ...]:
    spec = graph.specs.get(system)
    found: dict[Span, Backed] = {}
    for variant in spec.variants if spec and graph.witness.folders else ():
        for (slot, _), entry in variant.entries.items():
            fact = entry.fact
            if fact and not isinstance(fact.value, Formula) and fact.cell.span not in found:
                held = _held(graph.witness, (spec, variant), slot, entry, fact) if spec else None
                if held:
                    found[fact.cell.span] = held
    return tuple(found.values())


def _held(witness: Witness, of: tuple[ModelSpec, VariantSpec], slot: str, entry: Entry, fact: Fact) -> Backed | None:
    """A value with a single source, which names an argument of a class or a file whose processor sets it."""
    variant = of[1]
    cites = fact.evidence.cites if fact.evidence and fact.evidence.rank == "paper" else ()
    named = NAMED.fullmatch(cites[0].locator) if len(cites) == 1 else None
    if named is None:
        return None
    if entry.field == "resize" and not named[2]:
        return _resized(witness, cites[0].key, named[1], fact)
    dialect = variant.entries.get((slot, "model_type"))
    key = named[2] or (SETS.get(entry.field, "") if slot in PROCESSED else "")
    if not key and entry.field == "model_type":
        return _typed(witness, cites[0].key, named[1], fact)
    kind = str(dialect.value) if dialect else ""
    key = key or _usual(witness, of, (slot, entry.field), kind)
    found = _arguments(witness, cites[0].key, named[1], key, kind)
    return Backed(fact, found, any(_equal(entry.value, one.default) for one in found)) if found else None


def _usual(witness: Witness, of: tuple[ModelSpec, VariantSpec], at: tuple[str, str], dialect: str) -> str:
    """What a class calls a field that releases of the kind call so elsewhere; "" where that is not certain."""
    spec, variant = of
    cls, resolved = witness.classes.get(dialect), variant.slots.get(at[0])
    names = spec.names.get((resolved.kind.slot, resolved.kind.name)) if cls and resolved else None
    rows = [row for rows in (names.configuration.values() if names else ()) for row in rows if row.ours == at[1]]
    called = {name for row in rows for name in row.names if cls and name in cls.arguments}
    return called.pop() if len(called) == 1 else ""


def _resized(witness: Witness, source: str, file: str, fact: Fact) -> Backed | None:
    """A way to resize that a processor's sizes say."""
    states = RESIZES.get(fact.cell.text)
    known = [one for one in _in(witness, source, file) if any(name.startswith("size.") for name in one.arguments)]
    if not states or not known:
        return None
    told = ", ".join(name for name in known[0].arguments if name.startswith("size."))
    said = next(name for name in known[0].arguments if name.startswith("size."))
    found = Argument(known[0], said, known[0].arguments[said])
    fits = any(states in one.arguments for one in known)
    return Backed(fact, (found,), fits, "" if fits else f"{known[0].name} states {told}")


def _typed(witness: Witness, source: str, file: str, fact: Fact) -> Backed | None:
    """The model type of a class."""
    named = [one for one in _in(witness, source, file) if one.model_type]
    known = [*named, *filter(None, (witness.section(one, key) for one in named for key in one.sections))]
    told = " and ".join(dict.fromkeys(one.model_type for one in known))
    fits = any(one.model_type == fact.cell.text for one in known)
    found = tuple(Argument(one, "model_type", one.model_type) for one in known)
    return Backed(fact, found, fits, "" if fits else f"the classes of {file} are of {told}") if known else None


def _in(witness: Witness, source: str, file: str) -> tuple[Class, ...]:
    """The classes that a file of a library defines."""
    folders = (one for one in witness.folders if one.source == source)
    return tuple(one for folder in folders for one in (*folder.classes, *folder.processors) if one.file == file)


def _arguments(witness: Witness, source: str, file: str, key: str, dialect: str) -> tuple[Argument, ...]:
    """What classes of a file say of an argument: the one that a slot is of, else every one that has it."""
    known = _in(witness, source, file) if key else ()
    own = tuple(one for one in known if one.model_type and one.model_type == dialect)
    for some in (own, known):
        found = tuple(one for cls in some if (one := argument(witness, cls, key)) and not one.open)
        if found:
            return found
    return ()


def _equal(value: object, default: Json) -> bool:
    if isinstance(value, Quantity):
        exact = isinstance(default, int | float) and not isinstance(default, bool)
        return exact and value.matches(Fraction(repr(default)))
    if isinstance(value, tuple) and not isinstance(default, list):
        return all(_equal(one, default) for one in value)
    if isinstance(default, str):
        return plain(value) in (default.lower(), WORDS.get(default, default))
    told = [default] if isinstance(default, list) else default
    return (
        plain(value) == plain(tuple(default))
        if isinstance(default, list)
        else plain(value) == plain("none" if told is None else told)
    )


def _differs(graph: Graph, span: Span, text: str, item: tuple[Argument, ...], message: str = "") -> Slip:
    """Another value than every class of the file has."""
    told = dict.fromkeys(f"{one.cls.name}.{one.name} is {shown(one.default)}" for one in item)
    expected = " or ".join(dict.fromkeys(WORDS.get(str(one.default), shown(one.default)) for one in item))
    first = item[0]
    return Slip(
        span,
        message or f"{text} is not what its source says: {', '.join(told)}",
        "" if message else expected,
        place(graph.lines(first.cls.folder) or (), first.cls, first.name),
        f"{first.name} of {first.cls.name}",
        "correct the value, or cite what states it",
    )


def within(graph: Graph, cite: Cite, words: str) -> Span:
    """Words of a locator, behind its citation; the citation where they stand elsewhere."""
    lines = graph.lines(cite.span.path)
    at = lines[cite.span.line - 1].find(words, cite.span.column - 1) if lines else -1
    return cite.span._replace(column=at + 1, end=at + 1 + len(words)) if at >= 0 else cite.span
