"""Two columns of a table are about the same variant.

One of the two values would win in silence.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | large | large | source |
|---|--:|--:|---|
| layers | 24 | 12 | [@radford2021clip] |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | large | base | source |
|---|--:|--:|---|
| layers | 24 | 12 | [@radford2021clip] |
```
"""

from __future__ import annotations

ID = "duplicate-column"
