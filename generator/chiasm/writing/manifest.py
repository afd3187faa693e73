"""What was written last: `generated/MANIFEST.json` and, while a build runs, what it is about to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from chiasm.record import record

PATH = "generated/MANIFEST.json"
PENDING = "generated/.pending.json"
"""Digests of files that a build was writing when it was killed: they are ours although the manifest lacks them."""

Figures = Mapping[str, Mapping[str, int]]
"""Variant → what it costs: `parameters`, `image_tokens`."""


@record(frozen=True, slots=True)
class Package:
    """One package: the page it comes from, the digest of every file, the figures of every variant."""

    page: str
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)


Manifest = Mapping[str, Package]
"""Package → what was written."""

_word = json.JSONEncoder().encode


def digest(data: bytes) -> str:
    """A file's digest as the manifest has it."""
    return hashlib.sha256(data).hexdigest()


def read(root: Path) -> Manifest:
    """The manifest; empty where there is none or it cannot be read."""
    try:
        raw = json.loads((root / PATH).read_text(encoding="utf-8"))
        return {
            str(name): Package(
                page=str(package["page"]),
                files={str(path): str(known) for path, known in package["files"].items()},
                figures={
                    str(key): {str(what): int(value) for what, value in figures.items()}
                    for key, figures in package["figures"].items()
                },
            )
            for name, package in raw["packages"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def stamp(root: Path) -> str:
    """Digest of the manifest as it stands; "" where there is none."""
    try:
        return digest((root / PATH).read_bytes())
    except OSError:
        return ""


def text(manifest: Manifest) -> str:
    """The manifest as it is written: sorted, one value a line."""
    packages = (
        f"{_word(name)}: {_package(package)}" for name, package in sorted(manifest.items(), key=lambda item: item[0])
    )
    return f'{{\n "packages": {_object(packages, 1)}\n}}\n'


def _package(package: Package) -> str:
    """As `json.dumps` with one space of indentation writes it, in a tenth of the time."""
    figures = (
        f"{_word(variant)}: {_object((f'{_word(what)}: {value}' for what, value in sorted(found.items())), 4)}"
        for variant, found in sorted(package.figures.items())
    )
    files = (f"{_word(path)}: {_word(known)}" for path, known in sorted(package.files.items()))
    return _object(
        (f'"figures": {_object(figures, 3)}', f'"files": {_object(files, 3)}', f'"page": {_word(package.page)}'), 2
    )


def _object(members: Iterable[str], depth: int) -> str:
    inside = f",\n{' ' * (depth + 1)}".join(members)
    return f"{{\n{' ' * (depth + 1)}{inside}\n{' ' * depth}}}" if inside else "{}"


def pending(root: Path) -> Mapping[str, frozenset[str]]:
    """What interrupted builds were about to write: path → digests."""
    try:
        raw = json.loads((root / PENDING).read_text(encoding="utf-8"))
        return {str(path): frozenset(map(str, digests)) for path, digests in raw.items() if path.count("/") == 2}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
