"""An excerpt of a released file is not JSON, or does not say where it comes from.

An excerpt outranks every other evidence; it must be readable and traceable.

Bad:

```json
{"config": {"hidden_size": 1024}}
```

Good:

```json
{"origin": "https://…/config.json", "accessed": "2026-11-21", "system": "clip", "config": {"hidden_size": 1024}}
```
"""

from __future__ import annotations

ID = "bad-evidence"
