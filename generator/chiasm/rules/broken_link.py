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
import posixpath
from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.face import Face
from chiasm.graph import Graph, is_local
from chiasm.judging.likeness import meant
from chiasm.span import Span
from chiasm.tree import Tree

ID = "broken-link"
MENDS = True
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
            span = Span(page.path, link.at, link.column, link.end)
            moved = _moved(to, graph) if span.end - span.column == len(link.href) else ""
            yield Diagnostic(
                ID,
                f"`{link.href}` leads to no file",
                span,
                mark="not found",
                help=f"did you mean {moved or near[0]}?" if moved or near else "correct the path or write the page",
                fix=Fix(span, _address(page.path, moved, link.href)) if moved else None,
            )


def check_tree(tree: Tree, path: str, page: Claims) -> Iterator[Diagnostic]:
    """One finding a link of a foreign page; `path` is where that lies."""
    for link in page.links:
        if lost := tree.lost_file(path, link.href):
            yield Diagnostic(
                ID,
                f"`{lost.what}` leads to no file",
                link.href_span,
                mark="not found",
                help=f"did you mean `{lost.near}`?" if lost.near else "correct the path, or remove the link",
                severity="warning",
            )


def _moved(path: str, graph: Graph) -> str:
    """The page that is certainly meant: the only one of the same name elsewhere, else the only one alike beside it."""
    folder, _, name = path.rpartition("/")
    namesakes = [other for other in graph.faces if other.rpartition("/")[2] == name and name != "README.md"]
    if namesakes:
        return namesakes[0] if len(namesakes) == 1 else ""
    beside = {other.rpartition("/")[2] for other in graph.faces if other.rpartition("/")[0] == folder}
    found = meant(name, beside)
    return f"{folder}/{found}" if found else ""


def _address(page: str, to: str, href: str) -> str:
    """A page's address from another, with the anchor that the link had."""
    _, mark, anchor = href.partition("#")
    return f"{posixpath.relpath(to, posixpath.dirname(page))}{mark}{anchor}"


def _near(path: str, graph: Graph) -> list[str]:
    """The page that a path may have meant: one of the same name elsewhere, else the most alike."""
    name = path.rpartition("/")[2]
    namesakes = [other for other in graph.faces if other.rpartition("/")[2] == name]
    return difflib.get_close_matches(path, namesakes or sorted(graph.faces)[:NEAR], n=1)
