"""A cell of a mask table cannot be read.

Each row says who attends to whom, each cell what is visible.

Bad:

```markdown
| query, text | all |
```

Good:

```markdown
| query → text | all |
```
"""

from __future__ import annotations

ID = "mask-cell"
