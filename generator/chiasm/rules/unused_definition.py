"""A source in the bibliography that no page cites, or a reference definition that its page does not use.

Dead entries hide which sources a text really rests on.

Bad:

```markdown
[@kim2021vilt]: https://arxiv.org/abs/2102.03334 "accessed 2026-11-21"
```

in a page that never cites `[@kim2021vilt]`.

Good: cite it where it supports something, or delete the line.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph

ID = "unused-definition"
SEVERITY = "warning"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """Warnings, as nothing is wrong yet."""
    for key, entry in graph.bibliography.entries.items():
        if key not in graph.cited and graph.cited:
            yield Diagnostic(
                ID, f"no page cites `{key}`", entry.span, severity="warning", help="cite it or delete the entry"
            )


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One warning a definition that its own page does not use."""
    used = {cite.key for cite in page.cites}
    for definition in page.document.definitions:
        if definition.label.startswith("@") and definition.label[1:] not in used:
            yield Diagnostic(
                ID,
                f"the page never cites `{definition.label[1:]}`",
                definition.span,
                severity="warning",
                help="cite it or delete the line",
            )
