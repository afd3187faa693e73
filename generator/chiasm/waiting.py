"""Files whose digests are known and whose texts are not needed yet: a root, a path and a digest in, a source out.

Its text is read when it is asked for, and is the one that the digest stands for; else whoever asks is told.
"""

from __future__ import annotations

import errno
from pathlib import Path

from chiasm.source import Source, one


class Changed(OSError):  # noqa: N818, no fault: what was begun has to begin again
    """A file is no longer what it was when the run began."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EIO, "it changed while it was read; run this again", path)


class Waiting(Source):
    """A source whose text is on the disk."""

    __slots__ = ("_root",)

    def __init__(self, root: Path, path: str, digest: str) -> None:
        super().__init__(path, "", digest)
        object.__setattr__(self, "_root", root)
        self.put_away()

    def __getattr__(self, name: str) -> str:
        """The text, where it was not read yet.

        Raises:
            Changed: the file says something else by now, or is gone.
        """
        if name != "text":
            raise AttributeError(name)
        root: Path = object.__getattribute__(self, "_root")
        found = one(root, self.path)
        if not isinstance(found, Source) or found.digest != self.digest:
            raise Changed(self.path)
        object.__setattr__(self, "text", found.text)
        return found.text

    def put_away(self) -> None:
        """Keep the text no longer; it is read again where it is asked for."""
        try:
            object.__delattr__(self, "text")
        except AttributeError:
            return

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Waiting) and (self.path, self.digest) == (other.path, other.digest)

    def __hash__(self) -> int:
        return hash((self.path, self.digest))
