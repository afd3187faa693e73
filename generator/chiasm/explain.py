"""Traces generated lines: files of a package and its map in, what made a line, and the lines that a claim made, out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chiasm import origins
from chiasm.marks import Origin
from chiasm.regex import regex
from chiasm.source import Source
from chiasm.spec.model import ModelSpec

CLAIM = regex(r"(?<![\w./-])([a-z0-9][a-z0-9.-]*(?::[^\s/:]+)?/[a-z_]+\.[a-z0-9_]+)(?![\w/-])")
"""A claim's id: `llava:1.5-7b/language_model.layers`."""
OPENS, CLOSES = regex(r"\s*# \{% if (.*?) %\}"), regex(r"\s*# \{% endif %\}")
GATE = regex(r"uses\.(\w+)")


@dataclass(frozen=True, slots=True)
class Traced:
    """What made a generated line."""

    origin: Origin
    gates: tuple[str, ...] = ()
    """Gates of the component that it stands behind, outermost first."""

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims whose values it holds."""
        return tuple(one for one in self.origin.says if CLAIM.fullmatch(one))

    @property
    def pages(self) -> tuple[str, ...]:
        """Pages, or sections of them, whose words it holds."""
        return tuple(one for one in self.origin.says if not CLAIM.fullmatch(one))

    @property
    def place(self) -> str:
        """The file and line of the compiler."""
        return f"generator/chiasm/{self.origin.file}:{self.origin.line}"


def traced(code: Mapping[str, Source], path: str, number: int) -> Traced | None:
    """What made line `number` of a file; None where the package has no map, or one of another file than this."""
    known = _map(code, path.rpartition("/")[0]).get(path.rpartition("/")[2], ())
    if path not in code or len(known) != code[path].text.count("\n") or not 0 < number <= len(known):
        return None
    found = known[number - 1]
    return Traced(found, _gates(found.file)[found.line - 1] if found.file.startswith("components/") else ())


def carried(code: Mapping[str, Source], claims: Collection[str]) -> Iterator[tuple[str, int]]:
    """The generated lines that hold what claims say: (path, line)."""
    for path in sorted(one for one in code if one.endswith(f"/{origins.NAME}")):
        folder = path.rpartition("/")[0]
        for name, lines in sorted(_map(code, folder).items()):
            yield from (
                (f"{folder}/{name}", number)
                for number, origin in enumerate(lines, 1)
                if not {*claims}.isdisjoint(origin.says)
            )


def opened(spec: ModelSpec, gate: str) -> Iterator[str]:
    """The claims of a system that open a gate."""
    for variant in spec.variants:
        for resolved in variant.slots.values():
            field = resolved.kind.gates.get(gate)
            if field and resolved.get(field):
                yield resolved.entry(field).claim


def claims_of(text: str) -> tuple[str, ...]:
    """The claims that a line names, in order."""
    return tuple(dict.fromkeys(CLAIM.findall(text)))


def _map(code: Mapping[str, Source], folder: str) -> Mapping[str, tuple[Origin, ...]]:
    known = code.get(f"{folder}/{origins.NAME}")
    return _read(known.text) if known else {}


@cache
def _read(text: str) -> Mapping[str, tuple[Origin, ...]]:
    return origins.read(text)


@cache
def _gates(component: str) -> tuple[tuple[str, ...], ...]:
    """The gates that each line of a component stands behind."""
    source = (files("chiasm") / component).read_text(encoding="utf-8")
    found: list[tuple[str, ...]] = []
    behind: list[tuple[str, ...]] = []
    for line in source.split("\n"):
        if opens := OPENS.match(line):
            behind.append(tuple(GATE.findall(opens[1])))
        elif CLOSES.match(line):
            behind.pop()
        found.append(tuple(gate for gates in behind for gate in gates))
    return tuple(found)
