"""Makes text of pages safe to stand in generated Python: a value or words in, a literal, comment or identifier out.

Pages are untrusted. A name is checked before it meets a template, a value is written by `ascii`, and words in comments
and docstrings lose whatever could end them.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
import sys
import unicodedata
from functools import lru_cache

from chiasm.regex import regex

IDENTIFIER = regex(r"[a-z][a-z0-9_]{0,63}")

DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(1, 10))})
"""Names that Windows keeps for devices, whatever their suffix."""

LIBRARIES = frozenset(
    [
        "torch",
        "torchvision",
        "triton",
        "numpy",
        "scipy",
        "safetensors",
        "tokenizers",
        "transformers",
        "accelerate",
        "peft",
        "datasets",
        "timm",
        "open_clip",
        "huggingface_hub",
        "einops",
        "sympy",
        "networkx",
        "z3",
        "jinja2",
        "pydantic",
        "markdown_it",
        "mdit_py_plugins",
        "bibtexparser",
        "typer",
        "rich",
        "yaml",
        "mkdocs",
        "material",
        "watchfiles",
        "pytest",
        "ruff",
        "mypy",
        "hypothesis",
        "pip",
        "setuptools",
        "wheel",
        "chiasm",
        "generated",
        "tests",
        "benchmarks",
        "site",
    ]
)
"""Installed modules that a folder of the same name would hide (a `z3` breaks `torch.export`)."""


def identifier(name: str) -> str:
    """What is wrong with a name for a package; "" where it may be one."""
    if not IDENTIFIER.fullmatch(name):
        return "is no identifier: it must begin with a letter and hold lower-case letters, digits and underscores"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name):
        return "is a word of Python"
    if name in DEVICES:
        return "is a device on Windows"
    if name in sys.stdlib_module_names or name in LIBRARIES:
        return "is an installed module, which a package of that name would hide"
    return ""


def literal(value: object) -> str:
    """A scalar, or a tuple of scalars, as a Python literal; TypeError for anything else."""
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int) and value.bit_length() <= 128:
        return f"{value:_}" if abs(value) >= 10_000 else repr(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str):
        return ascii(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    msg = f"{type(value).__name__} has no literal in generated code"
    raise TypeError(msg)


@lru_cache(maxsize=4_096)
def words(text: str) -> str:
    """Words of a page as they may stand in a comment or a docstring: one line, no character that hides or ends it."""
    plain = text.isascii() and text.isprintable()
    visible = text if plain else "".join(" " if one.isspace() else one for one in text if _printable(one))
    line = " ".join(visible.replace("\\", "/").replace('"', "'").split())
    # Removing a citation leaves the space that stood before it.
    return re.sub(r" +([.,;:])(?= |$)", r"\1", line)


def markdown(text: str) -> str:
    """Words as Markdown that says just them: no tag, link, table cell or emphasis begins in it."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>|&#!~$" else character for character in words(text))


def _printable(character: str) -> bool:
    """Not a control, format (bidirectional, zero-width), surrogate, private or unassigned character."""
    return character.isspace() or unicodedata.category(character)[0] != "C"
