"""Decides what a package consists of: a model's spec in, every module, class, argument and preset out.

Everything that varies is decided here; templates only write it down.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """One constructor argument: `name=expression`, the expression in terms of `config`."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a config dataclass: `name: type = default  # claim`."""

    name: str
    type: str
    default: str
    claim: str
    doc: str


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Formula:
    """A derived field of the page compiled to Python over `config` and the run-time inputs it names."""

    slot: str
    field: str
    python: str
    source: str
    inputs: tuple[str, ...]
    claim: str


@dataclass(frozen=True, slots=True)
class PresetValue:
    field: str
    literal: str
    comment: str


@dataclass(frozen=True, slots=True)
class PresetSlot:
    slot: str
    config: str
    values: tuple[PresetValue, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """One entry of PRESETS: a published variant, or `tiny`."""

    key: str
    title: str
    slots: tuple[PresetSlot, ...]


@dataclass(frozen=True, slots=True)
class ReleasedDialect:
    """What one `model_type` calls one kind's fields and tensors; rows are expressions over `dialects.py`."""

    slot: str
    name: str
    config: str
    """Dataclass of the kind."""
    page: str
    """Where the tables are written."""
    fields: tuple[str, ...]
    demands: tuple[str, ...]
    ignored: tuple[str, ...]
    tensors: tuple[str, ...]
    stale: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Everything releases call things that this package calls otherwise: what released.py holds."""

    model_type: str
    architectures: tuple[str, ...]
    sections: tuple[tuple[str, str], ...]
    """Slot → where its fields are in config.json."""
    dialects: tuple[ReleasedDialect, ...]
    fields: tuple[str, ...]
    """Rows of the page's own configuration table."""
    ignored: tuple[str, ...]
    layouts: tuple[tuple[str, tuple[str, ...]], ...]
    """Layout → prefixes of tensor names."""
    stale: tuple[str, ...]

    def dialects_of(self, slot: str) -> tuple[tuple[str, tuple[ReleasedDialect, ...]], ...]:
        """The dialects of a slot: name → one entry a kind that it may mean."""
        names = sorted({dialect.name for dialect in self.dialects if dialect.slot == slot})
        return tuple(
            (name, tuple(d for d in self.dialects if d.slot == slot and d.name == name)) for name in names
        )


NOTHING_RELEASED = Released("", (), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
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
    formulas: tuple[Formula, ...]
    released: Released = NOTHING_RELEASED

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
