"""Reads a released configuration: the text of a config.json in, its values by dotted key out."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chiasm.evidence import DEPTH, Json

LIMIT = 1_000_000
"""Bytes of the largest configuration that is read."""
KEYS = 20_000


def config(text: str) -> dict[str, Json]:
    """A configuration's values by dotted key.

    Raises:
        ValueError: it is no JSON object, states a key twice, is nested too deep or holds too much.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_refused)
    except RecursionError as error:
        msg = "it is nested too deep"
        raise ValueError(msg) from error
    if not isinstance(data, dict):
        msg = "it holds no object"
        raise ValueError(msg)  # noqa: TRY004, the text is wrong, not a call
    found = dict(_leaves(data, "", 0))
    if len(found) > KEYS:
        msg = f"it holds more than {KEYS} values"
        raise ValueError(msg)
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "it states a key twice"
        raise ValueError(msg)
    return found


def _refused(name: str) -> object:
    msg = f"{name} is no JSON"
    raise ValueError(msg)


def _leaves(value: object, prefix: str, depth: int) -> Iterator[tuple[str, Json]]:
    """Values by dotted key, of objects that are not too deep."""
    if isinstance(value, dict):
        if depth < DEPTH:
            for name, item in value.items():
                yield from _leaves(item, f"{prefix}.{name}" if prefix else name, depth + 1)
    elif isinstance(value, bool | int | float | str | list | None):
        yield prefix, value
