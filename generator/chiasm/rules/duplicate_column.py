"""Two columns of a table are about the same variant.

The second would win in silence.

Bad:

```markdown
| [OPT](../concepts/language-models.md#opt) | opt-2.7b | opt-2.7b | source |
```

Good:

```markdown
| [OPT](../concepts/language-models.md#opt) | opt-2.7b | opt-6.7b | source |
```
"""

from __future__ import annotations

ID = "duplicate-column"
