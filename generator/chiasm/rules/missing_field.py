"""A kind needs a field that no table of the slot states.

A model cannot be built from half a description, and a reader would have to guess the rest.

Bad:

```markdown
| [ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@radford2021clip] §2 |
```

Good:

```markdown
a row for each field that the kind requires (`chiasm show` lists them)
```
"""

from __future__ import annotations

ID = "missing-field"
