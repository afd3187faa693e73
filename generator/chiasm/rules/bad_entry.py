"""An entry of the bibliography cannot be read, or has no title.

The entry is left out, so whatever cites it is unresolved too.

Bad:

```bibtex
@article{li2023blip2, title = {BLIP-2, year = {2023}
```

Good:

```bibtex
@article{li2023blip2, title = {BLIP-2}, year = {2023}, urldate = {2025-11-16}}
```
"""

from __future__ import annotations

ID = "bad-entry"
