"""Writes files: texts in, the project's `generated/` out. The only writer of the compiler's output.

A file that is not what was last written was edited by hand: its package is left alone. Every file is replaced whole,
the manifest last; a journal of what is being written lets the build after a killed one tell its own files from edits.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from chiasm.record import record
from chiasm.writing import manifest as manifests
from chiasm.writing.manifest import Manifest, Package, digest
from chiasm.writing.standing import Standing

TEMPORARY = ".chiasm-"
"""How the names of files begin that are not whole yet."""
OUTSIDE = "a link leads out of generated/"
BATCH, MANY = 1_000, 16
"""Files that are written before the first is put in its place; so many of them are asked onto the disk at once."""


@record(frozen=True, slots=True)
class Wanted:
    """What a build wants in `generated/`: packages and their texts; `held` packages stay as they are."""

    packages: Manifest
    texts: Mapping[str, str]
    held: frozenset[str] = frozenset()


@record(frozen=True, slots=True)
class Written:
    """What a build did, or would do: paths by what happens to them."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    """Edited by hand; nothing of their packages was touched."""
    standing: Mapping[str, str] = field(default_factory=dict)
    """Texts of the edited files."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Texts that were replaced or removed."""
    manifest: Manifest = field(default_factory=dict)


def compare(root: Path, wanted: Wanted, *, force: bool = False, seen: Standing | None = None) -> Written:
    """What writing would change; nothing is written. What `seen` knows to stand as it did is not read."""
    old, journal = manifests.read(root), manifests.pending(root)
    standing: dict[str, str] = {}
    written: list[str] = []
    removed: list[str] = []
    before: dict[str, str] = {}
    after: dict[str, Package] = {name: old[name] for name in wanted.held if name in old}
    begun = {path.split("/")[1] for path in journal}
    for name in sorted((old.keys() | wanted.packages.keys() | begun) - wanted.held):
        new = wanted.packages[name].files if name in wanted.packages else {}
        known = old[name].files if name in old else {}
        if seen and new == known and name not in begun and seen.holds(name, new):
            after[name] = wanted.packages[name]
            continue
        looked = seen.look(name, new) if seen else ""
        ours = known.keys() | {path for path in journal if path.startswith(f"generated/{name}/")}
        found = {path: _bytes(root, path) for path in sorted(ours | new.keys())}
        states = {path: None if data is None else digest(data) for path, data in found.items()}
        foreign = [
            path
            for path, state in states.items()
            if state is not None and state not in {known.get(path), new.get(path)} | journal.get(path, frozenset())
        ]
        if foreign and not force:
            standing |= {path: (found[path] or b"").decode("utf-8", "replace") for path in foreign}
            if name in old:
                after[name] = old[name]
            continue
        written.extend(path for path in new if states[path] != new[path])
        removed.extend(path for path in ours - new.keys() if states[path] is not None)
        before |= {path: data.decode("utf-8", "replace") for path, data in found.items() if data is not None}
        if name in wanted.packages:
            after[name] = wanted.packages[name]
            if seen and states == new:
                seen.saw(name, new, looked)
    touched = {*written, *removed}
    replaced = {path: text for path, text in before.items() if path in touched}
    return Written(tuple(sorted(written)), tuple(sorted(removed)), tuple(sorted(standing)), standing, replaced, after)


def write(root: Path, wanted: Wanted, *, force: bool = False, seen: Standing | None = None) -> Written:
    """Make `generated/` what is wanted. `force` replaces edited files too and keeps them as `*.orig`."""
    with _alone(root):
        _sweep(root)
        change = compare(root, wanted, force=force, seen=seen)
        text = manifests.text(change.manifest)
        if change.written or change.removed:
            _announce(root, change)
            if force:
                _keep(root, change)
            for start in range(0, len(change.written), BATCH):
                _replace(root, [(path, wanted.texts[path]) for path in change.written[start : start + BATCH]])
            for path in change.removed:
                _remove(root, path)
        if _bytes(root, manifests.PATH) != text.encode() and (change.manifest or (root / manifests.PATH).exists()):
            _replace(root, [(manifests.PATH, text)])
        if not change.edited:
            (root / manifests.PENDING).unlink(missing_ok=True)
        return change


def stale(root: Path, wanted: Wanted, change: Written) -> tuple[str, ...]:
    """Paths that differ from what is wanted: missing, different or left over, the manifest included."""
    text = manifests.text({**change.manifest, **wanted.packages})
    manifest = [manifests.PATH] if _bytes(root, manifests.PATH) != text.encode() else []
    return tuple(sorted({*change.written, *change.removed, *change.edited, *manifest}))


def intact(root: Path, manifest: Manifest, seen: Standing | None = None) -> bool:
    """Every file is as the manifest has it, and the manifest as it would be written."""
    return _bytes(root, manifests.PATH) == manifests.text(manifest).encode() and all(
        _stands(root, name, package.files, seen) for name, package in manifest.items()
    )


def _stands(root: Path, name: str, files: Mapping[str, str], seen: Standing | None) -> bool:
    if seen and seen.holds(name, files):
        return True
    looked = seen.look(name, files) if seen else ""
    for path, known in files.items():
        data = _bytes(root, path)
        if data is None or digest(data) != known:
            return False
    if seen:
        seen.saw(name, files, looked)
    return True


def _announce(root: Path, change: Written) -> None:
    """Say what is about to be written before writing it, beside what earlier builds have said."""
    journal = {path: set(digests) for path, digests in manifests.pending(root).items()}
    for package in change.manifest.values():
        for path, known in package.files.items():
            journal.setdefault(path, set()).add(known)
    text = json.dumps({path: sorted(known) for path, known in sorted(journal.items())})
    _replace(root, [(manifests.PENDING, text)])


def _keep(root: Path, change: Written) -> None:
    """Copies of edited files, as `*.orig`."""
    known = {path: value for package in manifests.read(root).values() for path, value in package.files.items()}
    journal = manifests.pending(root)
    for path in (*change.written, *change.removed):
        data = _bytes(root, path)
        ours = {known.get(path)} | set(journal.get(path, ()))
        if data is not None and digest(data) not in ours:
            _replace(root, [(f"{path}.orig", data.decode("utf-8", "surrogateescape"))])


def _bytes(root: Path, path: str) -> bytes | None:
    try:
        return (root / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _check_inside(root: Path, folders: Iterable[Path]) -> None:
    """OSError where a folder of targets lies outside `generated/`."""
    home = (root / "generated").resolve()
    inside = home.is_relative_to(root.resolve())
    for folder in folders:
        if not (inside and folder.resolve().is_relative_to(home)):
            raise PermissionError(1, OUTSIDE, str(folder))


def _target(root: Path, path: str) -> Path:
    """The target of a path; OSError where it is a link."""
    target = root / path
    if target.is_symlink():
        raise PermissionError(1, OUTSIDE, str(target))
    return target


def _replace(root: Path, files: Sequence[tuple[str, str]]) -> None:
    """Put whole files in place of old ones: all are on the disk before the first name points to one."""
    folders = {(root / path).parent for path, _ in files}
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    _check_inside(root, folders)
    targets = [(_target(root, path), text) for path, text in files]
    for target, text in targets:
        with _partial(target).open("wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            if len(files) < MANY:
                file.flush()
                os.fsync(file.fileno())
    if len(files) >= MANY:
        # Asked for one by one, a disk takes longer for a hundred files than for everything that it was given.
        os.sync()
    for target, _ in targets:
        _partial(target).replace(target)
    for folder in sorted(folders):
        _settle(folder)


def _partial(target: Path) -> Path:
    return target.with_name(f"{TEMPORARY}{target.name}")


def _settle(folder: Path) -> None:
    """The folder's names are on the disk too, where the system lets one ask for it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(root: Path, path: str) -> None:
    target = _target(root, path)
    _check_inside(root, [target.parent])
    target.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        for cached in (target.parent / "__pycache__").glob(f"{target.stem}.*.pyc"):
            cached.unlink()
        (target.parent / "__pycache__").rmdir()
    with contextlib.suppress(OSError):
        target.parent.rmdir()


def _sweep(root: Path) -> None:
    """Remove what a killed build had not finished."""
    for partial in (*(root / "generated").glob(f"{TEMPORARY}*"), *(root / "generated").glob(f"*/{TEMPORARY}*")):
        if partial.is_file() and not partial.is_symlink():
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Waits until no other build of this project writes; the system lets go of the lock of a killed one."""
    folder = root / ".chiasm"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            from fcntl import LOCK_EX, flock  # noqa: PLC0415, not on every system
        except ImportError:  # no such lock on this system: builds there must not run side by side
            yield
            return
        flock(lock, LOCK_EX)
        yield
