"""The first cell of a row is not a field's name.

Fields are written as in code: lower case, words joined by `_`. The name is part of the claim's id and of the package.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| Image Size | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "field-name"
MENDS = True
