"""How a figure can be had again: a variant and its setting in, the command, digests and versions out."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chiasm import __version__

if TYPE_CHECKING:
    from chiasm.measuring.inputs import Setting
    from chiasm.spec.model import ModelSpec, VariantSpec


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a variant's figures follow from."""

    subject: str
    """`llava:1.5-7b`."""
    options: tuple[str, ...]
    """Of the command: every input, also those that were not asked for."""
    inputs: Mapping[str, object]
    spec: str
    """Digest of the variant's resolved slots."""
    package: str
    """Digest of the generated package's files; "" where none was measured."""
    versions: Mapping[str, str]

    def command(self, quantities: Iterable[str] = (), scopes: Iterable[str] = ()) -> str:
        """The command that prints the figures again: all, or those of some quantities and scopes."""
        chosen = [*quantities, *(part for scope in scopes for part in ("--scope", scope))]
        return shlex.join(["chiasm", "measure", self.subject, *chosen, *self.options])


def receipt(
    spec: ModelSpec, variant: VariantSpec, setting: Setting, *, package: str = "", versions: Mapping[str, str]
) -> Receipt:
    """The receipt of a variant's figures under a setting."""
    asked = setting.asked
    images = [f"{width}x{height}" for width, height in setting.sizes]
    inputs: dict[str, object] = {
        "image": images,
        "frames": asked.frames,
        "tiles": setting.tiles,
        "tokens": setting.tokens,
        "batch": asked.batch,
        "context": setting.context,
        "dtype": asked.dtype,
        "stage": asked.stage,
    }
    options = [part for name in images for part in ("--image", name)]
    for name, value in inputs.items():
        if name != "image" and value:
            options += [f"--{name}", str(value)]
    subject = f"{spec.system}:{variant.key}" if variant.key else spec.system
    known = {"chiasm": __version__, "python": platform.python_version(), **versions}
    return Receipt(subject, tuple(options), inputs, digest(variant), package, known)


def digest(variant: VariantSpec) -> str:
    """Digest of what a variant is: every slot's kind and values, and the formulas behind them."""
    made = hashlib.blake2b(digest_size=10)
    for slot in sorted(variant.slots):
        resolved = variant.slots[slot]
        made.update(f"{slot} {resolved.kind.name} {json.dumps(dict(resolved.values))}\n".encode())
        for entry in resolved.entries:
            if entry.formula:
                made.update(f"{entry.field} {entry.formula.source}\n".encode())
    return made.hexdigest()
