"""A link leads to a page or file that does not exist.

Pages are moved and renamed; a link is checked each time.

Bad:

```markdown
[BLIP-2](../models/blip2.md)
```

Good:

```markdown
[BLIP-2](../models/blip-2.md)
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic
from chiasm.face import Face
from chiasm.graph import Graph, is_local
from chiasm.span import Span

ID = "broken-link"
NEAR = 2_000
"""Pages among which a likeness is looked for."""


def check_face(graph: Graph, page: Face) -> Iterator[Diagnostic]:
    """One finding a link."""
    for link in page.links:
        if not is_local(link.href) or not link.href:
            continue
        to = target(page.path, link.href)[0]
        if to not in graph.files and to.rstrip("/") not in graph.folders:
            near = _near(to, graph)
            yield Diagnostic(
                ID,
                f"`{link.href}` leads to no file",
                Span(page.path, link.at, link.column, link.end),
                mark="not found",
                help=f"did you mean {near[0]}?" if near else "correct the path or write the page",
            )


def _near(path: str, graph: Graph) -> list[str]:
    """The page that a path may have meant: one of the same name elsewhere, else the most alike."""
    name = path.rpartition("/")[2]
    namesakes = [other for other in graph.faces if other.rpartition("/")[2] == name]
    return difflib.get_close_matches(path, namesakes or sorted(graph.faces)[:NEAR], n=1)
