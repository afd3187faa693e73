"""A value that a page takes from a configuration class is not the default that the kind's own table states.

A release that leaves a key out means the default of the reference's class. The concept page keeps these defaults beside
the keys; a page that cites the same file says the same value and names the same key. Where an excerpt of the class is
kept in `knowledge/evidence/classes/`, both are held against it.

Bad:

```markdown
| norm_eps | 1e-6 | [@transformers] blip_2/configuration_blip_2.py hidden_size |
```

Good:

```markdown
| norm_eps | 1e-6 | [@transformers] blip_2/configuration_blip_2.py layer_norm_eps |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.judging import cited, classes
from chiasm.judging.sourced import Default, defaults
from chiasm.span import Span
from chiasm.spec.model import ModelSpec

ID = "class-default"


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a default of a table that the class itself does not have."""
    yield from (one.diagnostic(ID) for one in classes.values(graph, page))
    yield from (one.diagnostic(ID) for one in cited.says(graph, page))


def check_spec(graph: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a value or a key, with the kind's table beside it."""
    told: set[Span] = set()
    for item in defaults(spec):
        fact = item.entry.fact
        if fact is None or fact.cell.span in told:
            continue
        keys = list(dict.fromkeys(name.rpartition(".")[2] for name in item.row.names))
        if not item.agrees:
            told.add(fact.cell.span)
            yield Diagnostic(
                ID,
                f"`{item.entry.field}` is {fact.cell.text} by {item.file}, whose default is {item.stated}",
                fact.cell.span,
                mark=f"expected {item.stated}",
                labels=(Label(item.row.cell.span, f"`{keys[0]}`, {item.stated} where it is absent"),),
                help=f"write {item.stated}, or cite the file that says {fact.cell.text}",
            )
        elif item.key and item.key not in keys and not cited.is_unknown(graph.witness, item.file, item.key):
            told.add(fact.cell.span)
            yield Diagnostic(
                ID,
                f"`{item.entry.field}` is read from `{keys[0]}`, not from `{item.key}`",
                _key(graph, item),
                mark=f"expected {' or '.join(keys)}",
                labels=(Label(item.row.cell.span, f"`{keys[0]}` here"),),
                help=f"write {keys[0]}",
            )
    yield from (one.diagnostic(ID) for one in cited.values(graph, spec) if one.span not in told)


def _key(graph: Graph, item: Default) -> Span:
    """The key itself, behind its citation."""
    cite = item.entry.fact.evidence.cites[0].span  # type: ignore[union-attr]
    lines = graph.lines(cite.path)
    at = lines[cite.line - 1].find(f" {item.key}", cite.column - 1) if lines else -1
    return cite._replace(column=at + 2, end=at + 2 + len(item.key)) if at >= 0 else cite
