"""Facts stand under a heading that names no slot.

The heading decides what a table describes.

Bad:

```markdown
## Encoders
```

Good:

```markdown
## Encoder
```
"""

from __future__ import annotations

ID = "unknown-slot"
