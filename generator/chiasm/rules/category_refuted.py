"""A sentence says that a system is what its page says it is not.

Its language model, its vision encoder, what connects them, what a training stage trains: each stands in the system's
page, with its source. A claim is refuted only where the words give a known part a role that the page gives to another;
denials, comparisons and other people's variants are left alone.

Bad:

```markdown
BLIP-2 connects its encoder to the language model with an MLP projector.
```

Good:

```markdown
BLIP-2 connects its encoder to the language model with a Q-Former.
```

Write what the page states, or name the release or the system that the claim is true of.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph
from chiasm.judging.plain.said import said
from chiasm.judging.verdict import diagnostic

ID = "category-refuted"
FOREIGN = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """The claims of a page that are refuted."""
    yield from (diagnostic(one) for one in said(graph, page) if one.rule == ID)
