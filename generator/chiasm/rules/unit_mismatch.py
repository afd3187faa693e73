"""A formula's result or a table's header names something else than its fact counts.

Pixels are not patches and layers are not heads, whatever the number.

Bad:

```markdown
| image_tokens | `alignment.num_queries` = 32 layers | derived |
```

Good:

```markdown
| image_tokens | `alignment.num_queries` = 32 tokens | derived |
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chiasm.claiming.claim import Claims, Comparison, Disagreement, Fact, Formula
from chiasm.diagnostic import Diagnostic
from chiasm.document import Link
from chiasm.graph import Graph
from chiasm.judging.counts import NOUNS, UNITS
from chiasm.numbers.units import NOUNS as COUNTED
from chiasm.regex import regex
from chiasm.span import Span

ID = "unit-mismatch"
PLAIN = regex(r"[a-z_]+(?:\.[a-z_]+)?")


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a cell or a header."""
    for table in page.tables:
        for fact in table.facts:
            yield from _fact(fact)
    for disagreement in page.disagreements:
        yield from _positions(disagreement)
    for comparison in page.comparisons:
        yield from _headers(comparison)


def _fact(fact: Fact) -> Iterator[Diagnostic]:
    """What a formula says it comes to; a plain value that its field cannot hold is found where it is read."""
    if isinstance(fact.value, Formula) and fact.value.result and fact.slot != "parameters":
        fits = "tokens" if (fact.slot, fact.field) == ("training", "tokens") else NOUNS.get(fact.field, "")
        yield from _unit(fact.field, fits, fact.value.result.unit, fact.cell.span)


def _positions(table: Disagreement) -> Iterator[Diagnostic]:
    for position in table.positions if table.slot not in ("parameters", "training") else ():
        if position.quantity:
            yield from _unit(table.field, NOUNS.get(table.field, ""), position.quantity.unit, position.cell.span)


def _headers(comparison: Comparison) -> Iterator[Diagnostic]:
    for cell in comparison.header[1:]:
        link = next((item for item in cell.inlines if isinstance(item, Link)), None)
        title = link.title.partition(",")[0].strip() if link else ""
        last = (re.findall(r"[A-Za-z]+", link.text) or [""])[-1].lower() if link else ""
        # Only a plural at the end names what is counted: "LM layers", not "patch size".
        if link and PLAIN.fullmatch(title) and COUNTED.get(last) == last:
            yield from _unit(title, NOUNS.get(title.rpartition(".")[2], ""), last, link.span)


def _unit(field: str, fits: str, unit: str, span: Span) -> Iterator[Diagnostic]:
    if fits and unit in UNITS and unit not in fits.split():
        counted = fits.split(maxsplit=1)[0]
        yield Diagnostic(
            ID,
            f"`{field}` counts {counted}, not {unit}",
            span,
            mark=f"expected {counted}",
            help=f"write {counted}, or name the field that counts {unit}",
        )
