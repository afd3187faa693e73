"""Traces a generated line: a package's plan and a line of its code in; the component or template it was made from out.

Nothing of this is written in `generated/`: a line of prose more on a page must not rewrite a package.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chiasm.plan import Plan
from chiasm.render import WRITTEN

CLAIM = re.compile(r"(?<![\w./-])([a-z0-9][a-z0-9.-]*(?::[^\s/:]+)?/[a-z_]+\.[a-z0-9_]+)(?![\w/-])")
"""A claim's id: `llava:1.5-7b/language_model.layers`."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a generated line: a file of the compiler; `line` is None where a template wrote it from data."""

    file: str
    line: int | None
    kind: str
    """Name of the kind whose component it is; "" for what every package has."""


def origin(plan: Plan, path: str, number: int, text: str) -> Origin:
    """Where line `number` of a package's file comes from; `text` is the file."""
    module = path.rpartition("/")[2].removesuffix(".py")
    if module in WRITTEN or path.endswith("README.md"):
        return Origin(f"generator/chiasm/templates/{WRITTEN.get(module, 'readme.md.j2')}", None, "")
    part = next((part for part in plan.parts if part.module == module and part.component), None)
    component = part.component if part else module
    where = _component_lines(component, text).get(number)
    return Origin(f"generator/chiasm/components/{component}.py", where, part.kind if part else "")


def claims_of(text: str) -> tuple[str, ...]:
    """The claims that a line, or a whole file, names, in order."""
    return tuple(dict.fromkeys(CLAIM.findall(text)))


def carried(code: Mapping[str, str], claim: str) -> Iterator[tuple[str, int]]:
    """The generated lines that a claim stands behind: (path, line)."""
    for path, text in sorted(code.items()):
        if claim in text:
            yield from (
                (path, number) for number, line in enumerate(text.split("\n"), 1) if claim in CLAIM.findall(line)
            )


@cache
def _component_lines(component: str, text: str) -> Mapping[int, int]:
    """Line of a generated module → line of its component, where they are the same."""
    source = (files("chiasm") / "components" / f"{component}.py").read_text(encoding="utf-8")
    matcher = difflib.SequenceMatcher(None, source.split("\n"), text.split("\n"), autojunk=False)
    return {
        block.b + offset + 1: block.a + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
