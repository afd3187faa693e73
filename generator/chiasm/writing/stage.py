"""Formats and compiles files before they are written: rendered texts in, texts as they will stand on the disk out.

Runs ruff in an empty folder of its own with a configuration of its own, so that no project's settings change a byte.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

from ruff import find_ruff_bin  # type: ignore[import-untyped]

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
    """The files, formatted; every Python module compiles. Equal modules, which packages share, are formatted once.

    Raises:
        RuntimeError: ruff failed, or a module does not compile: a bug of chiasm, since no page can cause it.
    """
    modules = {path: _module(path, text) for path, text in files if path.endswith(".py")}
    keys = {module: cache.key("style", *module) for module in dict.fromkeys(modules.values())}
    done = {module: known for module, key in keys.items() if (known := cache.get(key)) is not None}
    places = {module: path for path, module in reversed(modules.items())}
    for module, text in _styled([module for module in keys if module not in done]).items():
        _compile(places[module], text)
        cache.put(keys[module], text)
        done[module] = text
    return tuple((path, done[modules[path]] if path in modules else text) for path, text in files)


def _module(path: str, text: str) -> tuple[str, str]:
    """What ruff looks at: the name of the file, since `__init__.py` exports what it does not use, and the text."""
    return ("m{}/__init__.py" if path.endswith("/__init__.py") else "m{}.py"), text


def _styled(modules: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The modules' texts formatted, in two runs of ruff over all of them."""
    if not modules:
        return {}
    with tempfile.TemporaryDirectory(prefix="chiasm-") as name:
        targets = [Path(name, module[0].format(number)) for number, module in enumerate(modules)]
        for target, (_, text) in zip(targets, modules, strict=True):
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        _ruff(Path(name), *TIDY)
        _ruff(Path(name), *FORMAT)
        return {module: target.read_text(encoding="utf-8") for target, module in zip(targets, modules, strict=True)}


def _ruff(folder: Path, *arguments: str) -> None:
    command = [find_ruff_bin(), *arguments, "."]
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
