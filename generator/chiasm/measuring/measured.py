"""Asks a process with torch what packages have and do: variants and settings in, figures with both values out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chiasm.measuring.figure import Figure
from chiasm.spec import count
from chiasm.spec.names import MODULES

if TYPE_CHECKING:
    from chiasm.measuring.inputs import Setting
    from chiasm.spec.model import ModelSpec, VariantSpec

WEIGHTS = frozenset({"parameters", "bytes"})
"""Quantities for which nothing has to run."""
FAILED = "the package could not be measured"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found about one variant, by `quantity scope`; else what kept it from being measured."""

    found: Mapping[str, int]
    versions: Mapping[str, str]
    why: str = ""


def torch_version() -> str:
    """The installed torch's version, without importing it; "" where there is none."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def job(spec: ModelSpec, variant: VariantSpec, setting: Setting, wanted: Iterable[str]) -> dict[str, Any]:
    """What the process is asked about a variant, as JSON has it."""
    asked = setting.asked
    return {
        "package": spec.system.replace("-", "_"),
        "variant": variant.key,
        "dtype": asked.dtype,
        "batch": asked.batch,
        "images": setting.sizes,
        "frames": asked.frames,
        "tokens": setting.tokens,
        "context": setting.context,
        "scopes": _scopes(spec, variant, asked.stage),
        "run": not set(wanted) <= WEIGHTS,
    }


def answers(root: Path, jobs: Sequence[Mapping[str, Any]]) -> tuple[Answer, ...]:
    """The answer to each job, in their order; one process answers all."""
    command = [sys.executable, "-P", "-m", "chiasm.measuring.device"]
    asked = json.dumps([str(root), jobs])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)  # noqa: S603, ourselves
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return (Answer({}, {}, f"{FAILED}: {last}"),) * len(jobs)
    versions, found = json.loads(done.stdout.splitlines()[-1])
    return tuple(
        Answer({}, versions, f"{FAILED}: {one['error']}") if "error" in one else Answer(one, versions) for one in found
    )


def joined(figures: Iterable[Figure], found: Mapping[str, int], setting: Setting) -> tuple[Figure, ...]:
    """The figures with what was measured beside what was counted."""
    return tuple(replace(one, measured=_measured(one, found, setting)) for one in figures)


def _measured(one: Figure, found: Mapping[str, int], setting: Setting) -> Fraction | None:
    """What was measured of a figure's quantity and scope."""
    batch = setting.asked.batch
    rows = {name.removeprefix("rows "): Fraction(value) for name, value in found.items() if name.startswith("rows ")}
    tokens = rows.get("alignment") if setting.handed else None
    match one.quantity, one.scope:
        case "macs", scope:
            double = found.get(f"flops {scope}")
            return None if double is None else Fraction(double, 2)
        case "tokens", "visual":
            return None if tokens is None else tokens / batch
        case "tokens", "sequence":
            return rows["language_model"] / batch if "language_model" in rows else None
        case "tokens", "encoder, one image":
            return rows["blocks"] / rows["images"] if "blocks" in rows else None
        case "cache", "one token":
            return Fraction(found["cache total"], batch * setting.context) if "cache total" in found else None
        case "compression", scope:
            before = rows.get("patches" if scope.startswith("patches") else "encoder")
            return before / tokens if before and tokens else None
    value = found.get(f"{one.quantity} {one.scope}")
    return None if value is None else Fraction(value)


def _scopes(spec: ModelSpec, variant: VariantSpec, stage: str) -> dict[str, list[str]]:
    """Scope → modules and tensors of the package that are in it."""
    parts = [part for part in count.partial(variant.slots) if not part.startswith(count.FIRST_STAGE)]
    tables = [part for part in parts if part.endswith(".embedding")]
    scopes = {part: _modules(variant, part) for part in parts}
    scopes |= {slot: [slot] for slot in dict.fromkeys(part.partition(".")[0] for part in parts)}
    scopes["embeddings"] = [name for part in tables for name in scopes[part]]
    scopes["total without embeddings"] = [name for part in parts if part not in tables for name in scopes[part]]
    trained = spec.stages[stage].get("trained") if stage else None
    if isinstance(trained, tuple):
        own = [count.canonical(str(name)) for name in trained]
        scopes["trainable"] = [name for scope in own for name in scopes.get(scope, [])]
        scopes["frozen"] = [
            name for part in parts if not {part, part.partition(".")[0]} & {*own} for name in scopes[part]
        ]
    return scopes


def _modules(variant: VariantSpec, part: str) -> list[str]:
    """Names, from the model's root, of what holds a part."""
    slot, _, name = part.partition(".")
    kind = variant.slots[slot].kind
    return [f"{slot}.{own}" for own in MODULES.get((kind.slot, kind.name), {}).get(name, (name,))]
