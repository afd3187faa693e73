"""A table of facts does not end with a column `source`.

Every value rests on something; the last column says on what.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants |
|---|--:|
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

ID = "no-source-column"
