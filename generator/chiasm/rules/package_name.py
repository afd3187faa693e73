"""A page's file name cannot name a package.

A package named like a module of the standard library, or like a keyword, breaks imports elsewhere.

Bad:

```text
knowledge/models/site.md
```

Good:

```text
knowledge/models/site-vlm.md
```
"""

from __future__ import annotations

ID = "package-name"
