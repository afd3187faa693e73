"""A row of a table of released names cannot be read.

Checkpoints are loaded by these rows; a row that is skipped is a tensor that is missing.

Bad:

```markdown
| hidden | `hidden_size` |
```

Good:

```markdown
| dim | `hidden_size` |
```
"""

from __future__ import annotations

ID = "released-name"
