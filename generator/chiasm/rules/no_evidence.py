"""A value stands without a source.

Every value carries evidence: citations with locators, or one of the words derived, assumed, measured.

Bad:

```markdown
| num_queries | 32 | |
```

Good:

```markdown
| num_queries | 32 | [@li2023blip2] §3.1 |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "no-evidence"


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a row."""
    rows = {fact.field_span: fact for table in page.tables for fact in table.facts if fact.evidence is None}
    for span, fact in rows.items():
        yield Diagnostic(
            ID,
            f"`{fact.field}` has no evidence",
            span,
            mark="no source in this row",
            help="cite a source (`[@key] §3`), or write derived, assumed or measured in the last column",
        )
