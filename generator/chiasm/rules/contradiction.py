"""Two pages state different values for one fact.

The system's own page is what models are generated from; a survey that says otherwise is wrong, or the page is.

Bad: `knowledge/models/blip-2.md` says

```markdown
| num_queries | 32 | [@li2023blip2] §3.1 |
```

and a survey, under a heading that names BLIP-2,

```markdown
| num_queries | 64 | [@li2023blip2] §3.1 |
```

Good: both say 32, or the survey links the page and states nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims, Fact
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.numbers.quantity import Quantity
from chiasm.resolving.inherit import ALL
from chiasm.spec.model import Entry, ModelSpec

ID = "contradiction"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a fact that another page contradicts, with both places."""
    for fact in (fact for table in page.tables for fact in table.facts):
        spec = graph.specs.get(fact.system)
        if spec and spec.path != page.document.path:
            yield from _against(spec, fact)


def _against(spec: ModelSpec, fact: Fact) -> Iterator[Diagnostic]:
    for variant in spec.variants:
        entry = variant.entries.get((fact.slot, fact.field))
        if entry and entry.fact and fact.variant in (*ALL, variant.key) and not _same(fact, entry):
            yield Diagnostic(
                ID,
                f"`{fact.slot}.{fact.field}` of {spec.system}:{variant.key} has two values",
                fact.cell.span,
                mark=f"{fact.cell.text} here",
                labels=(Label(entry.fact.cell.span, f"{entry.fact.cell.text} here"),),
                help="correct one of the two, or delete this row and link the page",
            )
            return


def _same(fact: Fact, entry: Entry) -> bool:
    if entry.fact is None or fact.value == entry.fact.value or fact.cell.text == entry.fact.cell.text:
        return True
    value = entry.formula.value if entry.formula else getattr(entry.fact.value, "value", None)
    if isinstance(fact.value, Quantity) and value is not None and not isinstance(value, str):
        return fact.value.matches(value)
    return fact.value == entry.value
