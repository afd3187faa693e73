"""The kinds of errors, a family a file; importing this package registers them all."""

from benchmarks.documents.mutators import (
    between,
    citations,
    formulas,
    names,
    numbers,
    pages,
    scopes,
    sentences,
    tables,
    training,
    units,
)

__all__ = [
    "between",
    "citations",
    "formulas",
    "names",
    "numbers",
    "pages",
    "scopes",
    "sentences",
    "tables",
    "training",
    "units",
]
