"""A column of a table of facts names no variant.

Each column between the fields and the source is about one variant, several, or all of them.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) |   | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "column-without-variant"
