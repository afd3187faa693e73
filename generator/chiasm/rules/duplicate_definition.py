"""One thing is stated twice in a page: a fact in two rows that differ, two kinds for one variant, a definition twice.

The second statement would win in silence.

Bad:

```markdown
| [Fixed](../concepts/token-budget.md#fixed) | all variants | source |
|---|--:|---|
| image_tokens | 32 | [@li2023blip2] §3.1 |

| [Fixed](../concepts/token-budget.md#fixed) | all variants | source |
|---|--:|---|
| image_tokens | 64 | [@li2023blip2] §3.1 |
```

Good:

```markdown
| [Fixed](../concepts/token-budget.md#fixed) | all variants | source |
|---|--:|---|
| image_tokens | 32 | [@li2023blip2] §3.1 |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims, Fact
from chiasm.diagnostic import Diagnostic, Label
from chiasm.document import Definition
from chiasm.graph import Graph

ID = "duplicate-definition"


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a repeated fact or reference definition."""
    yield from _facts(page)
    seen: dict[str, Definition] = {}
    for definition in page.document.definitions:
        first = seen.setdefault(definition.label.lower(), definition)
        if first is not definition:
            yield Diagnostic(
                ID,
                f"`[{definition.label}]` is defined twice",
                definition.span,
                labels=(Label(first.span, "first here"),),
                help="delete one of the two",
            )


def _facts(page: Claims) -> Iterator[Diagnostic]:
    """A fact in two tables of a page; rows of one table are compared where they are read."""
    seen: dict[tuple[str, str], tuple[int, Fact]] = {}
    for index, table in enumerate(page.tables):
        for fact in table.facts:
            where, first = seen.setdefault((fact.id, fact.kind), (index, fact))
            if where != index and first.cell.text != fact.cell.text:
                yield Diagnostic(
                    ID,
                    f"`{fact.id}` is stated twice",
                    fact.cell.span,
                    mark=f"{fact.cell.text} here",
                    labels=(Label(first.cell.span, f"{first.cell.text} here"),),
                    help="delete one of the two rows",
                )
