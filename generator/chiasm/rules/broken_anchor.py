"""A link's anchor is no heading and no variant of the page it leads to.

Bad:

```markdown
[the queries](../models/blip-2.md#aligment)
```

Good:

```markdown
[the queries](../models/blip-2.md#alignment)
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic
from chiasm.face import Face
from chiasm.graph import Graph, is_local
from chiasm.span import Span

ID = "broken-anchor"


def check_face(graph: Graph, page: Face) -> Iterator[Diagnostic]:
    """One finding a link."""
    path = page.path
    for link in page.links:
        if not is_local(link.href):
            continue
        to, anchor = target(path, link.href)
        known = graph.anchors(to) if anchor else None
        if known is not None and anchor not in known:
            near = _near(anchor, known)
            yield Diagnostic(
                ID,
                f"{to} has no heading or variant `#{anchor}`",
                Span(page.path, link.at, link.column, link.end),
                mark="no such anchor",
                help=f"did you mean `#{near[0]}`?" if near else "link a heading of that page",
            )


@lru_cache(maxsize=4096)
def _near(anchor: str, known: frozenset[str]) -> list[str]:
    return difflib.get_close_matches(anchor, sorted(known)[:2000], n=1)
