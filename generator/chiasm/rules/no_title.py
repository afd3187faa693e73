"""A page is empty, or a system's page does not say whose it is.

The H1 names the system; its first paragraph is the summary. A page without one cannot be listed, linked or cited.

Bad:

```markdown
| layers | 24 |
|---|---|
```

Good:

```markdown
# Nano

A sixteen-pixel eye on a small language model.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.span import Span

ID = "no-title"
SEVERITY = "warning"


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a page."""
    document = page.document
    path = document.path
    if not document.source.text.strip():
        yield Diagnostic(ID, "the page is empty", Span(path, 1), help="write the page, or delete the file")
    elif page.system and not document.title.strip():
        yield Diagnostic(
            ID,
            "the page has no title",
            Span(path, 1),
            help="begin with a line `# Name` that names the system",
            severity="warning",
        )
