"""Remembers what every page of the site was made of: keys of last time in, texts that are new or changed out.

A page whose key is the same stands as it was written; a key covers everything that the page's text follows from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from chiasm.site.many import mapped

Texts = Mapping[str, str | None]
"""Path below the site's root → text; None: it stands as it was written last."""


class Shelf:
    """Pages by path. `before` is what `text` gave last time."""

    def __init__(self, before: str = "") -> None:
        self._before = _read(before)
        self._kept: dict[str, tuple[str, Any]] = {}
        self.texts: dict[str, str | None] = {}

    def has(self, path: str, key: str) -> bool:
        """Whether a page was made under the same key; nothing is made under none."""
        return bool(key) and self._before.get(path, ("", None))[0] == key

    def stands(self, path: str, key: str) -> bool:
        """The same, and if so the page is kept."""
        if not self.has(path, key):
            return False
        self._kept[path] = self._before[path]
        self.texts[path] = None
        return True

    def put(self, path: str, key: str, text: str, note: Any = None) -> None:
        """A page's text, and what other pages need to know of it."""
        self._kept[path] = (key, note)
        self.texts[path] = text

    def fill(self, pages: Mapping[str, str], make: Callable[[str], tuple[str, Any]], workers: int = 0) -> list[str]:
        """Makes the pages (path → key) that do not stand, side by side; their paths."""
        new = [path for path, key in pages.items() if not self.stands(path, key)]
        for path, (text, note) in zip(new, mapped(lambda at: make(new[at]), len(new), workers), strict=True):
            self.put(path, pages[path], text, note)
        return new

    def one(self, path: str, key: str, make: Callable[[], str]) -> None:
        """One page, made unless it stands."""
        if not self.stands(path, key):
            self.put(path, key, make())

    def noted(self, name: str, key: str, make: Callable[[], Any]) -> Any:
        """Something that is kept but is no page."""
        self._kept[name] = self._before[name] if self.has(name, key) else (key, make())
        return self._kept[name][1]

    def note(self, path: str) -> Any:
        """What a page left for others."""
        return self._kept[path][1]

    def text(self) -> str:
        """What is to be remembered."""
        return json.dumps(self._kept, ensure_ascii=False, separators=(",", ":"))


def key(*parts: object) -> str:
    """The key of what these decide."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def _read(text: str) -> dict[str, tuple[str, Any]]:
    try:
        return {str(path): (str(made), note) for path, (made, note) in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError):
        return {}
