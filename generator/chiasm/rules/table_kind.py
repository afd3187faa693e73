"""The word after the kind in a table's first cell is not known.

After the link stands nothing (facts), `mask`, `tensors` or `configuration`.

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
