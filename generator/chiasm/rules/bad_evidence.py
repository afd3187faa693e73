"""An excerpt of a released file is not JSON, does not say where it comes from, or is about no known system.

An excerpt outranks every other evidence; it must be readable, traceable, and held against a page. One whose system or
variant is misspelt would be compared with nothing.

Bad:

```json
{"config": {"hidden_size": 1024}}
```

Good:

```json
{"origin": "https://…/config.json", "accessed": "2026-11-21", "system": "clip", "config": {"hidden_size": 1024}}
```
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from chiasm.diagnostic import Diagnostic
from chiasm.evidence import Excerpt
from chiasm.graph import Graph
from chiasm.readings import readings
from chiasm.span import Span
from chiasm.witness import witnesses

ID = "bad-evidence"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding an excerpt whose system or variant no page has, one a record that cannot be read."""
    yield from witnesses(graph.others)[1]
    yield from readings(graph.others)[1]
    yield from _unlisted(graph)
    for excerpt in graph.excerpts:
        variants = graph.variants.get(excerpt.system)
        if variants is None:
            yield _unknown(graph, excerpt, "system", excerpt.system, sorted(graph.variants))
        elif excerpt.variant and excerpt.variant not in variants:
            yield _unknown(graph, excerpt, "variant", excerpt.variant, variants)


def _unlisted(graph: Graph) -> Iterator[Diagnostic]:
    """Records of sources that the bibliography does not have."""
    for reading in graph.readings.values():
        if reading.key not in graph.bibliography.entries:
            near = difflib.get_close_matches(reading.key, graph.bibliography.entries, n=1)
            yield Diagnostic(
                ID,
                f"no entry of the bibliography has the key `{reading.key}`",
                Span(reading.path, 1),
                help=f"did you mean `{near[0]}`?" if near else "add the entry, or delete the record",
            )


def _unknown(graph: Graph, excerpt: Excerpt, what: str, name: str, known: Sequence[str]) -> Diagnostic:
    span = Span(excerpt.path, 1)
    for number, line in enumerate(graph.lines(excerpt.path) or (), 1):
        at = line.find(f'"{name}"') + 1
        if at and f'"{what}"' in line:
            span = span._replace(line=number, column=at + 1, end=at + 1 + len(name))
            break
    near = difflib.get_close_matches(name, known, n=1)
    return Diagnostic(
        ID,
        f"no page describes the {what} `{name}`",
        span,
        help=f"did you mean `{near[0]}`?" if near else f"the {what}s are: {', '.join(known)}",
    )
