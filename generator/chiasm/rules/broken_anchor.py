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

from chiasm.claiming.claim import Claims
from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.face import Face
from chiasm.graph import Graph, is_local
from chiasm.judging.likeness import meant
from chiasm.span import Span
from chiasm.tree import Tree

ID = "broken-anchor"
MENDS = True


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
            span = Span(page.path, link.at, link.column, link.end)
            # Only where the address stands there as it is, not behind a reference or an escape.
            sure = meant(anchor, known) if span.end - span.column == len(link.href) else ""
            yield Diagnostic(
                ID,
                f"{to} has no heading or variant `#{anchor}`",
                span,
                mark="no such anchor",
                help=f"did you mean `#{near[0]}`?" if near else "link a heading of that page",
                fix=Fix(span, f"{link.href.partition('#')[0]}#{sure}") if sure else None,
            )


def check_tree(tree: Tree, path: str, page: Claims) -> Iterator[Diagnostic]:
    """One finding a link of a foreign page; `path` is where that lies."""
    for link in page.links:
        if "#" in link.href and (lost := tree.lost_anchor(path, link.href)):
            yield Diagnostic(
                ID,
                f"{lost.what} has no heading for `#{link.href.partition('#')[2]}`",
                link.href_span,
                mark="no such anchor",
                help=f"did you mean `#{lost.near}`?" if lost.near else "link a heading of that page",
                severity="warning",
            )


@lru_cache(maxsize=4096)
def _near(anchor: str, known: frozenset[str]) -> list[str]:
    return difflib.get_close_matches(anchor, sorted(known)[:2000], n=1)
