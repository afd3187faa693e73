"""A formula cannot be evaluated: an unknown name, a circle, a division by zero.

A formula is checked, printed and compiled; one that has no value can be none of these.

Bad:

```markdown
| tokens | `(image_size / patch)^2` = 256 | derived |
```

Good:

```markdown
| tokens | `(image_size / patch_size)^2` = 256 | derived |
```
"""

from __future__ import annotations

ID = "bad-formula"
