"""The built site as a reader's browser meets it."""

from __future__ import annotations

import hashlib
import json
import posixpath
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from chiasm.site.book import Book, facts, summary
from chiasm.site.landing import exhibit
from chiasm.site.navigation import navigation
from chiasm.site.pages import site_pages
from chiasm.site.publish import SiteError, publish
from tests.site.conftest import THEME, book_of

NANO = """# Nano

A small model [@doe2025]. It has [36 tokens](#token-budget "image_tokens").

## Variants

| variant | name | source |
|---|---|---|
| base | Nano | [@doe2025] |
"""
BIB = "@misc{doe2025, title = {Nano}, author = {Doe, Jane}, year = {2025}, urldate = {2026-01-01}}"


class Page(HTMLParser):
    """Links, anchors and loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for name, value in attrs if name in ("id", "name") and value}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        if tag in ("script", "img", "iframe", "source", "embed", "object") and given.get("src"):
            self.loaded.append(given["src"] or "")
        if tag == "link" and given.get("href") and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(given["href"] or "")
        self.scripts += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]


@pytest.fixture(scope="session")
def read(site: Path) -> dict[str, Page]:
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def test_every_kind_of_page_is_there(site: Path, shipped: Book) -> None:
    wanted = {f"{claims.page}.html" for claims in shipped.claims}
    wanted |= {"index.html", "compare.html", "verdicts.html", "grammar.html", "sources/index.html", "rules/index.html"}
    wanted |= {f"rules/{name}.html" for name in shipped.rules} | {f"sources/{key}.html" for key in shipped.entries}
    assert {name for name in wanted if not (site / name).is_file()} == set()
    assert len(wanted) > 80


def test_every_link_and_anchor_leads_somewhere(read: dict[str, Page]) -> None:
    broken = []
    for name, page in read.items():
        if name == "404.html":  # its links are those of the server's root
            continue
        for href in page.links:
            parts = urlsplit(href)
            if parts.scheme:
                continue
            target = name if not parts.path else (Path("/") / name).parent.joinpath(unquote(parts.path)).as_posix()
            found = read.get(Path(posixpath.normpath(target)).as_posix().lstrip("/"))
            if found is None or (parts.fragment and unquote(parts.fragment) not in found.anchors):
                broken.append(f"{name}: {href}")
    assert broken == []


def test_the_site_asks_for_nothing_from_elsewhere(site: Path, read: dict[str, Page]) -> None:
    assert [url for page in read.values() for url in page.loaded if urlsplit(url).scheme not in ("", "data")] == []
    assert [url for page in read.values() for url in page.loaded if url.startswith("//")] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert "url(http" not in styles.replace('"', "").replace("'", "")
    assert "@import" not in styles


def test_pages_have_no_scripts_of_their_own(read: dict[str, Page]) -> None:
    assert [where for page in read.values() for where in page.scripts] == []


def test_every_fact_has_an_address(read: dict[str, Page], shipped: Book) -> None:
    missing = [fact.id for fact in facts(shipped.claims) if fact.id not in read[f"{fact.page}.html"].anchors]
    assert missing == []


def test_a_claim_and_the_line_of_code_that_carries_it_link_each_other(shipped: Book, read: dict[str, Page]) -> None:
    if not shipped.code:
        pytest.skip("nothing is generated yet")
    claim, address = next(iter(shipped.used.items()))
    page = shipped.claim_pages[claim].partition("#")[0]
    assert any(link.endswith(address) for link in read[page].links)
    code = address.partition("#")[0]
    assert any(unquote(link).endswith(f"#{claim}") for link in read[code].links)


def test_a_source_names_who_cites_it(site: Path) -> None:
    text = (site / "sources" / "li2023blip2.html").read_text(encoding="utf-8")
    assert '"../models/blip-2.html#alignment"' in text


def test_formulas_are_set_without_script(site: Path) -> None:
    text = (site / "models" / "llava.html").read_text(encoding="utf-8")
    assert 'class="katex"' in text
    assert "<mfrac>" in text


def test_mkdocs_runs_only_when_something_changed(tmp_path: Path) -> None:
    def build(text: str) -> bool:
        book = book_of({"knowledge/models/nano.md": text}, BIB)
        pages = site_pages(book, THEME)
        return publish(pages, navigation(book, pages), THEME, tmp_path).rebuilt

    assert build(NANO)
    index = tmp_path / "site" / "index.html"
    before = index.stat().st_mtime_ns
    assert not build(NANO)
    assert index.stat().st_mtime_ns == before
    assert build(NANO.replace("small", "tiny"))
    assert "tiny" in (tmp_path / "site" / "models" / "nano.html").read_text(encoding="utf-8")


def test_a_failed_build_keeps_the_old_site(tmp_path: Path) -> None:
    pages = {"index.md": "# One"}
    publish(pages, '\nnav: [{"Home": "index.md"}]\n', THEME, tmp_path)
    with pytest.raises(SiteError, match="nowhere"):
        publish(pages, '\nnav: [{"Home": "index.md"}, {"Lost": "nowhere.md"}]\n', THEME, tmp_path)
    assert "One" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_a_link_in_the_theme_is_refused(tmp_path: Path) -> None:
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "mkdocs.yml").write_text("site_name: x\n", encoding="utf-8")
    (theme / "leak.txt").symlink_to("/etc/passwd")
    with pytest.raises(ValueError, match="is a link"):
        publish({"index.md": "# x"}, "", theme, tmp_path / "work")


def test_pages_do_not_depend_on_the_order_of_hashes(shipped: Book) -> None:
    assert site_pages(shipped, THEME) == site_pages(shipped, THEME)


def test_vendored_files_are_what_the_manifest_says() -> None:
    folder = THEME / "docs" / "assets" / "vendor"
    manifest = json.loads((folder / "MANIFEST.json").read_text(encoding="utf-8"))
    found = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert found == {name: digest for library in manifest for name, digest in library["files"].items()}


def test_a_page_in_a_folder_of_its_own_is_in_the_navigation() -> None:
    book = book_of({"knowledge/notes/odd.md": "# Odd"}, BIB)
    assert '{"More": ["notes/odd.md"]}' in navigation(book, site_pages(book, THEME))


def test_the_landing_page_shows_a_fact_its_code_and_its_verdict(
    site: Path, read: dict[str, Page], shipped: Book
) -> None:
    shown = exhibit(shipped)
    assert shown is not None
    assert shown.fact.id in shown.line
    assert shown.verdict.outcome == "proved"
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "side-by-side" in read["index.html"].anchors
    assert shown.line_address in read["index.html"].links
    assert all(
        f'href="{package}"' in text for page in ("llava", "blip-2") if (package := shipped.package(f"models/{page}"))
    )


def test_a_model_page_leads_to_its_package(read: dict[str, Page]) -> None:
    assert "../code/llava/index.html" in read["models/llava.html"].links
    assert "../verdicts.html" in read["models/flamingo.html"].links


def test_a_summary_says_something(shipped: Book) -> None:
    assert {claims.page: words for claims in shipped.claims if len(words := summary(claims)) < 40} == {}
