"""A row of a table has more or fewer cells than its header.

GitHub drops the cells that are too many and shows gaps for those that are missing, so a value would stand in the wrong
column, or nowhere. A pipe inside a cell is written `\\|`, in a code span too.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "row-length"
