"""A row has more or fewer cells than the header.

A shifted cell puts a value under the wrong variant.

Bad:

```markdown
| layers | 24 | 32 | assumed |
```

Good:

```markdown
| layers | 24 | assumed |
```
"""

from __future__ import annotations

ID = "row-length"
