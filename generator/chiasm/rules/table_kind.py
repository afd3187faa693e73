"""The words after the kind's link name no kind of table.

A table states facts, or is a `mask`, `tensors` or `configuration` table.

Bad:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) masks | ITC | source |
```

Good:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
```
"""

from __future__ import annotations

ID = "table-kind"
