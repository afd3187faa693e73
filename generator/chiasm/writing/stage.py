"""Formats and compiles files before they are written: rendered texts in, texts as they will stand on the disk out.

Runs ruff in an empty folder of its own with a configuration of its own, so that no project's settings change a byte.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

from chiasm.cache import Cache

PATIENCE = 120
"""Seconds after which ruff is given up on."""

FORMAT = ("format", "--isolated", "--no-cache", "--quiet", "--line-length=120", "--target-version=py311")
TIDY = (
    "check",
    "--isolated",
    "--no-cache",
    "--quiet",
    "--fix",
    "--exit-zero",
    "--line-length=120",
    "--target-version=py311",
    "--select=I,F401,UP037",
)
"""Sorted imports, and none that a closed gate left unused."""


def staged(files: tuple[tuple[str, str], ...], cache: Cache) -> tuple[tuple[str, str], ...]:
    """The files, formatted; every Python module compiles.

    Raises:
        RuntimeError: ruff failed, or a module does not compile: a bug of chiasm, since no page can cause it.
    """
    keys = {path: cache.key("style", path, text) for path, text in files if path.endswith(".py")}
    done = {path: known for path, key in keys.items() if (known := cache.get(key)) is not None}
    fresh = {path: text for path, text in files if path in keys and path not in done}
    for path, text in _styled(fresh).items():
        _compile(path, text)
        cache.put(keys[path], text)
        done[path] = text
    return tuple((path, done.get(path, text)) for path, text in files)


def _styled(files: Mapping[str, str]) -> dict[str, str]:
    if not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="chiasm-") as name:
        folder = Path(name)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        _ruff(folder, *TIDY)
        _ruff(folder, *FORMAT)
        return {path: (folder / path).read_text(encoding="utf-8") for path in files}


def _ruff(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "ruff", *arguments, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603, fixed
    if done.returncode:
        msg = f"ruff {arguments[0]} failed: {(done.stderr or done.stdout).strip()}"
        raise RuntimeError(msg)


def _compile(path: str, text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(text, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, Warning) as error:
        msg = f"{path} does not compile: {error}"
        raise RuntimeError(msg) from error
