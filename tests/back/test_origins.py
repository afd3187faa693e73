"""Every generated line has an origin, and origins are right: what is changed there changes these lines alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import BaseLoader, DictLoader, Environment

import chiasm.render as rendering
from chiasm import claims, document, marks, origins, source
from chiasm.cache import Cache
from chiasm.claiming.claim import Fact
from chiasm.explain import CLAIM, carried, traced
from chiasm.marks import Origin
from chiasm.planning.decide import plan
from chiasm.render import COMPONENTS, MARKED, marked
from chiasm.resolve import resolve
from chiasm.source import Source
from chiasm.writing.stage import staged

ROOT = Path(__file__).parents[2]
COMPILER = ROOT / "generator/chiasm"


def pages() -> dict[str, Source]:
    return {one.path: one for one in source.read(ROOT, source.PAGES)[0]}


def made(texts: dict[str, Source], system: str) -> dict[str, tuple[list[str], tuple[Origin, ...]]]:
    """The lines of a package as they would stand, with the origin of each."""
    specs, _ = resolve([claims.claims(document.parse(page))[0] for page in texts.values()])
    planned = plan(next(spec for spec in specs if spec.system == system))[0]
    assert planned
    whole = {path: (text, *marks.read(text)) for path, text in marked(planned)}
    files = dict(staged(tuple((path, plain) for path, (_, plain, _) in whole.items()), Cache(None)))
    return {
        path: (files[path].split("\n"), origins.carried(lines, plain, files[path]))
        for path, (_, plain, lines) in whole.items()
    }


def facts(page: Source) -> Iterator[Fact]:
    return (fact for table in claims.claims(document.parse(page))[0].tables for fact in table.facts)


def code() -> dict[str, Source]:
    return {one.path: one for one in source.read(ROOT, *source.GENERATED)[0]}


def test_every_line_of_every_file_has_an_origin() -> None:
    files = code()
    packages = {path.split("/")[1] for path in files}
    assert packages >= {"clip", "llava", "blip_2", "qwen3_vl"}
    for path, one in files.items():
        if path.endswith(origins.NAME):
            assert (
                origins.text((name, origins.part(lines)) for name, lines in origins.read(one.text).items()) == one.text
            )
            continue
        for number, line in enumerate(one.text.split("\n")[:-1], 1):
            found = traced(files, path, number)
            assert found, (path, number)
            written = (COMPILER / found.origin.file).read_text(encoding="utf-8").split("\n")
            assert 0 < found.origin.line <= len(written)
            if found.origin.file.startswith("components/") and " = (" not in line and "import" not in line:
                # ruff moves a few lines of a component when a gate is closed: their words are there nevertheless.
                assert (
                    line == written[found.origin.line - 1]
                    or line.strip()[:1] in ")]}"
                    or line.split()[0] in (" ".join(written[max(found.origin.line - 4, 0) : found.origin.line + 3]))
                ), (path, number, found.origin)


def test_what_the_code_names_is_what_the_map_says() -> None:
    """A value of a preset ends in its claim: the map says the same."""
    for path, one in code().items():
        if path.endswith("/config.py"):
            below = one.text.split("\n").index(
                "# Values of the first variant that uses a kind; the presets say what differs."
            )
            for number, line in enumerate(one.text.split("\n"), 1):
                named = CLAIM.findall(line)
                found = traced(code(), path, number) if named and number > below else None
                assert found is None or named[0] in found.claims, (path, number)


CHANGES = {
    "clip:vit-l-14/encoder.mlp_dim": ("4096", "4352"),
    "llava/language_model.rope_theta": ("10000", "20000"),
    "clip:vit-b-32/text_encoder.heads": ("8", "4"),
}


@pytest.mark.parametrize("claim", CHANGES)
def test_a_claim_changes_its_lines_and_no_other(claim: str) -> None:
    before, system = pages(), claim.partition("/")[0].partition(":")[0]
    fact = next(one for one in facts(before[f"knowledge/models/{system}.md"]) if one.id == claim)
    old, new = CHANGES[claim]
    assert fact.cell.text == old
    page = before[fact.cell.span.path]
    lines = list(page.lines)
    line, span = lines[fact.cell.span.line - 1], fact.cell.span
    lines[span.line - 1] = f"{line[: span.column - 1]}{new}{line[span.end - 1 :]}"
    edited = source.source(page.path, "\n".join(lines).encode())
    assert isinstance(edited, Source)
    was, now = made(before, system), made({**before, page.path: edited}, system)
    changed, mapped = set(), set()
    for path, (text, of) in now.items():
        assert len(text) == len(was[path][0]), path
        changed |= {(path, number) for number, (a, b) in enumerate(zip(was[path][0], text, strict=True)) if a != b}
        mapped |= {(path, number) for number, origin in enumerate(of) if claim in origin.says}
    assert changed
    assert changed <= mapped
    # What stands in no comment is made of it for tests, and may come out the same.
    assert {(path, number) for path, number in mapped if claim in now[path][0][number]} == changed & {
        (path, number) for path, number in mapped if claim in now[path][0][number]
    }


@pytest.mark.parametrize(("component", "number"), [("llama", 40), ("splice", 20), ("attention", 127)])
def test_a_component_changes_its_lines_and_no_other(
    component: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = made(pages(), "qwen3-vl" if component == "attention" else "llava")
    loader, environment = COMPONENTS.loader, MARKED[COMPONENTS]
    assert loader
    text = loader.get_source(COMPONENTS, f"{component}.py")[0]
    lines = text.split("\n")
    lines[number - 1] += "  # another"
    monkeypatch.setattr(environment, "loader", _Over(loader, {f"{component}.py": "\n".join(lines)}))
    environment.cache.clear()  # type: ignore[union-attr]
    rendering._component.cache_clear()
    now = made(pages(), "qwen3-vl" if component == "attention" else "llava")
    environment.cache.clear()  # type: ignore[union-attr]
    rendering._component.cache_clear()
    wanted = (f"components/{component}.py", number)
    changed = {
        (path, at) for path, (text, _) in now.items() for at, line in enumerate(text) if line != was[path][0][at]
    }
    assert changed == {(path, at) for path, (_, of) in now.items() for at, one in enumerate(of) if one[:2] == wanted}
    assert changed


class _Over(BaseLoader):
    """Some templates instead of others."""

    def __init__(self, under: BaseLoader, over: dict[str, str]) -> None:
        self.under, self.over = under, DictLoader(over)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, object]:  # type: ignore[override]
        one = self.over if template in self.over.mapping else self.under
        return one.get_source(environment, template)


def test_a_claim_leads_to_its_lines() -> None:
    files = code()
    found = dict(carried(files, {"llava/language_model.rope_theta"}))
    assert set(found) == {"generated/llava/config.py"}
    line = files["generated/llava/config.py"].lines[found["generated/llava/config.py"] - 1]
    assert "rope_theta" in line


def test_a_line_stands_behind_its_gates() -> None:
    files = code()
    lines = files["generated/qwen3_vl/attention.py"].lines
    behind = {
        gate
        for number in range(1, len(lines))
        if (one := traced(files, "generated/qwen3_vl/attention.py", number))
        for gate in one.gates
    }
    assert "qk_norm" in behind or "packing" in behind


def test_lines_that_are_formatted_keep_their_origin() -> None:
    before = "import b\nimport a\n\nx = f(first, second)\ny = 1\n"
    after = "import a\nimport b\n\nx = f(\n    first,\n    second,\n)\ny = 1\n"
    lines = tuple(Origin("t", number) for number in range(1, 7))
    assert [one.line for one in origins.carried(lines, before, after)] == [2, 1, 3, 4, 4, 4, 4, 5, 6]
