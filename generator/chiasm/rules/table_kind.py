"""The word after the kind in a table's first cell is not known.

After the link stands nothing (facts), `mask`, `tensors` or `configuration`.

Bad:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) masks | ITC | source |
|---|---|---|
| query → query | all | [@li2023blip2] Fig. 2 |
```

Good:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
|---|---|---|
| query → query | all | [@li2023blip2] Fig. 2 |
```
"""

from __future__ import annotations

ID = "table-kind"
