"""The first cell of a row is not written as a field.

Fields are names in code: lower case, with `_` between words.

Bad:

```markdown
| Image Size | 224 px | assumed |
```

Good:

```markdown
| image_size | 224 px | assumed |
```
"""

from __future__ import annotations

ID = "field-name"
