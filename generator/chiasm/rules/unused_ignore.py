"""A comment, or a line of chiasm.toml, hides findings that are not there any more.

What was wrong was mended, or moved: then the comment would hide the next fault instead.

Bad:

```markdown
<!-- chiasm: ignore[broken-link] it is published with the paper -->
See [BLIP-2](../models/blip-2.md).
```

Good:

```markdown
See [BLIP-2](../models/blip-2.md).
```
"""

from __future__ import annotations

ID = "unused-ignore"
SEVERITY = "warning"
MENDS = True
