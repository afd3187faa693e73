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
from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic
from chiasm.graph import Graph, is_local
from chiasm.resolving.inherit import target

ID = "broken-link"


def check(graph: Graph) -> Iterator[Diagnostic]:
    """One finding a link."""
    folders = {path.rpartition("/")[0] for path in graph.files}
    for path, page in graph.claims.items():
        for link in page.links:
            if not is_local(link.href) or not link.href:
                continue
            to = target(path, link.href)[0]
            if to not in graph.files and to.rstrip("/") not in folders:
                near = difflib.get_close_matches(to, sorted(graph.documents), n=1)
                yield Diagnostic(
                    ID,
                    f"`{link.href}` leads to no file",
                    link.href_span,
                    mark="not found",
                    help=f"did you mean {near[0]}?" if near else "correct the path or write the page",
                )
