"""A table under a slot's heading does not link the kind that it describes.

The kind decides which fields the table may have.

Bad:

```markdown
| ViT | all variants | source |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
```
"""

from __future__ import annotations

ID = "table-without-kind"
