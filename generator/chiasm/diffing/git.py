"""Reads a project's files as a revision of git has them. Git is a process with arguments; no name reaches a shell."""

from __future__ import annotations

import posixpath
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from chiasm.diagnostic import Diagnostic, Found
from chiasm.source import LIMIT, Source, source
from chiasm.span import Span

LINK, FILE = "120000", "100"
"""How the modes of links and of files begin."""
HOPS = 8
"""Links that are followed from one to the next."""


class GitError(Exception):
    """Git cannot give what was asked for; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Revision(NamedTuple):
    """A commit, and what the reader called it."""

    name: str
    commit: str

    @property
    def short(self) -> str:
        """The commit's first characters."""
        return self.commit[:9]


class Held(NamedTuple):
    """A file of a commit: its mode, its object, its size in bytes."""

    mode: str
    object: str
    size: int


def revision(root: Path, name: str) -> Revision:
    """The commit that a revision names. Raises GitError where there is none."""
    inside(root)
    if not name or name.startswith("-") or any(ord(character) < 32 for character in name):
        raise GitError(f"{name!r} is no revision", "name a commit, a branch or a tag: chiasm diff main")
    code, commit, _ = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if code:
        raise GitError(f"{name!r} names no commit here", _missing(root))
    return Revision(name, commit.decode().strip())


def is_revision(root: Path, name: str) -> bool:
    """Whether a name can be read as a revision."""
    try:
        revision(root, name)
    except GitError:
        return False
    return True


def common(root: Path, first: Revision, second: Revision) -> Revision:
    """The best common ancestor of two commits. Raises GitError where they have none."""
    code, found, _ = _git(root, "merge-base", first.commit, second.commit)
    if code:
        raise GitError(f"{first.name} and {second.name} have no commit in common", _missing(root))
    return Revision(f"{first.name}...{second.name}", found.decode().strip())


def inside(root: Path) -> None:
    """Raises GitError where the project lies in no repository that git reads."""
    code, _, words = _git(root, "rev-parse", "--git-dir")
    if code:
        said = (words.strip().splitlines() or ["git says nothing"])[0].removeprefix("fatal: ")
        raise GitError(f"the project is in no git repository: {said}", "run `git init`, or diff inside a clone")


def files(root: Path, commit: str, *patterns: str) -> Found[tuple[Source, ...]]:
    """The files of a commit that match glob patterns from the project's root, as `source.read` gives those of a disk.

    A link is read through to the file of the commit that it leads to; one that leads elsewhere is left out.
    """
    tops = sorted({pattern.partition("/")[0] for pattern in patterns})
    listed = dict(_listed(root, commit, tops))
    wanted = {path: held for path in listed if matches(path, patterns) and (held := _followed(path, listed, root))}
    texts = _objects(root, sorted({one.object for one in wanted.values() if one.size <= LIMIT}))
    found = [
        source(path, texts[held.object]) if held.object in texts else _too_big(path, held.size)
        for path, held in sorted(wanted.items())
    ]
    return (
        tuple(one for one in found if isinstance(one, Source)),
        tuple(one for one in found if isinstance(one, Diagnostic)),
    )


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path fits any of the glob patterns; `**` is any folders."""
    return any(_fits(path.split("/"), pattern.split("/")) for pattern in patterns)


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(parts[start:], pattern[1:]) for start in range(len(parts)))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(parts[1:], pattern[1:])


def _listed(root: Path, commit: str, below: Sequence[str]) -> Iterator[tuple[str, Held]]:
    """Every file and link of a commit at or below some paths: its path from the project's root."""
    code, out, words = _git(root, "ls-tree", "-r", "-l", "-z", commit, "--", *below)
    if code:
        raise GitError(f"git cannot list {commit[:9]}: {words.strip()}", _missing(root))
    for line in filter(None, out.split(b"\0")):
        head, _, name = line.partition(b"\t")
        mode, kind, found, size = head.decode().split()
        if kind == "blob" and not size.isdigit():
            raise GitError(f"the repository lacks the object {found}", _missing(root))
        if kind == "blob":
            yield name.decode("utf-8", "replace"), Held(mode, found, int(size))


def _followed(path: str, listed: Mapping[str, Held], root: Path) -> Held | None:
    """The file at a path, behind links; None for a link that leads to no file of the commit."""
    for _ in range(HOPS):
        held = listed.get(path)
        if held is None or held.mode.startswith(FILE):
            return held
        if held.mode != LINK or held.size > LIMIT:
            return None
        target = _objects(root, [held.object])[held.object].decode("utf-8", "replace")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return None


def _objects(root: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The contents of objects, all from one process."""
    if not names:
        return {}
    code, out, words = _git(root, "cat-file", "--batch", asked="".join(f"{name}\n" for name in names).encode())
    if code:
        raise GitError(f"git cannot read objects: {words.strip()}", _missing(root))
    found: dict[str, bytes] = {}
    at = 0
    for name in names:
        end = out.index(b"\n", at)
        head = out[at:end].split()
        if len(head) != 3:
            raise GitError(f"the repository lacks the object {name}", _missing(root))
        start, size = end + 1, int(head[2])
        found[name] = out[start : start + size]
        at = start + size + 1
    return found


def _git(root: Path, *arguments: str, asked: bytes = b"") -> tuple[int, bytes, str]:
    """Exit code, output and complaint of git run in the project's root; it asks nobody and starts nothing else."""
    command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", "--no-optional-locks", *arguments]
    try:
        done = subprocess.run(command, input=asked, capture_output=True, check=False)  # noqa: S603, arguments are ours
    except FileNotFoundError:
        raise GitError("git is not installed", "install git: `chiasm diff` reads revisions with it") from None
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")


def _missing(root: Path) -> str:
    """What to do about a commit that is not there."""
    code, out, _ = _git(root, "rev-parse", "--is-shallow-repository")
    if not code and out.strip() == b"true":
        return "this clone is shallow: run `git fetch --unshallow`, or set `fetch-depth: 0` in actions/checkout"
    return "`git log --oneline` lists commits, `git fetch` brings those of a remote"


def _too_big(path: str, size: int) -> Diagnostic:
    message = f"file is larger than {LIMIT // 10**6} MB"
    return Diagnostic("unreadable-file", message, Span(path, 1), f"{size:,} bytes", help="split the page")
