"""A link has a scope as its title, but no number in its text.

The title of a link to a section says which fact its number states. Without a number nothing is stated.

Bad:

```markdown
It has [few tokens](#token-budget "image_tokens").
```

Good:

```markdown
It has [32 tokens](#token-budget "image_tokens").
```
"""

from __future__ import annotations

ID = "statement-without-number"
SEVERITY = "warning"
