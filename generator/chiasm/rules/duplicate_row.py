"""A field stands twice in one table.

The second row would win in silence.

Bad:

```markdown
| layers | 24 | assumed |
| layers | 32 | assumed |
```

Good:

```markdown
| layers | 24 | assumed |
```
"""

from __future__ import annotations

ID = "duplicate-row"
