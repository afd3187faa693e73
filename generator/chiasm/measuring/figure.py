"""A quantity of one scope: what the spec says and what the package has; and numbers as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

QUANTITIES = {
    "parameters": "weights, each once; tied tables are one",
    "bytes": "memory of the weights in the data type",
    "tokens": "visual tokens an image becomes, tokens of the sequence",
    "flops": "operations of one forward pass over the sequence, and of one more token (decode)",
    "macs": "multiply-accumulates: half the operations",
    "cache": "memory of keys and values of all places, in the data type",
    "activations": "memory of the results of every product with a weight and of attention, in the data type",
    "compression": "patches, or what the encoder hands on, for one visual token",
}
"""What can be measured, and what it is."""
UNITS = {
    "parameters": "",
    "bytes": "B",
    "tokens": "tokens",
    "flops": "FLOP",
    "macs": "MAC",
    "cache": "B",
    "activations": "B",
    "compression": "×",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity of one scope. Either value may be missing; `why` says why."""

    quantity: str
    scope: str
    analytic: Fraction | None
    measured: Fraction | None = None
    why: str = ""
    detail: bool = False
    """Part of another figure: shown where its quantity or scope is asked for."""

    @property
    def unit(self) -> str:
        """What is counted; "" for a plain number."""
        return UNITS[self.quantity]

    @property
    def equal(self) -> bool | None:
        """Whether both say the same; None where one is missing."""
        return None if self.analytic is None or self.measured is None else self.analytic == self.measured

    @property
    def reads(self) -> str:
        """The value rounded for people."""
        value = self.analytic if self.analytic is not None else self.measured
        return "" if value is None else human(value, self.unit)


def human(value: Fraction, unit: str) -> str:
    """`7.06 B`, `8.40 TFLOP`, `320 MiB (335.5 MB)`: k, M, B and T are decimal, Ki, Mi and Gi binary."""
    if unit == "B":
        binary = _scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB"))
        return binary if value < 1024 else f"{binary} ({_scaled(value, 1000, ('B', 'kB', 'MB', 'GB', 'TB'))})"
    if unit in ("FLOP", "MAC"):
        return _scaled(value, 1000, tuple(f"{prefix}{unit}" for prefix in ("", "k", "M", "G", "T", "P", "E")))
    if unit == "×":
        return f"{_digits(value)}×"
    if unit == "tokens":
        return f"{int(value):,} tokens"
    return _scaled(value, 1000, ("", "k", "M", "B", "T")).strip()


def exact(value: Fraction | None) -> str:
    """The value to the unit, thousands apart; a ratio as a fraction."""
    if value is None:
        return "–"
    return f"{value.numerator:,}" if value.denominator == 1 else f"{value.numerator:,}/{value.denominator:,}"


def _scaled(value: Fraction, step: int, names: tuple[str, ...]) -> str:
    power = 0
    # What would be printed as 1000 of one name is 1.00 of the next.
    while power + 1 < len(names) and round(value / step**power, 1) >= step:
        power += 1
    return f"{_digits(value / step**power)} {names[power]}"


def _digits(value: Fraction) -> str:
    """Three digits, more where they are whole ones."""
    if value.denominator == 1 or value >= 1000:
        return f"{round(value):,}"
    places = 2 if value < 10 else 1
    return f"{float(value):.{places}f}"
