"""HTML in a page is shown as text.

Pages cannot bring markup of their own into the site.

Bad:

```markdown
<b>32</b> queries
```

Good:

```markdown
**32** queries
```
"""

from __future__ import annotations

ID = "raw-html"
