"""HTML in a page is shown as text.

Pages cannot put markup or scripts into the site; everything they need has a form in Markdown. Comments are fine.

Bad:

```markdown
<b>256 tokens</b>

<div>256 tokens</div>
```

Good:

```markdown
**256 tokens**
```
"""

from __future__ import annotations

ID = "raw-html"
SEVERITY = "note"
