"""A generated file is not what was last written: somebody edited it by hand.

It is never overwritten: the change belongs in the page that the file is made from, and would be lost at the next build.

Bad:

```python
dim: int = 1025  # in generated/clip/config.py
```

Good:

```markdown
| dim | 1025 | assumed |
```
"""

from __future__ import annotations

ID = "edited-by-hand"
