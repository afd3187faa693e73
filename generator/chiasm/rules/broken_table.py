"""Lines that look like a table are not read as one.

The facts in it would be lost in silence.

Bad:

```markdown
| field | value | source |
|---|---|
| layers | 24 | assumed |
```

Good:

```markdown
| field | value | source |
|---|--:|---|
| layers | 24 | assumed |
```
"""

from __future__ import annotations

ID = "broken-table"
