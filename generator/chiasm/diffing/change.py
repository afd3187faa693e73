"""What differs between two states of a base: values alone, from a system's facts down to the verdicts that flip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from chiasm.changes import PackageChange
from chiasm.diagnostic import Diagnostic
from chiasm.memory import Tally
from chiasm.span import Span
from chiasm.spec.weight import Shape

State = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Stand:
    """A value as one state has it: what it says, on what evidence, where; `claim` is "" for a kind's default."""

    value: str
    claim: str = ""
    rank: str = ""
    sources: str = ""
    place: Span | None = None
    page: str = ""
    """The system whose page states it, where that is another."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """One field of some variants; None where a state does not have it. `field` is "" for a slot's kind."""

    slot: str
    field: str
    variants: tuple[str, ...]
    old: Stand | None
    new: Stand | None
    follows: bool = False
    """A formula that reads the same gives another value: nobody edited it."""

    @property
    def name(self) -> str:
        """As a formula of another slot would call it."""
        return f"{self.slot}.{self.field}" if self.field else self.slot

    @property
    def only_evidence(self) -> bool:
        """The value is what it was; what supports it is not."""
        return bool(self.old and self.new and self.old.value == self.new.value)

    @property
    def inherited(self) -> str:
        """The system whose page the change comes from, where that is another."""
        return (self.new or self.old or Stand("")).page


@dataclass(frozen=True, slots=True)
class FigureChange:
    """What a variant costs; None where a state cannot say it."""

    variant: str
    quantity: str
    scope: str
    unit: str
    old: Fraction | None
    new: Fraction | None
    detail: bool


@dataclass(frozen=True, slots=True)
class TensorChange:
    """A tensor, or one of every block; None where a state does not have it. `count` is how many tensors that are."""

    variants: tuple[str, ...]
    name: str
    old: Shape | None
    new: Shape | None
    numbers: tuple[int, ...]
    count: int
    released: str
    """Its name in the hub's layout where the base, or else the new state, has it; "" where no table says."""


@dataclass(frozen=True, slots=True)
class NameChange:
    """What releases call a thing of ours: a tensor, a field, a prefix. `table` says where that is written."""

    table: str
    dialect: str
    ours: str
    old: str
    new: str
    place: Span | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A released file and a value: whether they agreed, whether they do; None where they were not compared."""

    variants: tuple[str, ...]
    name: str
    key: str
    released: str
    ours: str
    place: Span
    """The excerpt's line."""
    claim: Span | None
    agreed: bool | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Loading:
    """What becomes of checkpoints that the base loads, for some variants; `hints` say what would migrate them."""

    variants: tuple[str, ...]
    outcome: Literal["breaks", "renamed", "loads", "mended"]
    why: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a user's pipeline hands in, before and after."""

    variants: tuple[str, ...]
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class VariantChange:
    """A variant that appears, goes or has another name; its key before and after, "" for none."""

    state: State
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class SystemChange:
    """One system: what became of it and of everything that follows from its pages."""

    system: str
    title: str
    path: str
    state: State
    was: str = ""
    """Its name before, where it was renamed."""
    variants: tuple[VariantChange, ...] = ()
    facts: tuple[FactChange, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    tensors: tuple[TensorChange, ...] = ()
    names: tuple[NameChange, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    loading: tuple[Loading, ...] = ()
    pipeline: tuple[Seen, ...] = ()
    package: PackageChange | None = None
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Variants with the slots whose facts do not fit together now: what follows from them is not known."""

    @property
    def weight(self) -> int:
        """How much follows, most first: weights that do not load, tensors, figures, facts, evidence."""
        broken = any(one.outcome == "breaks" for one in self.loading) or self.state == "removed"
        broken = broken or bool(self.unclear)
        sorts = (broken, self.tensors or self.names, self.figures or self.pipeline, self.facts)
        return sum(8 >> place for place, one in enumerate(sorts) if one)

    @property
    def follows(self) -> bool:
        """Something besides evidence differs."""
        moved = any(not one.only_evidence for one in self.facts)
        return bool(moved or self.variants or self.state != "changed" or self.tensors or self.names or self.figures)


@dataclass(frozen=True, slots=True)
class Flip:
    """A number whose verdict differs: as it reads now, where it stands, and the reason that holds now."""

    text: str
    subject: str
    old: str
    new: str
    place: Span
    was: Span
    reason: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class PageChange:
    """A page whose text differs."""

    path: str
    state: State
    added: int
    removed: int
    was: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a base is held by something."""

    tally: Tally
    anchored: int
    bases: int

    @property
    def numbers(self) -> int:
        """All numbers."""
        return sum(self.tally)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that differs between two states."""

    old: str
    new: str
    pages: tuple[PageChange, ...]
    systems: tuple[SystemChange, ...]
    flips: tuple[Flip, ...]
    found: tuple[Diagnostic, ...]
    """Findings that are new; those of flips besides."""
    gone: tuple[Diagnostic, ...]
    before: Coverage
    after: Coverage
    compared: int = 0
    """Systems that were compared; the others rest on what is the same."""
    lines: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Lines of the files that new findings point at."""

    @property
    def empty(self) -> bool:
        """Nothing follows, whatever the texts say."""
        return not (self.systems or self.flips or self.found or self.gone)
