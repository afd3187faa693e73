"""An entry of the bibliography cannot be read, or repeats a field.

A source that cannot be read supports nothing.

Bad:

```bibtex
@article{key, title = {A, year = 2023}
```

Good:

```bibtex
@article{key, title = {A}, year = {2023}}
```
"""

from __future__ import annotations

ID = "bad-entry"
