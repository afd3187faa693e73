"""Reads excerpts of released files: `evidence/*.json` in, configurations and checkpoint sizes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field

from chiasm.diagnostic import Diagnostic, Found
from chiasm.record import record
from chiasm.source import Source
from chiasm.span import Span

DEPTH = 8
Json = bool | int | float | str | list["Json"] | None


@record(frozen=True, slots=True)
class Excerpt:
    """What one released file says: configuration values by dotted key, and what its checkpoint index holds."""

    path: str
    origin: str
    accessed: str
    system: str
    variant: str
    config: Mapping[str, Json] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each configuration key in the excerpt."""
    total_size: int | None = None
    """Bytes of all tensors."""
    tensors: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def span(self, key: str) -> Span:
        """Where the excerpt states a key."""
        line = self.lines.get(key, 1)
        return Span(self.path, line)


def is_excerpt(path: str) -> bool:
    """Whether a file stands where excerpts do."""
    return path.endswith(".json") and "/evidence/" in f"/{path}"


def is_class(path: str) -> bool:
    """Whether a file stands where excerpts of a library's classes do, which are read only when they are asked for."""
    return is_excerpt(path) and "/evidence/classes/" in f"/{path}"


def is_reading(path: str) -> bool:
    """Whether a file stands where records of what was read in a source do."""
    return is_excerpt(path) and "/evidence/sources/" in f"/{path}"


def excerpts(files: Mapping[str, Source]) -> Found[tuple[Excerpt, ...]]:
    """Every excerpt among files, by path; the others are not read. What is wrong with those that are none."""
    read = [_excerpt(files[path]) for path in files if is_excerpt(path) and not is_class(path) and not is_reading(path)]
    return (
        tuple(item for item in read if isinstance(item, Excerpt)),
        tuple(item for item in read if isinstance(item, Diagnostic)),
    )


def _excerpt(source: Source) -> Excerpt | Diagnostic:
    try:
        data = json.loads(source.text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        column = getattr(error, "colno", 1)
        return _wrong(
            source, f"not JSON: {error}" if not isinstance(error, RecursionError) else "nested too deep", line, column
        )
    if not isinstance(data, dict):
        return _wrong(source, "this is no JSON object")
    for key in ("origin", "accessed", "system"):
        if not isinstance(data.get(key), str) or not data[key]:
            return _wrong(source, f"the excerpt does not say its `{key}`")
    config = dict(_flat(data.get("config"), "", 0))
    index = data.get("index")
    index = index if isinstance(index, dict) else {}
    size = index.get("total_size")
    tensors = index.get("tensors")
    return Excerpt(
        source.path,
        data["origin"],
        data["accessed"],
        data["system"],
        str(data.get("variant", "")),
        config,
        {key: _line(source, key) for key in (*config, "total_size")},
        size if isinstance(size, int) else None,
        {str(name): tuple(shape) for name, shape in tensors.items() if isinstance(shape, list)}
        if isinstance(tensors, dict)
        else {},
    )


def _flat(value: object, prefix: str, depth: int) -> list[tuple[str, Json]]:
    """An object's leaves by dotted key; keys may be dotted already."""
    if isinstance(value, dict) and depth < DEPTH:
        return [
            pair
            for key, item in value.items()
            for pair in _flat(item, f"{prefix}.{key}" if prefix else str(key), depth + 1)
        ]
    return [(prefix, value)] if prefix and isinstance(value, bool | int | float | str | list | None) else []


def _line(source: Source, key: str) -> int:
    """The line that states a key, dotted or by its last part."""
    for wanted in (f'"{key}"', f'"{key.rpartition(".")[2]}"'):
        line = next((number for number, text in enumerate(source.lines, 1) if wanted in text), 0)
        if line:
            return line
    return 1


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            msg = f"key {key!r} twice"
            raise ValueError(msg)
        found[key] = value
    return found


def _wrong(source: Source, message: str, line: int = 1, column: int = 1) -> Diagnostic:
    return Diagnostic(
        "bad-evidence",
        message,
        Span(source.path, line, column, column + 1),
        help='write {"origin", "accessed", "system", "variant", "config", "index"}',
    )
