"""`chiasm new`: the page of a new system, which passes `check` as it stands and says how to make it one's own."""

from __future__ import annotations

import re
from pathlib import Path

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, USAGE, Stop
from chiasm.source import find_root

PAGE = """# {title}

Extends: [{like_title}]({like}.md)

{title} is described here as a copy of [{like_title}]({like}.md): every fact comes from that page until this one says
otherwise.

Make it your own one slot at a time, and run `chiasm check` after each. State what differs under the slot's heading
(Encoder, Alignment, Fusion, Token budget, Language model): a table whose first header cell links the kind, one row a
field, the source in the last column. Rows here win over the rows of the page above. Name the variants in a table under
a Variants heading; their names are the columns. Cite sources by their key in `sources.bib`. When every slot is stated
here, delete the Extends line, and this paragraph.
"""
RESERVED = frozenset({"con", "nul", "aux", "prn", "test", "tests", "torch", "numpy", "site"})


def run(name: str, *, like: str, source: Path | None = None, origin: str = "") -> int:
    """Write the page, as another's or as a file says; never over an existing one."""
    # A draft of a file can be shown where there is nothing to write it into.
    root = find_root(Path.cwd()) or (project.knowledge() if source is not None else project.root())
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,60}", slug) or slug in RESERVED:
        raise Stop(
            f"{name!r} does not make a file name", USAGE, hint="begin with a letter; use letters, digits and dashes"
        )
    words = " ".join(re.sub(r"[\\`*_\[\]<>#|]", "", name).split())
    if source is not None:
        from chiasm.commands import drafting

        return drafting.run(
            root, slug, words, source, origin=origin, like=like, write=find_root(Path.cwd()) is not None
        )
    models = root / "knowledge" / "models"
    base = models / f"{like}.md"
    if not re.fullmatch(r"[a-z0-9-]+", like) or not base.is_file():
        known = ", ".join(sorted(path.stem for path in models.glob("*.md")))
        raise Stop(f"there is no page knowledge/models/{like}.md", USAGE, hint=f"one of: {known}")
    title = base.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").strip()
    page = models / f"{slug}.md"
    try:
        with page.open("x", encoding="utf-8", newline="\n") as file:
            file.write(PAGE.format(title=words, like=like, like_title=title))
    except FileExistsError as error:
        raise Stop(f"knowledge/models/{slug}.md exists", USAGE, hint="edit it, or choose another name") from error
    console.say(f"wrote knowledge/models/{slug}.md, a copy of {title} by reference")
    console.say("next: edit it, then `chiasm check` and `chiasm build`")
    return CLEAN
