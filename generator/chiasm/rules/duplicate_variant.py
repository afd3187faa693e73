"""Two variants have the same name.

A variant's name is its key and its anchor.

Bad:

```markdown
| 7b | LLaVA 1.0 |
| 7b | LLaVA 1.5 |
```

Good:

```markdown
| 1.0-7b | LLaVA 1.0 |
| 1.5-7b | LLaVA 1.5 |
```
"""

from __future__ import annotations

ID = "duplicate-variant"
