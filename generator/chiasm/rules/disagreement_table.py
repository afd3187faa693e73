"""A table of disagreement lacks a column, a field in its heading, or a followed row.

Conflicting sources are stated, attributed and resolved, never averaged.

Bad:

```markdown
### Sources disagree

| source | says |
```

Good:

```markdown
### Sources disagree: trainable

| source | says | scope | here |
```
"""

from __future__ import annotations

ID = "disagreement-table"
