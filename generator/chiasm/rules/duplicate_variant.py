"""Two rows of `## Variants` have the same name.

A variant's name is its key in PRESETS and its anchor; names that differ in case or spaces only are the same.

Bad:

```markdown
## Variants

| variant | source |
|---|---|
| 7b | [@liu2023visual] |
| 7B | [@liu2023improved] |
```

Good:

```markdown
## Variants

| variant | source |
|---|---|
| 1.0-7b | [@liu2023visual] |
| 1.5-7b | [@liu2023improved] |
```
"""

from __future__ import annotations

ID = "duplicate-variant"
