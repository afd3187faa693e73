"""A file cannot be read as a page: it is not UTF-8, binary, too large, or a link out of the project.

A page is text. What cannot be read is named with the byte where it stops being text, and the other pages are still
checked. A symbolic link must stay inside the project: a published site would otherwise carry files from outside it.

Bad:

```text
a page saved as Latin-1 or UTF-16
```

Good:

```text
the same page saved as UTF-8
```
"""

from __future__ import annotations

ID = "unreadable-file"
FOREIGN = True
