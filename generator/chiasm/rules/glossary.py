"""A page defines a term by the words of its neighbour, or uses a word that the glossary takes out of use.

`concepts/glossary.md` has a row for each term of a base: what it means, what tells it, what is not said for it. Pages
of the base keep to it, so that one word means one thing; what others write is not held to it.

Bad:

```markdown
A perceiver projector reads features into latents.
```

Good:

```markdown
A perceiver resampler reads features into latents.
```

Write the term that the glossary has for it; where words define one term under the name of another (“*Late*: in the
first layer”), the name is wrong. Or change the glossary.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging.glossary import PAGE, breaches, twice

ID = "glossary"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """Terms defined twice on the glossary's own page; on others what it contradicts."""
    if page.document.path == PAGE:
        yield from twice(graph)
    else:
        yield from breaches(graph, page)
