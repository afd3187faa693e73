"""Pages extend or copy one another in a circle, or more than four deep.

Where a value comes from must be found in a few steps.

Bad:

```markdown
Extends: [LLaVA-1.5](llava.md)
```

Good:

```markdown
a page that states its own facts, at the end of at most four links
```
"""

from __future__ import annotations

ID = "inheritance"
