"""Two entries of the bibliography have one key.

A citation must mean one source.

Bad:

```bibtex
@article{li2023, title = {One}}
@article{li2023, title = {Two}}
```

Good:

```bibtex
@article{li2023one, title = {One}}
@article{li2023two, title = {Two}}
```
"""

from __future__ import annotations

ID = "duplicate-entry"
