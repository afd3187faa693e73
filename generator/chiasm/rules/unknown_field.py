"""A row names a field that the kind does not have.

A misspelt field would be dropped in silence, and the default would stand where a value was meant.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_sise | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "unknown-field"
MENDS = True
