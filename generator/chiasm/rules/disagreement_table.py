"""A table of disagreeing sources lacks a column, or its heading the field.

Where sources disagree the page states what each says, with which scope, and what is done here.

Bad:

```markdown
### Sources disagree: trainable

| source | says |
|---|--:|
| [@li2023blip2] Table 1 | 188M |
```

Good:

```markdown
### Sources disagree: trainable

| source | says | scope | here |
|---|--:|---|---|
| [@li2023blip2] Table 1 | 188M | stage 1 | reported |
| [@li2023blip2] Table 2 | 107M | stage 2 | **followed** |
```
"""

from __future__ import annotations

ID = "disagreement-table"
