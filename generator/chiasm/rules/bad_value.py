"""A cell holds what its field cannot: a word for a number, a wrong unit, a number out of range.

Values are typed where they are written, so that nothing is misread later.

Bad:

```markdown
| image_size | large | [@radford2021clip] §2 |
```

Good:

```markdown
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "bad-value"
