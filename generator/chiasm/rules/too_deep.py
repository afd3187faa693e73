"""Lists and quotations are nested deeper than they can be read.

What is not read is not checked; it is shown as plain text, and said to be.

Bad:

```markdown
> > > > > > > > > a quotation in a quotation, twenty deep
```

Good:

```markdown
> a quotation
```
"""

from __future__ import annotations

ID = "too-deep"
