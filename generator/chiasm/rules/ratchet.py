"""Less is proved, or anchored, than chiasm.toml asks for.

A number that nothing proves any more is a loss that no other rule reports: its link was removed, its scope no longer
names one fact, the value that held it is gone. `proved` is a share of all numbers, `anchored` of all base values;
`chiasm check --ratchet` raises both to what is reached now, never lowers them, and keeps each page's count in
`chiasm.ratchet.json`, so that the next loss can be told by page. `chiasm check --show-unjudged` says why a number has
no verdict.

Bad: chiasm.toml says, and 789 of 2,047 numbers are proved,

```toml
[check]
proved = 0.9
```

Good:

```toml
[check]
proved = 0.1
```
"""

from __future__ import annotations

ID = "ratchet"
