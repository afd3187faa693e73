"""What was written last: `generated/MANIFEST.json` and, while a build runs, what it is about to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATH = "generated/MANIFEST.json"
PENDING = "generated/.pending.json"
"""Digests of files that a build was writing when it was killed: they are ours although the manifest lacks them."""

Figures = Mapping[str, Mapping[str, int]]
"""Variant → what it costs: `parameters`, `image_tokens`."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package: the page it comes from, the digest of every file, the figures of every variant."""

    page: str
    files: Mapping[str, str] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)


Manifest = Mapping[str, Package]
"""Package → what was written."""


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


def text(manifest: Manifest) -> str:
    """The manifest as it is written: sorted, one value a line."""
    packages = {
        name: {"page": package.page, "figures": package.figures, "files": package.files}
        for name, package in manifest.items()
    }
    return json.dumps({"packages": packages}, indent=1, sort_keys=True, ensure_ascii=True) + "\n"


def pending(root: Path) -> Mapping[str, frozenset[str]]:
    """What interrupted builds were about to write: path → digests."""
    try:
        raw = json.loads((root / PENDING).read_text(encoding="utf-8"))
        return {str(path): frozenset(map(str, digests)) for path, digests in raw.items() if path.count("/") == 2}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
