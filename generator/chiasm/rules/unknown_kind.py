"""The link in a table's first header cell leads to no section that defines a kind of its slot.

The kind decides which fields a table may have and which component is generated.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transfomer) | all variants | source |
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

ID = "unknown-kind"
