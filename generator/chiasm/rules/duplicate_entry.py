"""Two entries of the bibliography have the same key, or are the same source under two keys.

Of one key only the first would be cited; of one source under two keys, what a page says of the one is not held against
the other.

Bad:

```bibtex
@article{li2023, title = {BLIP-2}}
@article{li2023, title = {Another}}
```

Good:

```bibtex
@article{li2023blip2, title = {BLIP-2}}
@article{li2023other, title = {Another}}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chiasm.bibliography import Entry
from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph

ID = "duplicate-entry"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a source that an earlier entry is already; equal keys are found when the file is read."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in graph.bibliography.entries.values():
        same = next((one for what in _identities(entry) if (one := first.get(what))), None)
        if same:
            yield Diagnostic(
                ID,
                f"`{entry.key}` is the same source as `{same.key}`",
                entry.span,
                labels=(Label(same.span, "the first one"),),
                help=f"cite `{same.key}` everywhere, and delete this entry",
            )
        for what in _identities(entry):
            first.setdefault(what, entry)


def _identities(entry: Entry) -> Iterator[tuple[str, str]]:
    """What no two sources share: an arXiv id, a DOI, an address together with a title."""
    if entry.eprint:
        yield "eprint", re.sub(r"v\d+$", "", entry.eprint)
    if entry.doi:
        yield "doi", entry.doi.lower()
    title = "".join(filter(str.isalnum, entry.title.lower()))
    if entry.url:
        yield "url", f"{entry.url.rstrip('/').lower()} {title}"
    if entry.authors and len(entry.title.split()) > 3:
        yield "title", f"{title} {entry.authors[0].lower()} {entry.year}"
