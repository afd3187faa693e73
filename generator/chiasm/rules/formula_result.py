"""The result written beside a formula is not what the formula gives.

A result that was copied and not recomputed is how two numbers of one page come to disagree.

Bad:

```markdown
| tokens | `(image_size / patch_size)^2 + 1` = 256 | derived |
```

Good:

```markdown
| tokens | `(image_size / patch_size)^2 + 1` = 257 | derived |
```
"""

from __future__ import annotations

ID = "formula-result"
MENDS = True
