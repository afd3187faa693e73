"""A cell of a mask does not say who may attend to whom.

A row names pairs, reader → read, with ` / ` between; each cell says `all`, `none` or `causal` for every pair
of its row.

Bad:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
|---|---|---|
| query → query / query → text | all | [@li2023blip2] Fig. 2 |
| text → query / text → text | none / all | [@li2023blip2] Fig. 2 |
```

Good:

```markdown
| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | source |
|---|---|---|
| query → query / query → text | all / none | [@li2023blip2] Fig. 2 |
| text → query / text → text | none / all | [@li2023blip2] Fig. 2 |
```
"""

from __future__ import annotations

ID = "mask-cell"
