"""A field stands twice in one table.

One of the two values would win in silence.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| layers | 24 | [@radford2021clip] |
| layers | 12 | [@radford2021clip] |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| layers | 24 | [@radford2021clip] |
```
"""

from __future__ import annotations

ID = "duplicate-row"
