"""A link carries a scope in its title but its text holds no number.

A scope says what a number is about; without one nothing is checked.

Bad:

```markdown
[the queries](#alignment "num_queries")
```

Good:

```markdown
[32 queries](#alignment "num_queries")
```
"""

from __future__ import annotations

ID = "statement-without-number"
