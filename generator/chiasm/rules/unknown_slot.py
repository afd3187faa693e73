"""Facts stand under a heading that names no slot, or a heading misspells one.

A system is described in the same words everywhere; facts belong under one of the slots' headings. Under a misspelt
heading a table of variants, names or parameters would be read as an ordinary table.

Bad:

```markdown
## Vision encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
## Encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from chiasm.claiming.claim import SLOTS, Claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import Document, Heading, Table
from chiasm.graph import Graph
from chiasm.span import Span

ID = "unknown-slot"
NAMES = (*SLOTS, "Variants")
NEAR = 0.85
"""How alike two headings are when one is a misspelling of the other."""


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding an H2 over a table on a system's page that is almost a slot's name."""
    if page.system:
        # Tables of facts are reported where they are read.
        yield from _misspelt(page.document, frozenset(table.span for table in page.tables))


def _misspelt(document: Document, facts: frozenset[Span]) -> Iterator[Diagnostic]:
    heading: Heading | None = None
    for block in document.blocks:
        if isinstance(block, Heading):
            heading = block if block.level == 2 else None
            if heading and (name := _transposed(heading.text)):
                yield Diagnostic(ID, f"`{heading.text}` is no slot of a system", heading.span, help=f"write `{name}`")
                heading = None
        elif isinstance(block, Table) and heading and heading.text not in NAMES:
            near = _near(heading.text)
            if near and block.span not in facts and heading.text.lower() != near[0].lower():
                yield Diagnostic(
                    ID,
                    f"`{heading.text}` is no slot of a system",
                    heading.span,
                    "a table stands under it",
                    help=f"write `{near[0]}`",
                )
            heading = None


def _transposed(text: str) -> str:
    """The slot whose letters a heading has in another order: no other word was meant."""
    letters = sorted(text.lower())
    return next((name for name in NAMES if sorted(name.lower()) == letters and name.lower() != text.lower()), "")


@lru_cache(maxsize=4096)
def _near(text: str) -> list[str]:
    return difflib.get_close_matches(text.title(), NAMES, 1, NEAR) or difflib.get_close_matches(text, NAMES, 1, NEAR)
