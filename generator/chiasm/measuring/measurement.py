"""Measures variants: specs and what is asked in, figures with their receipts out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chiasm.measuring.analytic import figures
from chiasm.measuring.figure import Figure
from chiasm.measuring.inputs import Inputs, Setting, setting
from chiasm.measuring.measured import Answer, answers, job, joined, torch_version
from chiasm.measuring.receipt import Receipt, digest, receipt

if TYPE_CHECKING:
    from chiasm.cache import Cache
    from chiasm.spec.model import ModelSpec, VariantSpec
UNWRITTEN = "a kind is described only, so no package is generated from the page"
ABSENT = "its package is not here; `chiasm build` in a project writes it"
TORCHLESS = "torch is not installed; with `pip install 'chiasm[run]'` the package is measured too"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one variant costs under one setting."""

    spec: ModelSpec
    variant: VariantSpec
    setting: Setting
    wanted: tuple[str, ...]
    figures: tuple[Figure, ...]
    receipt: Receipt
    note: str = ""
    """Why nothing was measured beside what was counted; "" where something was."""


def counted(spec: ModelSpec, variant: VariantSpec, asked: Inputs, wanted: Sequence[str]) -> Measurement:
    """By arithmetic alone. Raises ValueError where the variant cannot take the inputs."""
    chosen = setting(variant, asked)
    made = figures(spec, variant, chosen, wanted)
    return Measurement(spec, variant, chosen, tuple(wanted), made, receipt(spec, variant, chosen, versions={}))


def measured(
    several: Sequence[Measurement], root: Path, package: Callable[[ModelSpec], str], kept: Cache
) -> tuple[Measurement, ...]:
    """The same with what the generated packages have; `package` gives the digest of a system's, "" for none.

    What was found is kept by the digests of spec and package, the inputs and torch's version.
    """
    torch = torch_version()
    jobs: dict[int, tuple[str, dict[str, Any]]] = {}
    known: dict[int, Answer] = {}
    for number, one in enumerate(several):
        own = package(one.spec)
        if not own:
            known[number] = Answer({}, {}, ABSENT if one.spec.generated else UNWRITTEN)
        elif not torch:
            known[number] = Answer({}, {}, TORCHLESS)
        else:
            question = job(one.spec, one.variant, one.setting, one.wanted)
            key = kept.key("measure", digest(one.variant), own, torch, json.dumps(question))
            found = _remembered(kept.get(key))
            if found:
                known[number] = found
            else:
                jobs[number] = key, question
    asked = answers(root, [question for _, question in jobs.values()]) if jobs else ()
    for (number, (key, _)), answer in zip(jobs.items(), asked, strict=True):
        known[number] = answer
        if not answer.why:
            kept.put(key, json.dumps([answer.found, answer.versions]))
    return tuple(_with(one, known[number], package(one.spec)) for number, one in enumerate(several))


def _with(one: Measurement, answer: Answer, package: str) -> Measurement:
    if answer.why:
        return replace(one, note=answer.why)
    both = joined(one.figures, answer.found, one.setting)
    made = receipt(one.spec, one.variant, one.setting, package=package, versions=answer.versions)
    return replace(one, figures=both, receipt=made)


def _remembered(text: str | None) -> Answer | None:
    try:
        found, versions = json.loads(text or "")
    except (ValueError, TypeError):
        return None
    return Answer(found, versions) if isinstance(found, Mapping) and isinstance(versions, Mapping) else None
