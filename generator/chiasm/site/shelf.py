"""Remembers what every page of the site was made of: keys of last time in, texts that are new or changed out.

A page whose key is the same stands as it was written; a key covers everything that the page's text follows from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Texts = Mapping[str, str | None]
"""Path below the site's root → text; None: it stands as it was written last, or has been written."""
Read = Callable[[str], Callable[[int, int], bytes]]
Write = Callable[[str, Iterable[bytes]], None]
Keep = Callable[[str], None]


class Shelf:
    """Pages by path. `before` is what `text` gave last time, and `read` the page that stands.

    With `write` a page is handed over as soon as it is made, instead of being kept among the texts; `keep` is told of
    every page that stands.
    """

    def __init__(
        self, before: str = "", read: Read | None = None, write: Write | None = None, keep: Keep | None = None
    ) -> None:
        self._before = _lines(before) if read else {}
        self._kept: dict[str, tuple[str, str]] = {}
        self._notes: dict[str, Any] = {}
        self._said: dict[str, Any] = {}
        self._read, self._write, self._keep = read, write, keep
        self.texts: dict[str, str | None] = {}

    @property
    def before(self) -> Iterable[str]:
        """Everything that was kept last time."""
        return self._before

    def has(self, path: str, key: str) -> bool:
        """Whether a page was made under the same key; nothing is made under none."""
        return bool(key) and self._before.get(path, ("", ""))[0] == key

    def stands(self, path: str, key: str) -> bool:
        """The same, and if so the page is kept."""
        if not self.has(path, key):
            return False
        self._kept[path] = self._before[path]
        self.texts[path] = None
        if self._keep:
            self._keep(path)
        return True

    def was(self, path: str) -> Any:
        """What a page left for others last time; None where it left nothing."""
        if path not in self._notes:
            try:
                self._notes[path] = json.loads(self._before.get(path, ("", "null"))[1])
            except ValueError:
                self._notes[path] = None
        return self._notes[path]

    def raw(self, name: str) -> str:
        """What was kept last time, as text."""
        return self._before.get(name, ("", ""))[1]

    def keep(self, name: str, key: str, raw: str) -> str:
        """Something that is text for JSON already, kept as it is."""
        self._kept[name] = (key, raw)
        return raw

    def note(self, path: str) -> Any:
        """What a page left for others, of which it is known by now whether it stands."""
        if path not in self._said:
            self._said[path] = self.was(path)
        return self._said[path]

    def old(self, path: str) -> Callable[[int, int], bytes]:
        """What reads parts of a page as it stands from last time."""
        return self._read(path) if self._read else lambda *_: b""

    def put(self, path: str, key: str, text: str | Iterable[bytes], note: Any = None) -> None:
        """A page's text, and what other pages need to know of it."""
        self._kept[path], self._said[path] = (key, _dumps(note)), note
        if self._write:
            self._write(path, (text.encode(),) if isinstance(text, str) else text)
            self.texts[path] = None
        else:
            self.texts[path] = text if isinstance(text, str) else b"".join(text).decode()

    def one(self, path: str, key: str, make: Callable[[], str]) -> None:
        """One page, made unless it stands."""
        if not self.stands(path, key):
            self.put(path, key, make())

    def noted(self, name: str, key: str, make: Callable[[], Any]) -> Any:
        """Something that is kept but is no page."""
        found = self._said[name] = self.was(name) if self.has(name, key) else make()
        self._kept[name] = (key, _dumps(found))
        return found

    def text(self) -> str:
        """What is to be remembered: a line each."""
        return "\n".join(f"{path}\t{key}\t{note}" for path, (key, note) in self._kept.items())


def key(*parts: object) -> str:
    """The key of what these decide."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12).hexdigest()


def _dumps(note: Any) -> str:
    return json.dumps(note, ensure_ascii=False, separators=(",", ":"))


def _lines(text: str) -> dict[str, tuple[str, str]]:
    """Path → key and note of every line that is one."""
    parts = (line.split("\t") for line in text.split("\n"))
    return {part[0]: (part[1], part[2]) for part in parts if len(part) == 3}
