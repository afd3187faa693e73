"""A comment that hides findings names no rule, a rule that does not exist, or no reason.

Who reads the page next must know what was seen, and why it stays. A comment on a line is about that line, alone on its
line about the block below it; `ignore-file` is about the whole page. Several rules are separated by commas.

Bad:

```markdown
<!-- chiasm: ignore[broken-link] -->
See [the announcement](../announcement.md).
```

Good:

```markdown
<!-- chiasm: ignore[broken-link] it is published with the paper -->
See [the announcement](../announcement.md).
```
"""

from __future__ import annotations

ID = "bad-ignore"
