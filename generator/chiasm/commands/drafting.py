"""Writes the draft of a system that a released configuration describes: a page, an excerpt, an entry of sources.bib."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chiasm import console
from chiasm.exits import CLEAN, USAGE, Stop
from chiasm.regex import regex

if TYPE_CHECKING:
    from chiasm.evidence import Json
    from chiasm.graph import Graph
    from chiasm.sketch import Family
    from chiasm.sketching.rows import Row
    from chiasm.spec.model import KindSpec

ADDRESS = regex(r"https://[\w.-]+/[\w./%@+~-]+", re.ASCII)
VARIANT = "released"


def run(root: Path, slug: str, title: str, file: Path, *, origin: str, like: str, write: bool = True) -> int:
    """Draft `knowledge/models/SLUG.md` from a config.json or a Markdown document; nothing that stands is overwritten.

    What a document does not say comes from the system `like`; a configuration says itself what it is like. Without
    `write` the page and its source are printed.
    """
    from chiasm import pipeline

    if not file.is_file():
        raise Stop(f"no such file: {file}", USAGE)
    graph = pipeline.known(root)
    make = _of_document if file.suffix.lower() != ".json" else _of_configuration
    draft = make(graph, file, slug, like)
    page = "\n".join(_page(title, draft))
    urls = {name: (entry.url, entry.urldate) for name, entry in graph.bibliography.entries.items()}
    urls[draft.key] = (origin if ADDRESS.fullmatch(origin) else "", _today())
    texts = {f"knowledge/models/{slug}.md": f"{page}\n\n{_definitions(page, urls)}"}
    if draft.config:
        texts = {f"knowledge/evidence/{slug}.json": _excerpt(draft, slug, origin or file.name)} | texts
    entry = _entry(draft, title, file.name, origin)
    stated = sum(f"[@{draft.key}]" in row.source for made in draft.rows.values() for row in made)
    if not write:
        console.stream(f"{texts[f'knowledge/models/{slug}.md']}\n<!-- For sources.bib:\n{entry}-->\n")
        console.say(f"{stated} values that {file.name} states, as a page; nothing was written", error=True)
        console.say("  = help: run it in a project, a folder with knowledge/ in it, to keep the page there", error=True)
        return CLEAN
    _write(root, texts, entry)
    console.say(f"wrote knowledge/models/{slug}.md: {stated} values that {file.name} states, each with its place there")
    if draft.config:
        console.say(f"wrote knowledge/evidence/{slug}.json, which they are held against")
    console.say(f"added {draft.key} to knowledge/sources.bib")
    if not urls[draft.key][0]:
        console.say(f"TODO: say there where {file.name} was published (`url`), or give --origin URL")
    console.say(
        f"all else is what {draft.like.spec.title} {draft.like.variant.key} says: the page lists what to confirm"
    )
    console.say("next: `chiasm check`, then replace each TODO of the page")
    return CLEAN


class Draft(NamedTuple):
    """What a draft says, and from where: a variant to start from, rows by slot, and what nobody can say for sure."""

    key: str
    like: Family
    kinds: dict[str, KindSpec]
    rows: dict[str, list[Row]]
    what: str
    """The document, as the page's first sentence names it."""
    config: dict[str, Json]
    """What of a configuration the page cites."""
    open: tuple[str, ...] = ()


def _of_configuration(graph: Graph, file: Path, slug: str, _: str) -> Draft:
    from chiasm import sketch
    from chiasm.sketching.rows import PLAIN

    found = _read(file)
    specs = list(graph.specs.values())
    like = sketch.family(found, specs, graph.excerpts)
    if like is None:
        known = ", ".join(sketch.types(specs, graph.excerpts))
        said = str(found.get("model_type"))
        what = f"model_type `{said}`" if PLAIN.fullmatch(said) else "no known model_type"
        raise Stop(f"{file} states {what}, and no page is about it", USAGE, hint=f"known are: {known}")
    key = f"{slug}-config"
    slots = list(sketch.slots(found, like, specs, key))
    rows = {slot.name: [*slot.rows] for slot in slots}
    for name, row in sketch.derived(like, slots):
        rows.setdefault(name, []).append(row)
    cited = {row.source.rpartition(" ")[2] for made in rows.values() for row in made if f"[@{key}]" in row.source}
    config = {name: found[name] for name in found if name in cited or name == "model_type"}
    return Draft(key, like, {slot.name: slot.kind for slot in slots}, rows, "released configuration", config)


def _of_document(graph: Graph, file: Path, slug: str, like: str) -> Draft:
    from chiasm import sketch
    from chiasm.claims import claims
    from chiasm.document import parse
    from chiasm.sketching import notes
    from chiasm.source import Source, anything

    read = anything(str(file), file.name)
    if not isinstance(read, Source):
        raise Stop(f"{file}: {read.message}", USAGE, hint=read.help)
    spec = graph.specs.get(like)
    if spec is None or not spec.variants:
        raise Stop(f"no page is about {like}", USAGE, hint=f"--like one of: {', '.join(graph.specs)}")
    family, key = sketch.Family(spec, spec.variants[-1]), f"{slug}-notes"
    rows, left = notes.rows(list(notes.told(graph, claims(parse(read), foreign=True)[0])), family.variant, key)
    slots = [sketch.Slot(slot, family.variant.slots[slot].kind, tuple(made)) for slot, made in rows.items()]
    for name, row in sketch.derived(family, slots):
        rows.setdefault(name, []).append(row)
    if not rows and not left:
        raise Stop(
            f"{file} states no size that is certainly one", USAGE, hint="`chiasm new NAME --like MODEL` starts a page"
        )
    return Draft(key, family, {}, rows, "notes", {}, left)


def _read(file: Path) -> dict[str, Json]:
    from chiasm.sketching.configuration import LIMIT, config
    from chiasm.source import Source, anything

    if file.is_file() and file.stat().st_size > LIMIT:
        raise Stop(f"{file} is larger than a configuration is", USAGE, hint="give the config.json of a release")
    read = anything(str(file), str(file))
    if not isinstance(read, Source):
        raise Stop(f"{file}: {read.message}", USAGE, hint=read.help)
    try:
        return config(read.text)
    except ValueError as error:
        raise Stop(f"{file} is no configuration: {error}", USAGE, hint="give the config.json of a release") from error


def _page(title: str, draft: Draft) -> Iterator[str]:
    from chiasm.sketch import HEADINGS

    (spec, variant), key, rows = draft.like, draft.key, draft.rows
    name = f"{spec.title} {variant.key}"
    kinds = {slot: part.kind for slot, part in variant.slots.items()} | draft.kinds
    yield f"# {title}\n\nExtends: [{name}]({spec.system}.md#{variant.key})\n"
    default = ", what it leaves out is the default of the reference class" if draft.config else ""
    yield f"{title} is drafted from its {draft.what} [@{key}]. What that file states stands below beside its place"
    yield f"there{default}, and everything else is what [`{spec.system}:{variant.key}`]({spec.system}.md#{variant.key})"
    yield "says.\n"
    yield f"## Variants\n\n| variant | name | source |\n|---|---|---|\n| {VARIANT} | {title} | [@{key}] |\n"
    for slot, heading in HEADINGS.items():
        if made := rows.get(slot):
            page, _, anchor = kinds[slot].anchor.partition("#")
            label = kinds[slot].cls or heading
            yield f"## {heading}\n\n| [{label}](../concepts/{page}.md#{anchor}) | {VARIANT} | source |"
            yield "|---|--:|---|"
            yield from (f"| {row.field} | {row.cell} | {row.source} |" for row in made)
            yield ""
    yield "## To be confirmed\n"
    yield "* TODO: say in the first paragraph what this system is, and cite its paper."
    yield from (f"* TODO: {line}: state it above where it is one." for line in draft.open)
    yield from _open(draft.like, rows)


def _open(like: Family, rows: dict[str, list[Row]]) -> Iterator[str]:
    """What comes from the other page, slot by slot."""
    from chiasm.sketch import HEADINGS

    spec, variant = like
    other = f"[`{spec.system}:{variant.key}`]({spec.system}.md#{variant.key})"
    for slot in variant.slots:
        told = {row.field for row in rows.get(slot, ())}
        left = [field for place, field in variant.entries if place == slot and field not in told]
        if names := ", ".join(f"`{field}`" for field in left if variant.entries[slot, field].fact):
            heading = HEADINGS.get(slot, slot.replace("_", " ").capitalize())
            yield f"* TODO, {heading}: confirm {names}, as {other} has them, or state them here."


def _definitions(page: str, urls: dict[str, tuple[str, str]]) -> str:
    """What makes citations clickable: one line for each source that the page cites."""
    keys = sorted(set(re.findall(r"\[@([\w.:-]+)\]", page)) & urls.keys())
    lines = ((key, *urls[key]) for key in keys)
    return "".join(f'[@{key}]: {url or "../sources.bib"} "accessed {day}"\n' for key, url, day in lines)


def _excerpt(draft: Draft, slug: str, origin: str) -> str:
    """What the page takes from the file, in the file's words."""
    data = {"origin": origin, "accessed": _today(), "system": slug, "variant": VARIANT, "config": draft.config}
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def _entry(draft: Draft, title: str, name: str, origin: str) -> str:
    url = f"\n  url = {{{origin}}}," if ADDRESS.fullmatch(origin) else ""
    safe = re.sub(r"[^\w.-]+", " ", name, flags=re.ASCII).strip()
    whose, keywords = re.sub(r"[{}]", "", title), ", keywords = {released}" if draft.config else ""
    return (
        f"\n@misc{{{draft.key},\n  title = {{{safe} of {whose}}}{keywords},"
        f"\n  note = {{Read from the file {safe}}},{url}\n  urldate = {{{_today()}}}\n}}\n"
    )


def _today() -> str:
    """The day on which the file is read: an access date is a fact about the reader."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def _write(root: Path, texts: dict[str, str], entry: str) -> None:
    for name in texts:
        if (root / name).exists():
            raise Stop(f"{name} exists", USAGE, hint="edit it, or choose another name")
    listed = root / "knowledge" / "sources.bib"
    text = listed.read_text(encoding="utf-8") if listed.exists() else ""
    if entry.partition(",")[0].strip() in text:
        raise Stop(f"sources.bib has {entry.partition(',')[0].strip()[6:]} already", USAGE, hint="choose another name")
    for name, content in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        with (root / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    staged = listed.with_name(".sources.bib.chiasm")
    staged.write_text(text + entry, encoding="utf-8", newline="\n")
    staged.replace(listed)
