"""Facts stand under a heading that names no slot.

A system is described in the same words everywhere; facts belong under one of the slots' headings.

Bad:

```markdown
## Vision encoder

| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
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

ID = "unknown-slot"
