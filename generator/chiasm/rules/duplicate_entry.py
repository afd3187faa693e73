"""Two entries of the bibliography have the same key.

Only the first would be cited.

Bad:

```bibtex
@article{li2023, title = {BLIP-2}}
@article{li2023, title = {Another}}
```

Good:

```bibtex
@article{li2023blip2, title = {BLIP-2}}
@article{li2023other, title = {Another}}
```
"""

from __future__ import annotations

ID = "duplicate-entry"
