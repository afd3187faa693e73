"""`chiasm check`: judge pages, print what is wrong, mend what is safe to mend."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, FINDINGS, USAGE, Stop

if TYPE_CHECKING:
    from chiasm.diagnostic import Diagnostic
    from chiasm.knowledge import Knowledge
    from chiasm.memory import Tally
    from chiasm.outcome import Outcome
    from chiasm.source import Source
    from chiasm.span import Span

FOLDERS = ("models", "concepts", "surveys", "drops")
FEW = 3
"""So many pages are judged by themselves; more of them rest on most of the base."""
VERDICTS = ("proved", "reported", "refuted", "not judged")


def run(paths: Sequence[Path], *, format: str, fix: bool, show_unjudged: bool) -> int:  # noqa: A002, the option's name
    """Judge the project's base, or files from elsewhere against it; 1 where anything was found."""
    from chiasm import pipeline

    root = project.knowledge()
    names, extra = _chosen(paths, root)
    if not (extra or fix or show_unjudged):
        few = 0 < len(names) <= FEW and all(name.endswith(".md") for name in names)
        known = pipeline.check_pages(root, names) if few else pipeline.remembered(root)
        if known:
            return _repeated(known, names, root, format)
    base = _base(root, extra)
    if fix and (mended := _mend(base, names, root)):
        console.say(f"fixed {mended} finding{'s' if mended > 1 else ''}", error=True)
        names, extra = _chosen(paths, root)
        base = _base(root, extra)
    pages = [path for path in base.graph.documents if _among(path, names)]
    if not pages and not base.diagnostics:
        raise Stop("there are no pages to check", USAGE, hint="pages are knowledge/**/*.md")
    found = [one for one in base.diagnostics if _among(one.span.path, names)]
    shown = {path: given for given, path in _places(extra).items()}
    _shown([_moved(one, shown) for one in found], format, _lines(base, shown))
    if show_unjudged:
        _unjudged(base, names, shown)
    _summary(base, pages, found, names)
    return _code(found)


def _base(root: Path, extra: Mapping[str, Source]) -> Knowledge:
    from chiasm import pipeline

    return cast("Knowledge", pipeline.check(root, tuple(extra.values())).knowledge)


def _repeated(known: Outcome, names: Sequence[str], root: Path, form: str) -> int:
    """Says what was found about the pages asked about, now or when nothing had changed since."""
    pages = [path for path in known.tallies if _among(path, names)]
    if not pages and not known.diagnostics:
        raise Stop("there are no pages to check", USAGE, hint="pages are knowledge/**/*.md")
    found = [one for one in known.diagnostics if _among(one.span.path, names)]
    _shown(found, form, _standing(root))
    anchored = (0, 0) if names else (known.counts.anchored, known.counts.bases)
    _sums(pages, known.tallies, found, anchored)
    return _code(found)


def _standing(root: Path) -> Callable[[str], Sequence[str] | None]:
    from chiasm.source import read

    return lambda path: next((source.lines for source in read(root, path)[0]), None)


def _shown(found: Sequence[Diagnostic], form: str, lines: Callable[[str], Sequence[str] | None]) -> None:
    """Prints findings; where there are none and nobody wants a form, there is nothing to import for it."""
    if not found and form in ("full", "concise", "github"):
        return
    from chiasm import report

    text = report.render(found, form, lines, _summaries() if form == "sarif" else {})
    console.report(text) if form == "full" else console.stream(text)


def _code(found: Sequence[Diagnostic]) -> int:
    return FINDINGS if any(one.severity != "note" for one in found) else CLEAN


def _chosen(paths: Sequence[Path], root: Path) -> tuple[tuple[str, ...], dict[str, Source]]:
    """Paths from the root that are asked about, and pages from elsewhere by the path given."""
    from chiasm.source import Source, source

    names: list[str] = []
    extra: dict[str, Source] = {}
    for path in paths:
        if not path.exists():
            raise Stop(f"no such file or folder: {path}", USAGE)
        here = path.resolve()
        if here.is_relative_to(root.resolve()):
            names.append(here.relative_to(root.resolve()).as_posix())
            continue
        for file in sorted(here.rglob("*.md")) if here.is_dir() else [here]:
            folder = file.parent.name if file.parent.name in FOLDERS else "models"
            read = source(f"knowledge/{folder}/{file.name}", file.read_bytes())
            if not isinstance(read, Source):
                raise Stop(f"{file}: {read.message}", FINDINGS, hint=read.help)
            extra[str(path if here.is_file() else path / file.relative_to(here))] = read
    return (*names, *(read.path for read in extra.values())), extra


def _among(path: str, names: Sequence[str]) -> bool:
    return not names or any(path == name or path.startswith(f"{name}/") or name == "." for name in names)


def _places(extra: dict[str, Source]) -> dict[str, str]:
    return {given: read.path for given, read in extra.items()}


def _moved(diagnostic: Diagnostic, shown: dict[str, str]) -> Diagnostic:
    """A finding under the path that the reader gave."""

    def at(span: Span) -> Span:
        return span._replace(path=shown.get(span.path, span.path))

    labels = tuple(replace(label, span=at(label.span)) for label in diagnostic.labels)
    return replace(diagnostic, span=at(diagnostic.span), labels=labels)


def _lines(base: Knowledge, shown: dict[str, str]) -> Callable[[str], Sequence[str] | None]:
    back = {given: path for path, given in shown.items()}
    return lambda path: base.lines(back.get(path, path))


def _summaries() -> dict[str, str]:
    from chiasm.check import all_rules

    return {rule.id: rule.summary for rule in all_rules()}


def _mend(base: Knowledge, names: Sequence[str], root: Path) -> int:
    """Apply the fixes of the pages asked about; how many there were."""
    from chiasm.reporting.fix import fixed

    fixes = defaultdict(list)
    for one in base.diagnostics:
        if one.fix and _among(one.fix.span.path, names):
            fixes[one.fix.span.path].append(one.fix)
    texts = {source.path: source.text for source in base.sources}
    for path, wanted in fixes.items():
        target = root / path
        if target.is_file():
            staged = target.with_name(f".{target.name}.chiasm")
            staged.write_text(fixed(texts[path], wanted), encoding="utf-8", newline="\n")
            staged.replace(target)
    return sum(len(wanted) for path, wanted in fixes.items() if (root / path).is_file())


def _unjudged(base: Knowledge, names: Sequence[str], shown: dict[str, str]) -> None:
    from chiasm.verdicts import judge

    for verdict in judge(base.graph):
        if verdict.outcome == "not judged" and _among(verdict.span.path, names):
            path = shown.get(verdict.span.path, verdict.span.path)
            console.say(f"{path}:{verdict.span.line}:{verdict.span.column}: {verdict.text}: {verdict.reason}")


def _summary(base: Knowledge, pages: Sequence[str], found: Sequence[Diagnostic], names: Sequence[str]) -> None:
    _sums(pages, base.tallies, found, (0, 0) if names else base.anchored)


def _sums(
    pages: Sequence[str], tallies: Mapping[str, Tally], found: Sequence[Diagnostic], anchored: tuple[int, int]
) -> None:
    counts = Counter[str]()
    for path in pages:
        counts.update(dict(zip(VERDICTS, tallies[path], strict=True)))
    words = "no findings"
    if found:
        from chiasm import report

        words = report.summary(found)
    _said(len(pages), counts, words, anchored)


def _said(pages: int, counts: Mapping[str, int], findings: str, anchored: tuple[int, int]) -> None:
    judged = ", ".join(f"{counts.get(name, 0)} {name}" for name in VERDICTS)
    held = f"; {anchored[0]} of {anchored[1]} base values anchored" if anchored[1] else ""
    console.say(f"{pages} page{'' if pages == 1 else 's'}: {judged}{held}; {findings}", error=True)
