"""A table of facts under a slot's heading does not link the kind it describes.

The kind says which fields a table may have. Without it the rows claim nothing, and would be lost.

Bad:

```markdown
## Encoder

| field | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
## Encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```
"""

from __future__ import annotations

ID = "table-without-kind"
