"""chiasm.toml cannot be read: it is not TOML, has a key that does not exist, or a value that its key cannot have.

A misspelt key would be a rule that nobody keeps, in silence.

Bad:

```toml
[check]
prooved = 0.6
```

Good:

```toml
[check]
proved = 0.6
anchored = 0.5

[check.ignore]
"knowledge/drops/**" = { broken-link = "drops name files as they were then" }
```
"""

from __future__ import annotations

ID = "bad-configuration"
