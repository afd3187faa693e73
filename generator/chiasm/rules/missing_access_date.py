"""A source in the bibliography does not say when it was read.

Pages on the web change; what a source said is what it said on that day.

Bad:

```bibtex
@article{li2023blip2, title = {BLIP-2}, url = {https://arxiv.org/abs/2301.12597}}
```

Good:

```bibtex
@article{li2023blip2, title = {BLIP-2}, url = {https://arxiv.org/abs/2301.12597}, urldate = {2025-11-16}}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.regex import regex

ID = "missing-access-date"
DATE = regex(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding an entry."""
    for key, entry in graph.bibliography.entries.items():
        if not DATE.fullmatch(entry.urldate):
            yield Diagnostic(
                ID,
                f"`{key}` has no access date",
                entry.span,
                mark=entry.urldate or "no urldate",
                help="add `urldate = {YYYY-MM-DD}`, the day it was read",
            )
