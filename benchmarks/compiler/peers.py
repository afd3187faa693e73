"""Runs documentation builders on the same pages: pinned, in environments of their own; skipped if not installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compiler import base
from benchmarks.compiler.process import MEGA, Run, chiasm, run
from benchmarks.compiler.tasks import BUILD, PAGE, Size, forget, median
from benchmarks.result import Line, Result

HOME = Path(__file__).parents[2] / ".chiasm" / "peers"


@dataclass(frozen=True, slots=True)
class Peer:
    """A builder: what is installed, how it is set up beside the pages, and its command."""

    name: str
    requirements: tuple[str, ...]
    command: tuple[str, ...]
    settings: Callable[[Path], None]


def _mkdocs(folder: Path) -> None:
    (folder / "mkdocs.yml").write_text(
        "site_name: pages\ndocs_dir: knowledge\nsite_dir: out\nplugins: []\n"
        "markdown_extensions: [tables, fenced_code]\nvalidation: {links: {not_found: ignore, anchors: ignore}}\n"
    )


def _sphinx(folder: Path) -> None:
    (folder / "knowledge/conf.py").write_text(
        "extensions = ['myst_parser']\nroot_doc = 'README'\nmyst_heading_anchors = 3\n"
        "suppress_warnings = ['myst', 'toc', 'misc']\n"
    )


def _zensical(folder: Path) -> None:
    (folder / "zensical.toml").write_text('[project]\nsite_name = "pages"\ndocs_dir = "knowledge"\nsite_dir = "out"\n')


PEERS = (
    Peer("MkDocs", ("mkdocs==1.6.1",), ("mkdocs", "build", "--quiet"), _mkdocs),
    Peer(
        "Sphinx + MyST",
        ("sphinx==9.0.4", "myst-parser==5.2.0"),
        ("sphinx-build", "-q", "-b", "html", "knowledge", "out"),
        _sphinx,
    ),
    Peer("Zensical", ("zensical==0.0.73",), ("zensical", "build"), _zensical),
)


def install(peer: Peer) -> str:
    """Makes the peer's environment; the reason where it does not install."""
    folder = HOME / peer.name.split()[0].lower()
    stamp = folder / "installed.txt"
    wanted = "\n".join(peer.requirements)
    if stamp.is_file() and stamp.read_text() == wanted:
        return ""
    shutil.rmtree(folder, ignore_errors=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for words in ([sys.executable, "-m", "venv", folder], [*pip, *peer.requirements]):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr or done.stdout).strip().splitlines()[-1]
    stamp.write_text(wanted)
    return ""


def race(work: Path, size: Size) -> Result:
    """The same pages through every builder, in turn: everything, nothing, and one page changed."""
    runs: dict[str, dict[str, list[Run]]] = {}
    skipped, ready = [], []
    for peer in PEERS:
        reason = install(peer)
        if reason:
            skipped.append(f"{peer.name} skipped: {reason}")
            continue
        folder = work / f"peer-{peer.name.split()[0].lower()}"
        base.write(folder, size.documents)
        peer.settings(folder)
        ready.append((peer, folder))
    ours = work / "ours"
    base.write(ours, size.documents)
    for step, what in enumerate(("cold", "same", "edited")):
        for number in range(2 if step else 1):
            for peer, folder in ready:
                _prepare(folder, what, number)
                command: list[str | Path] = [
                    HOME / peer.name.split()[0].lower() / "bin" / peer.command[0],
                    *peer.command[1:],
                ]
                done = run(command, folder)
                if done.code:
                    skipped.append(f"{peer.name}, {what}: ended with {done.code}: {done.said.strip()[-300:]}")
                runs.setdefault(peer.name, {}).setdefault(what, []).append(done)
            _prepare(ours, what, number)
            runs.setdefault("chiasm", {}).setdefault(what, []).append(chiasm(ours, *BUILD))
    lines = [line for what in ("cold", "same", "edited") for line in _lines(what, runs)]
    return Result(
        "peers",
        f"{size.documents:,} pages; the others make HTML, chiasm packages, verdicts and the site's pages",
        "",
        2,
        "s",
        lines=lines,
        note="; ".join(skipped),
    )


def _prepare(folder: Path, what: str, number: int) -> None:
    if what == "cold":
        forget(folder)
        shutil.rmtree(folder / "out", ignore_errors=True)
    elif what == "edited":
        base.edit(folder, PAGE, number)


def _lines(what: str, runs: dict[str, dict[str, list[Run]]]) -> Sequence[Line]:
    ours = median(runs["chiasm"][what])
    return [
        Line(
            f"{name}, {what}, {max(one.peak for one in found[what]) / MEGA:,.0f} MB",
            "reference" if name != "chiasm" else "ours",
            median=median(found[what]),
            p10=min(one.seconds for one in found[what]),
            p90=max(one.seconds for one in found[what]),
            least=min(one.seconds for one in found[what]),
            cpu=min(one.cpu for one in found[what]),
            ratio=median(found[what]) / ours,
        )
        for name, found in runs.items()
        if what in found
    ]
