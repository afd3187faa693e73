"""Lines that look like a table are not one.

The row of dashes must have as many columns as the header above it; otherwise GitHub shows a paragraph full of pipes,
and its values are not read.

Bad:

```markdown
| a | b |
|---|
| 1 | 2 |
```

Good:

```markdown
| a | b |
|---|---|
| 1 | 2 |
```
"""

from __future__ import annotations

ID = "broken-table"
