"""A knowledge drop asserts something about its target that is not so.

A drop records what was added, from what, and what it relates to: sections, sources with access dates, lines of existing
pages, counts. Each is looked up in the target.

Bad:

```markdown
| sections | 7 |
```

for a survey of eight numbered sections.

Good:

```markdown
| sections | 8 |
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from chiasm.claiming.claim import Claims
from chiasm.claiming.sections import target
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.document import Cell, Cite, Code, Document, Fence, Heading, Link, Table
from chiasm.graph import Graph, is_local
from chiasm.numbers.quantity import quantity
from chiasm.span import Span

ID = "drop-target"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """Every assertion of every page in `drops/`."""
    path = page.document.path
    if "/drops/" in f"/{path}" and not path.endswith("README.md"):
        yield from _drop(graph, page)


def _drop(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    tables = dict(_tables(page.document))
    summary = next((table for table in tables.values() if _text(table.header[0]).lower() == "drop"), None)
    link = (
        _link(next((row[1] for row in summary.rows if len(row) > 1 and _text(row[0]).lower() == "target"), None))
        if summary
        else None
    )
    if not summary or not link:
        yield Diagnostic(
            ID,
            "the drop names no target",
            Span(page.document.path, 1),
            help="begin with a table `| drop | |` whose first row is `target`",
        )
        return
    survey = graph.claims.get(target(page.document.path, link.href)[0])
    if survey:
        yield from _counts(summary, survey, graph)
        yield from _sections(tables.get("section coverage"), page, survey)
        yield from _sources(tables.get("sources"), survey, graph)
    yield from _existing(tables.get("existing knowledge"), page, graph)


def _counts(summary: Table, survey: Claims, graph: Graph) -> Iterator[Diagnostic]:
    blocks = survey.document.blocks
    models = {
        to
        for link in survey.links
        if is_local(link.href) and graph.spec_at(to := target(survey.document.path, link.href)[0])
    }
    counted: dict[str, Callable[[], int]] = {
        "sections": lambda: len(_numbered(survey.document)),
        "tables": lambda: sum(isinstance(block, Table) for block in blocks),
        "code blocks": lambda: sum(isinstance(block, Fence) for block in blocks),
        "sources": lambda: len({cite.key for cite in survey.cites}),
        "models linked": lambda: len(models),
    }
    for row in summary.rows:
        name = _text(row[0]).lower()
        said = quantity(_text(row[1])) if len(row) > 1 else None
        if name in counted and (said is None or said.value != Fraction(counted[name]())):
            number = counted[name]()
            yield Diagnostic(
                ID,
                f"the target has {number} {name}",
                row[1].span if len(row) > 1 else row[0].span,
                mark=f"expected {number}",
                help=f"write {number}",
                fix=Fix(row[1].span, str(number)) if len(row) > 1 else None,
            )


def _sections(table: Table | None, page: Claims, survey: Claims) -> Iterator[Diagnostic]:
    headings = _numbered(survey.document)
    rows = table.rows if table else ()
    for row, heading in zip(rows, headings, strict=False):
        link = _link(row[0])
        if not link or link.text != heading.text or not link.href.endswith(f"#{heading.slug}"):
            yield Diagnostic(
                ID,
                f"the target's section here is “{heading.text}”",
                row[0].span,
                labels=(Label(heading.span, "this heading"),),
                help=f"write [{heading.text}](…#{heading.slug})",
            )
    if len(rows) != len(headings):
        yield Diagnostic(
            ID,
            f"{len(rows)} of {len(headings)} sections are covered",
            table.span if table else Span(page.document.path, 1),
            help="one row a numbered section of the target, in order",
        )


def _sources(table: Table | None, survey: Claims, graph: Graph) -> Iterator[Diagnostic]:
    cited = {cite.key for cite in survey.cites}
    listed: set[str] = set()
    for row in table.rows if table else ():
        cite = next((item for item in row[0].inlines if isinstance(item, Cite)), None)
        entry = graph.bibliography.entries.get(cite.key) if cite else None
        if not cite or cite.key not in cited:
            yield Diagnostic(
                ID, "the target does not cite this source", row[0].span, help="delete the row, or cite it there"
            )
            continue
        listed.add(cite.key)
        if entry and len(row) > 1 and _text(row[1]) != entry.urldate:
            yield Diagnostic(
                ID,
                f"`{cite.key}` was accessed {entry.urldate}",
                row[1].span,
                mark=f"expected {entry.urldate}",
                help="the date is the bibliography's `urldate`",
                fix=Fix(row[1].span, entry.urldate),
            )
    if table and cited - listed:
        missing = ", ".join(sorted(cited - listed))
        yield Diagnostic(ID, f"the target also cites {missing}", table.span, help="add a row for each source")


def _existing(table: Table | None, page: Claims, graph: Graph) -> Iterator[Diagnostic]:
    for row in table.rows if table else ():
        link = _link(row[0])
        lines = graph.lines(target(page.document.path, link.href)[0]) if link else None
        code = next((item.text for cell in row[2:3] for item in cell.inlines if isinstance(item, Code)), "")
        if lines is None or len(row) < 3:
            yield Diagnostic(ID, "the path leads to no page", row[0].span, help="link a file of the project")
            continue
        said = quantity(_text(row[1]))
        number = int(said.value) if said else 0
        places = [index for index, line in enumerate(lines, 1) if code and code in line]
        if number in places:
            continue
        if not places:
            yield Diagnostic(
                ID, f"no line of that page holds “{code}”", row[2].span, help="quote the line as it stands"
            )
        else:
            found = min(places, key=lambda place: abs(place - number))
            yield Diagnostic(
                ID,
                f"“{code}” stands in line {found}",
                row[1].span,
                mark=f"expected {found}",
                help=f"write {found}",
                fix=Fix(row[1].span, str(found)),
            )


def _numbered(document: Document) -> list[Heading]:
    return [
        block
        for block in document.blocks
        if isinstance(block, Heading) and block.level == 2 and block.text[:1].isdigit()
    ]


def _tables(document: Document) -> Iterator[tuple[str, Table]]:
    """Tables by the heading above them, lower case; the first of a section counts."""
    title, seen = "", set[str]()
    for block in document.blocks:
        if isinstance(block, Heading):
            title = block.text.lower()
        elif isinstance(block, Table) and title not in seen:
            seen.add(title)
            yield title, block


def _text(cell: Cell) -> str:
    return cell.text.strip().strip("`*")


def _link(cell: Cell | None) -> Link | None:
    return next((item for item in cell.inlines if isinstance(item, Link)), None) if cell else None
