"""Judges unlinked numbers in prose: by what their words say of a system; in its own section by every fact too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from chiasm.claiming.claim import Claims, Number
from chiasm.diagnostic import Label
from chiasm.graph import Graph
from chiasm.judging.once import of_one
from chiasm.judging.plain.number import judged
from chiasm.judging.plain.slips import MANY, slipped
from chiasm.judging.plain.truths import counted
from chiasm.judging.terms import ScopeError, field_value
from chiasm.judging.verdict import Verdict, written
from chiasm.numbers.quantity import Quantity
from chiasm.spec import count
from chiasm.spec.model import ModelSpec, VariantSpec

FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "tokens": (
        ("budget", "image_tokens"),
        ("budget", "max_image_tokens"),
        ("budget", "tile_tokens"),
        ("budget", "vision_tokens"),
        ("budget", "min_patch_tokens"),
        ("budget", "max_patch_tokens"),
        ("budget", "mean_patch_tokens"),
        ("encoder", "tokens"),
        ("alignment", "num_queries"),
        ("language_model", "context"),
        ("text_encoder", "context"),
    ),
    "queries": (("alignment", "num_queries"),),
    "latents": (("alignment", "num_queries"),),
    "layers": tuple((slot, "layers") for slot in ("encoder", "text_encoder", "alignment", "fusion", "language_model")),
    "heads": tuple((slot, "heads") for slot in ("encoder", "text_encoder", "alignment", "fusion", "language_model")),
    "px": (
        ("encoder", "image_size"),
        ("encoder", "patch_size"),
        ("budget", "tile_size"),
        ("budget", "max_height"),
        ("budget", "max_width"),
        ("encoder", "high_image_size"),
        ("encoder", "low_image_size"),
    ),
    "positions": (("language_model", "context"), ("encoder", "positions"), ("text_encoder", "context")),
    "context": (("language_model", "context"), ("text_encoder", "context")),
    "rows": (("language_model", "vocab_size"), ("alignment", "vocab_size"), ("text_encoder", "vocab_size")),
    "tiles": (("budget", "max_tiles"),),
    "experts": (("fusion", "experts"),),
}
"""What a unit counts, in a system's own facts."""
TRAINING = {
    "steps": ("steps", "warmup_steps"),
    "images": ("samples",),
    "pairs": ("samples",),
    "samples": ("samples",),
    "tokens": ("tokens", "sequence_length"),
}
REASONS = {
    "label": "it labels something and counts nothing",
    "date": "a date",
    "year": "a year",
    "%": "a share of nothing named",
    "×": "a ratio of nothing named",
    "GPUs": "hardware",
    "": "no unit says what it counts",
}
WORDS: dict[str, str] = {
    "encoder": r"encoder|vision|visual tower|tower|vit\b|image model|trunk",
    "text_encoder": r"text (?:encoder|tower|transformer|side|branch)",
    "alignment": r"q-former|resampler|quer(?:y|ies)|latents?|projector|connector|alignment|aligner|perceiver",
    "fusion": r"cross-attention|inserted|gated|experts?|deepstack|fusion",
    "language_model": r"language model|decoder|\bllm\b|\blm\b|vicuna|llama|mistral|qwen|opt\b|chinchilla|persimmon",
    "budget.image_tokens": r"images?\b|picture|photo",
    "budget.max_image_tokens": r"at most|up to|maximum|largest|no more than",
    "budget.tile_tokens": r"tiles?\b|slices?\b|crops?\b",
    "budget.vision_tokens": r"vision tokens|visual tokens",
    "budget.min_patch_tokens": r"least|minimum|from",
    "budget.max_patch_tokens": r"most|maximum|to\b",
    "budget.mean_patch_tokens": r"average|mean",
    "budget.tile_size": r"tiles?\b|slices?\b|crops?\b",
    "budget.max_height": r"height|high|tall|fit",
    "budget.max_width": r"width|wide|fit",
    "budget.max_tiles": r"tiles?\b|at most|up to",
    "encoder.image_size": r"image|input|resolution|square|side",
    "encoder.patch_size": r"patch",
    "encoder.high_image_size": r"high",
    "encoder.low_image_size": r"low",
    "language_model.context": r"context|window|sequence|positions",
    "text_encoder.context": r"context|caption|text",
    "encoder.positions": r"grid|table|learned|encoder|tower",
    "total": r"total|in all|altogether|whole|model|system",
    "training": r"train|stage|batch|step|sample|pair|pre-?train|fine-?tun",
}
"""Words by which a sentence says which fact it means: of a field, else of its slot."""
LARGE = 10**6
"""A bare number beyond this counts parameters where it counts anything."""
CERTAIN = frozenset({"queries", "latents"})
"""Units that one field alone can mean, so that another number is wrong."""
CLAUSES = re.compile(r"[,;:()]\s|\.\s|\s[–—]\s")
DENIALS = re.compile(
    r"\b(not|no|never|instead|rather|than|unlike|if|were|would|wrong|wrongly|mistaken|mixed up|others?)\b",
    re.IGNORECASE,
)
"""Words in whose clause a number may be what is not so."""
Meant = tuple[str, Fraction, str]
"""A fact that a number may state: its name, its value, its claim."""


def number_verdict(graph: Graph, page: Claims, number: Number) -> Verdict:
    """The verdict on a number that no link ties to a fact."""
    if number.quantity.unit in ("label", "date", "year"):
        return _left(number, REASONS[number.quantity.unit])
    made = judged(graph, page, number)
    spec = graph.specs.get(number.system)
    if spec is not None and not spec.variants:
        spec = None
    if isinstance(made, Verdict) and (made.outcome == "refuted" or spec is None):
        return (spec and _reported(spec, number)) or made
    if spec is None:
        return _cited(graph, number) or _left(number, made if isinstance(made, str) else made.reason)
    return _by_words(graph, number, spec, made)


def _reported(spec: ModelSpec, number: Number) -> Verdict | None:
    """A number that a table of disagreement says somebody says."""
    source = _position(spec, number)
    return Verdict("reported", "number", number.quantity.text, number.span, source) if source else None


def _by_words(graph: Graph, number: Number, spec: ModelSpec, made: Verdict | str) -> Verdict:
    """A number of a section about a system, held against every fact that a word beside it may mean."""
    quantity, text = number.quantity, number.quantity.text
    unit = "parameters" if not quantity.unit and quantity.value > LARGE else quantity.unit
    meant = _known_facts(spec).get(unit, ())
    said = _said(number, meant, unit)
    doubt = _doubt(graph, number, spec)
    if said and not doubt and all(_holds(number, facts) for facts in said.values()):
        claims = [claim for facts in said.values() for _, value, claim in facts if quantity.matches(value)]
        reason = " and ".join(f"{name} is {text}" for name in list(said)[:2])
        return Verdict("proved", "number", text, number.span, reason, tuple(dict.fromkeys(filter(None, claims))))
    if isinstance(made, Verdict):
        return made
    if not doubt and not _reported(spec, number) and (wrong := _slip(number, spec, unit)):
        return wrong
    return _reported(spec, number) or _cited(graph, number) or _left(number, _why(number, unit, meant, said, doubt))


def _slip(number: Number, spec: ModelSpec, unit: str) -> Verdict | None:
    """A refutation where a number is one digit away from a fact of its unit, and no fact of any."""
    known = _known_facts(spec)
    bare = not number.quantity.unit
    if bare and sum(map(str.isdigit, number.quantity.text)) < MANY:
        return None
    every = {value for facts in known.values() for _, value, _ in facts}
    every |= {value for variant in spec.variants for value in counted(variant)}
    same = {
        value: (name, claim)
        for facts in (known.values() if bare else (known.get(unit, ()),))
        for name, value, claim in facts
    }
    meant = slipped(number.quantity, same, every)
    if meant is None:
        return None
    name, claim = same[meant]
    true = written(meant, number.quantity)
    return Verdict(
        "refuted",
        "number",
        number.quantity.text,
        number.span,
        f"{name} of {spec.title} is {true}, one digit away",
        (claim,) if claim else (),
        true,
        "plain-number-refuted",
        _stated(spec, name),
        f"write {true}, or link the number to the section that states it",
    )


def _stated(spec: ModelSpec, name: str) -> tuple[Label, ...]:
    """Where a fact stands."""
    slot, _, field = name.partition(".")
    entries = (variant.entries.get((slot, field)) for variant in spec.variants)
    return tuple(Label(entry.span, f"{name} = {entry.value}") for entry in entries if entry and entry.span)[:1]


def _said(number: Number, meant: Sequence[Meant], unit: str) -> dict[str, list[Meant]]:
    """The facts of the unit that the number's sentence has a word for, by name."""
    found: dict[str, list[Meant]] = {}
    names = {name for name, _, _ in meant}
    clause = _clause(number)
    for item in meant:
        slot, _, field = item[0].removeprefix("parameters of ").removeprefix("parameters, ").partition(".")
        alone = unit in CERTAIN or (len(names) == 1 and unit not in TRAINING)
        words = WORDS.get(f"{slot}.{field}") or WORDS.get(slot) or slot.replace("_", " ").replace(",", "|")
        if alone or re.search(rf"(?i)\b(?:{words})", clause):
            found.setdefault(item[0], []).append(item)
    return found


def _holds(number: Number, facts: Sequence[Meant]) -> bool:
    """The number is the fact's value in every variant, or in one that its sentence names."""
    right = [number.quantity.matches(value) for _, value, _ in facts]
    variants = [claim.partition("/")[0].partition(":")[2] for _, _, claim in facts]
    words = number.context.lower()
    return all(right) or any(fits and key and key in words for fits, key in zip(right, variants, strict=True))


def _clause(number: Number) -> str:
    """The part of the sentence between punctuation that the number stands in."""
    parts = CLAUSES.split(number.context)
    return next((part for part in parts if number.quantity.text in part), number.context)


def _doubt(graph: Graph, number: Number, spec: ModelSpec) -> str:
    """Why the sentence may not say it of this system; "" where it does."""
    if DENIALS.search(_clause(number)):
        return "its clause denies, compares or supposes something"
    names, pattern = _systems(graph)
    for found in pattern.finditer(number.context.lower()) if pattern else ():
        if (other := names[found[1]]) != spec.system:
            return f"its sentence also names {graph.titles[other] or other}"
    return ""


@lru_cache(maxsize=2)
def _systems(graph: Graph) -> tuple[Mapping[str, str], re.Pattern[str] | None]:
    """Systems by what a sentence calls them, longest first, so that LLaVA-NeXT is not LLaVA."""
    names = {
        name: system
        for system, title in graph.titles.items()
        for name in (title.lower().strip(), system)
        if len(name) > 1
    }
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return names, re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, ordered))})(?!\w)") if names else None


def _why(number: Number, unit: str, meant: Sequence[Meant], said: Mapping[str, Sequence[Meant]], doubt: str) -> str:
    """Why a number is left."""
    if number.quantity.unit in REASONS and unit == number.quantity.unit:
        return REASONS[number.quantity.unit]
    if not meant:
        return f"no fact of the system counts {unit}"
    if doubt:
        return doubt
    matching = [name for name, facts in said.items() if any(number.quantity.matches(value) for _, value, _ in facts)]
    if len(said) == len(matching) == 1:
        return f"{matching[0]} differs between variants, and its sentence names none"
    if matching:
        return f"it may mean {' or '.join(list(said)[:3])}: a link would say which"
    if said:
        return f"it is not {' or '.join(list(said)[:2])}, and may mean something else"
    return f"no word beside it says which of {len({name for name, _, _ in meant})} facts in {unit} is meant"


def _left(number: Number, reason: str) -> Verdict:
    return Verdict("not judged", "number", number.quantity.text, number.span, reason)


def _cited(graph: Graph, number: Number) -> Verdict | None:
    """A number with a citation beside it is what that source says."""
    known = [cite for cite in number.cites if cite.key in graph.bibliography.entries]
    if not known:
        return None
    sources = dict.fromkeys(f"{cite.key} {cite.locator}".strip() for cite in known)
    return Verdict("reported", "number", number.quantity.text, number.span, ", ".join(sources))


def _position(spec: ModelSpec, number: Number) -> str:
    """The source in a table of disagreement that says this number."""
    for disagreement in spec.disagreements:
        for position in disagreement.positions:
            if position.quantity and position.cite and position.quantity.value == number.quantity.value:
                return f"{position.cite.key} {position.cite.locator}".strip()
    return ""


def known_facts(graph: Graph, system: str) -> Mapping[str, list[Meant]]:
    """What a system's facts count, by unit."""
    return _known_facts(graph.specs[system])


@of_one
def _known_facts(spec: ModelSpec) -> Mapping[str, list[Meant]]:
    found: dict[str, dict[Meant, None]] = {}
    for variant in spec.variants:
        for unit, places in FIELDS.items():
            for slot, name in places:
                value = _value(variant, slot, name)
                if value is not None:
                    found.setdefault(unit, {})[f"{slot}.{name}", value, variant.entries[slot, name].claim] = None
        parts = count.partial(variant.slots)
        whole = ("total",) if count.parameters(variant.slots) else ()
        for name in (*whole, *count.TENSOR_SLOTS, *parts):
            if counted := count.scope(parts, name):
                found.setdefault("parameters", {})[f"parameters of {name}", Fraction(counted), ""] = None
    for fact in spec.parameters:
        if isinstance(fact.value, Quantity):
            found.setdefault("parameters", {})[f"parameters, {fact.field}", fact.value.value, fact.id] = None
    for stage in spec.stages.values():
        for entry in stage.entries:
            if entry.fact and isinstance(entry.fact.value, Quantity):
                for unit in (unit for unit, names in TRAINING.items() if entry.field in names):
                    found.setdefault(unit, {})[f"training.{entry.field}", entry.fact.value.value, entry.claim] = None
    return {unit: list(items) for unit, items in found.items()}


def _value(variant: VariantSpec, slot: str, name: str) -> Fraction | None:
    try:
        return field_value(variant, slot, name, {})
    except ScopeError:
        return None
