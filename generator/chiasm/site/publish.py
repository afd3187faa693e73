"""Turns staged pages into the site: files in, `.chiasm/site` out. MkDocs runs only when what it would read changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chiasm.site.stage import STAGED, Stage

STAGE, SITE, NEW, OLD = "site-src", "site", "site.new", "site.old"
PATIENCE = 600
"""Seconds after which MkDocs is given up on."""


class SiteError(RuntimeError):
    """MkDocs refused the staged pages; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where the site is, and whether it had to be built."""

    index: Path
    pages: int
    rebuilt: bool


def publish(pages: Mapping[str, str | None], navigation: str, theme: Path, work: Path) -> Published:
    """Builds the site from `pages` (path below the site's root → Markdown) and the hand-written files of `theme`.

    `navigation` is YAML appended to the theme's mkdocs.yml; `work` is the folder to work in (`.chiasm`). The old site
    stays until the new one is whole.

    Raises:
        SiteError: MkDocs is missing, or found something wrong with the pages.
        ValueError: the theme holds a link, which MkDocs would follow out of the project.
    """
    stage(pages, navigation, theme, work)
    return built(work, len(pages))


def stage(pages: Mapping[str, str | None], navigation: str, theme: Path, work: Path) -> Published:
    """Writes what MkDocs reads, as far as it is not there yet; a page that is None stands there.

    Raises:
        ValueError: as `publish`.
    """
    made = Stage(work / STAGE)
    for path, text in pages.items():
        if text is None:
            made.keep(f"docs/{path}")
        else:
            made.put(f"docs/{path}", (text.encode(),))
    return closed(made, navigation, theme, work, len(pages))


def closed(made: Stage, navigation: str, theme: Path, work: Path, pages: int) -> Published:
    """A stage to which all pages were put, with the hand-written files.

    Raises:
        ValueError: as `publish`.
    """
    for path, content in _theme(theme, navigation).items():
        made.put(path, (content,))
    return Published(work / STAGE / "docs/index.md", pages, rebuilt=made.close())


def built(work: Path, pages: int) -> Published:
    """The site of the staged pages; MkDocs runs unless it did for the same ones.

    Raises:
        SiteError: as `publish`.
    """
    digest = hashlib.blake2b((work / STAGE / STAGED).read_bytes(), digest_size=16).hexdigest()
    stamp = work / SITE / ".digest"
    index = work / SITE / "index.html"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest and index.is_file():
        return Published(index, pages, rebuilt=False)
    _mkdocs(work / STAGE, work / NEW)
    (work / NEW / ".digest").write_text(digest, encoding="utf-8")
    _exchange(work)
    return Published(index, pages, rebuilt=True)


def _theme(theme: Path, navigation: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted(theme.rglob("*")):
        if path.is_symlink():
            msg = f"{path} is a link: MkDocs would publish whatever it points to"
            raise ValueError(msg)
        if path.is_file() and not (path.parent.name == "docs" and path.suffix == ".md"):  # these come as pages
            files[path.relative_to(theme).as_posix()] = path.read_bytes()
    files["mkdocs.yml"] = files["mkdocs.yml"] + navigation.encode()
    return files


def _mkdocs(stage: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    command = [
        sys.executable,
        "-I",
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--config-file",
        str(stage / "mkdocs.yml"),
        "--site-dir",
        str(target.resolve()),
    ]
    # Not --quiet, which would also silence what --strict counts. The theme's announcements are no finding.
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False)  # noqa: S603, fixed arguments
    except subprocess.TimeoutExpired as error:
        msg = f"MkDocs did not finish within {PATIENCE} s"
        raise SiteError(msg) from error
    if done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        if "No module named mkdocs" in done.stderr:
            raise SiteError("MkDocs is not installed: pip install 'chiasm[site]'")
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SiteError("\n".join(line for line in said if not line.startswith("INFO")))


def _exchange(work: Path) -> None:
    """Puts the new site in the old one's place; either is whole at any moment."""
    shutil.rmtree(work / OLD, ignore_errors=True)
    if (work / SITE).exists():
        (work / SITE).rename(work / OLD)
    (work / NEW).rename(work / SITE)
    shutil.rmtree(work / OLD, ignore_errors=True)
