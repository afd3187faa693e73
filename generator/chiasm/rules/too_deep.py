"""Lists and quotes are nested deeper than is read.

Below a hundred levels the text is kept and shown, but no table or link in it is a claim.

Bad:

```markdown
> > > > > (a hundred times) a claim
```

Good:

```markdown
> a claim
```
"""

from __future__ import annotations

ID = "too-deep"
SEVERITY = "warning"
FOREIGN = True
