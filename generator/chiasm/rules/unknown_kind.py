"""The link in a table's first header cell leads to no section that defines a kind of its slot.

The kind decides which fields a table may have and which component is generated.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transfomer) | all variants | source |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
```
"""

from __future__ import annotations

ID = "unknown-kind"
