"""Makes systems: a number in, a model page out with the facts that other pages may state about it.

Three families: a fixed-resolution tower whose patches are spliced, a native-resolution tower with DeepStack (both
compile to packages), and a perceiver resampler, which is described only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from string import Template

from benchmarks.compiler.families import CHECKPOINTS, FAMILIES
from benchmarks.compiler.words import bullets, sentence, wrapped

GENUS = (
    "Larix",
    "Acer",
    "Tilia",
    "Salix",
    "Betula",
    "Fagus",
    "Picea",
    "Ulmus",
    "Alnus",
    "Corylus",
    "Juglans",
    "Quercus",
)

SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "wa")


@dataclass(frozen=True, slots=True)
class System:
    """A system, and what is true of its variants: fact → value as it is printed."""

    name: str
    slug: str
    family: str
    variants: tuple[str, ...]
    facts: Mapping[str, Mapping[str, str]] = field(repr=False)

    @property
    def path(self) -> str:
        """Its page, from the project's root."""
        return f"knowledge/models/{self.slug}.md"

    @property
    def keys(self) -> tuple[str, str]:
        """Its report and its released configuration in the bibliography."""
        return f"{self.slug}-report", f"{self.slug}-config"


def system(number: int, family: str, seed: int) -> System:
    """The system of that number; its sizes follow from number and seed."""
    random = Random(f"{seed} system {number}")
    name = _name(number)
    variants = ("small", "large")
    facts = {variant: _sizes(random, family, scale) for scale, variant in enumerate(variants)}
    return System(name, name.lower().replace(" ", "-"), family, variants, facts)


def _name(number: int) -> str:
    """Two words without a digit: the text of a link to it must not look like a number that is stated."""
    rest, genus = divmod(number, len(GENUS))
    syllables = ""
    while rest or len(syllables) < 4:
        rest, syllable = divmod(rest, len(SYLLABLES))
        syllables = SYLLABLES[syllable] + syllables
    return f"{GENUS[genus]} {syllables.capitalize()}"


def _sizes(random: Random, family: str, scale: int) -> dict[str, str]:
    heads, head_dim = random.choice((16, 24, 32)) * (scale + 1), 128
    patch = random.choice((14, 16))
    side = random.choice((16, 18, 24, 28))
    layers = random.randrange(6, 14) * 2 * (scale + 1)
    vision_layers = random.randrange(12, 28)
    sizes = {
        "encoder.image_size": side * patch, "encoder.patch_size": 16 if family == "native" else patch,
        "encoder.dim": 64 * (vision_heads := random.choice((12, 16, 20))), "encoder.layers": vision_layers,
        "encoder.heads": vision_heads, "encoder.mlp_dim": 256 * vision_heads,
        "language_model.vocab_size": 32064 + 64 * random.randrange(9),
        "language_model.context": random.choice((4096, 8192, 32768)),
        "language_model.dim": heads * head_dim, "language_model.layers": layers, "language_model.heads": heads,
        "language_model.kv_heads": heads // random.choice((1, 2, 4)), "language_model.head_dim": head_dim,
        "language_model.mlp_dim": heads * head_dim * 3,
        "budget.image_tokens": (tokens := random.choice((64, 100, 144)) if family == "described" else side**2),
        "alignment.num_queries": tokens,
    }  # fmt: skip
    return {name: str(value) for name, value in sizes.items()}


def page(one: System, seed: int) -> str:
    """The system's page: about 6.7 KB, every fact with its evidence."""
    random = Random(f"{seed} page {one.slug}")
    parts = [_opening(one, random), *_slots(one, random), _rest(one, random), _definitions(one)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _opening(one: System, random: Random) -> str:
    report, config = one.keys
    rows = "\n".join(f"| {key} | {one.name} {key} | 2026 | [@{config}] |" for key in one.variants)
    say = wrapped(f"{one.name} is made for a benchmark: {sentence(random).lower()} [@{report}]. {sentence(random)}.")
    return f"# {one.name}\n\n{say}\n\n## Variants\n\n| variant | name | year | source |\n|---|---|--:|---|\n{rows}"


def _slots(one: System, random: Random) -> Iterator[str]:
    for heading, kind, sized, fixed in FAMILIES[one.family]:
        slot = heading.lower().replace(" ", "_").replace("token_budget", "budget")
        say = wrapped(
            f"{sentence(random)} [@{one.keys[0]}] §{random.randrange(2, 6)}. {_stated(one, heading, slot, sized)}"
        )
        tables = (
            [_table(one, kind, [(name, [one.facts[key][f"{slot}.{name}"] for key in one.variants]) for name in sized])]
            if sized
            else []
        )
        tables += [_shared(one, kind, fixed)] if fixed else []
        yield "\n\n".join([f"## {heading}", say, *tables])
        if slot == "budget":
            yield _disagreement(one, random)


def _stated(one: System, heading: str, slot: str, sized: Sequence[str]) -> str:
    """A sentence with linked numbers."""
    names = [name for name in sized if name in {"layers", "dim", "heads", "image_tokens"}][:2]
    anchor = heading.lower().replace(" ", "-")
    parts = [
        f'[{one.facts[key][f"{slot}.{name}"]}](#{anchor} "{name}, {key}") in {key}'
        for name in names
        for key in one.variants
    ]
    return f"It counts {', '.join(parts)}." if parts else "Nothing here has a size."


def _table(one: System, kind: str, rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    units = {"image_size": " px", "patch_size": " px", "context": " tokens"}
    lines = [f"| {kind} | {' | '.join(one.variants)} | source |", f"|---|{'--:|' * len(one.variants)}---|"]
    for name, values in rows:
        cells = " | ".join(value + units.get(name, "") for value in values)
        lines.append(f"| {name} | {cells} | [@{one.keys[1]}] {name} |")
    return "\n".join(lines)


def _shared(one: System, kind: str, rows: Sequence[tuple[str, str, str]]) -> str:
    lines = [f"| {kind} | all variants | source |", "|---|--:|---|"]
    lines += [f"| {name} | {value} | {source or f'[@{one.keys[0]}] §2'} |" for name, value, source in rows]
    return "\n".join(lines)


def _disagreement(one: System, random: Random) -> str:
    report, config = one.keys
    tokens = one.facts[one.variants[0]]["budget.image_tokens"]
    if one.family == "native":
        tokens = "65536 px"
    field_name = "min_pixels" if one.family == "native" else "image_tokens"
    return (
        f"### Sources disagree: {field_name}\n\n| source | says | scope | here |\n|---|--:|---|---|\n"
        f"| [@{config}] {field_name} | {tokens} | {one.variants[0]} | **followed** |\n"
        f"| [@{report}] §4 | {random.randrange(200, 250)} | an earlier draft | reported: {sentence(random).lower()} |"
    )


def _rest(one: System, random: Random) -> str:
    report, _ = one.keys
    hands = "resampling" if one.family == "described" else "projection"
    facets = [
        ("year", "2026", ""), ("encoding", "pretrained encoder", ""), ("alignment", hands, ""),
        ("fusion", "interleaved", ""), ("fusion_stage", "early", "derived: one sequence for both modalities"),
        ("query_aware", "false", "derived: the tower reads no text"), ("language_model_frozen", "false", ""),
    ]  # fmt: skip
    stages = (
        "| [Stages](../concepts/training.md#stages) | stage 1 | stage 2 | source |\n|---|---|---|---|\n"
        f"| trained | alignment | alignment, language_model | [@{report}] §3 |\n"
        f"| learning_rate | 1e-3 | 2e-5 | [@{report}] §3 |\n| batch_size | 256 | 128 | [@{report}] §3 |"
    )
    return (
        f"## Training\n\n{wrapped(sentence(random))} [@{report}] §3.\n\n{stages}\n\n## Positioning\n\n"
        f"{_shared(one, '[Facets](../concepts/fusion.md#positioning)', facets)}\n\n"
        f"{Template(CHECKPOINTS[one.family]).substitute(report=report)}\n\n"
        f"## What is often mixed up\n\n{bullets(random, 4)}"
    )


def _definitions(one: System) -> str:
    return "\n".join(f'[@{key}]: https://example.org/{key} "accessed 2026-11-01"' for key in sorted(one.keys))
