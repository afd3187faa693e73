"""Decides what a package consists of: a model's spec in, every module, class, argument and preset out.

Everything that varies is decided here; templates only write it down.
"""

from __future__ import annotations

import textwrap

from chiasm.record import record


@record(frozen=True, slots=True)
class Argument:
    """One constructor argument: `name=expression`, the expression in terms of `config`."""

    name: str
    expression: str


@record(frozen=True, slots=True)
class Field:
    """One field of a config dataclass: `name: type = default  # claim`; `default` is "" where there is none."""

    name: str
    type: str
    default: str
    claim: str
    doc: str

    @property
    def line(self) -> str:
        """The field with its claim and what it means; the meaning stands above where the line is too long."""
        code = f"{self.name}: {self.type}{f' = {self.default}' if self.default else ''}  # {self.claim}"
        whole = f"{code}: {self.doc}"
        return whole if len(whole) <= 116 else f"# {self.doc}\n    {code}"


@record(frozen=True, slots=True)
class Part:
    """One kind that the package uses in one slot."""

    slot: str
    """`encoder`; the attribute of `Model` and of `Config`."""
    kind: str
    """`vit`"""
    module: str
    """File without suffix: the slot where it has one kind, `<slot>_<kind>` where it has several."""
    cls: str
    """Class in that module; "" for a kind that has no component (budget, prompt)."""
    component: str
    """File in `components/` without suffix; "" likewise."""
    config: str
    """Name of its dataclass in config.py."""
    arguments: tuple[Argument, ...]
    fields: tuple[Field, ...]
    dialects: tuple[str, ...]
    """Released names (`model_type`s) by which the page's variants know it."""
    doc: str = ""
    """The kind's docstring, one line."""
    page: str = ""
    """Where the kind is defined: page and section."""


@record(frozen=True, slots=True)
class Slot:
    """One field of `Config`: the slot's name and its dataclass, joined by `|` where the slot has several kinds."""

    name: str
    type: str
    optional: bool


@record(frozen=True, slots=True)
class Formula:
    """A derived fact of the page as a function of budget.py: over `config` and the run-time inputs it names."""

    name: str
    """`image_tokens`; a slot's other than the budget's begins with the slot: `encoder_tokens`."""
    slot: str
    field: str
    python: str
    source: str
    inputs: tuple[str, ...]
    operands: tuple[tuple[str, str], ...]
    """What the formula names: (name on the page, Python expression)."""
    claim: str
    doc: str

    @property
    def docstring(self) -> str:
        """What it counts, by which formula, by which claim."""
        return _filled(f"{self.doc[:1].upper()}{self.doc[1:]}: `{self.source}` ({self.claim}).", 4)

    @property
    def parameters(self) -> str:
        """What its function takes."""
        return ", ".join(("config: Config", *(["*"] if self.inputs else []), *(f"{name}: int" for name in self.inputs)))

    @property
    def whole(self) -> str:
        """What is said where the value is not whole: the formula and its operands."""
        told = (f"{name.replace('.', '_')}={expression}" for name, expression in self.operands)
        return ", ".join(("value", repr(self.source), *told))


@record(frozen=True, slots=True)
class PresetValue:
    """One value of a preset; the comment is its claim and what supports it."""

    field: str
    literal: str
    comment: str
    claim: str = ""
    """The claim that states it; what it is made from, in the preset `tiny`."""

    @property
    def remark(self) -> str:
        """The comment behind the value; "" for none."""
        return f"  # {self.comment}" if self.comment else ""


@record(frozen=True, slots=True)
class PresetSlot:
    """One slot of a preset: what differs from `base`, the constant that holds the first variant's values."""

    slot: str
    config: str
    values: tuple[PresetValue, ...]
    base: str = ""

    @property
    def opening(self) -> str:
        """How the value begins: as the base, or as the base with other values."""
        return f"replace({self.base}," if self.values else self.base

    @property
    def closing(self) -> str:
        """How it ends."""
        return ")" if self.values else ""


@record(frozen=True, slots=True)
class Preset:
    """One entry of PRESETS: a published variant, or `tiny`."""

    key: str
    title: str
    slots: tuple[PresetSlot, ...]

    @property
    def literal(self) -> str:
        """The key as Python."""
        return ascii(self.key)


@record(frozen=True, slots=True)
class ReleasedDialect:
    """What one `model_type` calls one kind's fields and tensors; what ours are mapped to are Python expressions."""

    slot: str
    name: str
    config: str
    """Dataclass of the kind."""
    page: str
    """Where the tables are written."""
    fields: tuple[tuple[str, str], ...]
    demands: tuple[str, ...]
    ignored: str
    tensors: tuple[tuple[str, str], ...]
    stale: str


@record(frozen=True, slots=True)
class Released:
    """Everything releases call things that this package calls otherwise: what released.py holds."""

    page: str
    model_type: str
    architectures: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    """Slot → where its fields are in config.json."""
    dialects: tuple[ReleasedDialect, ...]
    fields: tuple[tuple[str, str], ...]
    """Rows of the page's own configuration table."""
    ignored: str
    layout: tuple[tuple[str, str], ...]
    """Prefixes of tensor names in the first layout."""
    layouts: tuple[tuple[str, str], ...]
    """Layout → its prefixes, over the first one's `LAYOUT`."""
    stale: str
    without: tuple[str, ...] = ()
    """Fields of a gate that is closed: a configuration in which they say anything is refused."""


NOTHING_RELEASED = Released("", "", (), (), (), (), "", (), (), "")


@record(frozen=True, slots=True)
class Plan:
    """A whole package, decided."""

    package: str
    title: str
    page: str
    summary: str
    """The page's first paragraph as plain text: the package's docstring."""
    parts: tuple[Part, ...]
    uses: frozenset[str]
    """Gates that any variant of the page switches on."""
    inputs: tuple[str, ...]
    """Tensors that `Model.forward` takes for images, in order (`pixel_values`, `image_grid_thw`)."""
    presets: tuple[Preset, ...]
    bases: tuple[PresetSlot, ...]
    """Values of the first variant that uses a kind: what presets are written as differences from."""
    formulas: tuple[Formula, ...]
    released: Released = NOTHING_RELEASED
    slots: tuple[Slot, ...] = ()
    """Fields of `Config`, in order."""
    sources: tuple[str, ...] = ()
    """Citation keys that the presets rest on, sorted."""

    @property
    def variants_at(self) -> str:
        """Where the variants are named."""
        return f"{self.page}#variants"

    @property
    def docstring(self) -> str:
        """The package's docstring: its title, then the page's first paragraph."""
        return f"{self.title}.\n\n{_filled(self.summary)}\n"

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """The package's own modules and what they hold, in reading order."""
        named = [(f"{part.module}.py", part.doc) for part in self.parts if part.component]
        return (
            ("model.py", "the whole model: its parts wired together"),
            *dict(named).items(),
            ("config.py", "sizes of every variant, each with its claim"),
            ("budget.py", "what follows from the sizes: tokens of an image"),
            ("released.py", "what released checkpoints call fields and tensors"),
            (
                "training.py, compiling.py, parallel.py",
                "less memory in training; compilation by the block; many devices",
            ),
        )

    @property
    def variants(self) -> tuple[Preset, ...]:
        """The published presets."""
        return tuple(preset for preset in self.presets if preset.key != "tiny")

    def slot(self, name: str) -> tuple[Part, ...]:
        """The parts of one slot: one a kind."""
        return tuple(part for part in self.parts if part.slot == name)

    @property
    def generative(self) -> bool:
        """It has a language model that reads the visual tokens."""
        return bool(self.slot("language_model"))

    @property
    def contrastive(self) -> bool:
        """Two towers whose pooled embeddings are compared."""
        return bool(self.slot("text_encoder"))


def _filled(text: str, indent: int = 0) -> str:
    """Words in lines of 120 columns, the first one behind an opening quote."""
    return textwrap.fill(text, 120 - indent - 3, break_long_words=False).replace("\n", "\n" + " " * indent)
