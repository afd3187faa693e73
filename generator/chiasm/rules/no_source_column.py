"""The last column of a table of facts is not its source.

Every value carries evidence, in the same place.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants |
```

Good:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
```
"""

from __future__ import annotations

ID = "no-source-column"
