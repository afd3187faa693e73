"""A file cannot be read as text: binary, not UTF-8, too large, or a link that leaves the project.

Nothing that is not read is passed in silence.

Bad:

```text
a page saved as UTF-16
```

Good:

```text
the same page saved as UTF-8
```
"""

from __future__ import annotations

ID = "unreadable-file"
