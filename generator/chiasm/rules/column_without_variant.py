"""A column of a table of facts names no variant.

A value belongs to a variant or to all of them.

Bad:

```markdown
| [OPT](../concepts/language-models.md#opt) | opt-2,7b | source |
```

Good:

```markdown
| [OPT](../concepts/language-models.md#opt) | opt-2.7b | source |
```
"""

from __future__ import annotations

ID = "column-without-variant"
