"""A block quotation has no citation, or is long.

A quotation says whose words it is, and is short enough to be one.

Bad:

```markdown
> In total, Q-Former contains 188M parameters.
```

Good:

```markdown
> In total, Q-Former contains 188M parameters. [@li2023blip2] §3.1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import Cite, Document, Paragraph
from chiasm.graph import Graph

ID = "quotation-unattributed"
WORDS = 60


def check_page(_: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a quotation: of paragraphs that follow one another, the last may name the source."""
    for quote in _quotes(page.document):
        words = sum(len(getattr(item, "text", "").split()) for part in quote for item in part.inlines)
        if not any(isinstance(item, Cite) for part in quote for item in part.inlines):
            yield Diagnostic(ID, "the quotation names no source", quote[0].span, help="end it with `[@key] locator`")
        elif words > WORDS:
            yield Diagnostic(
                ID,
                f"the quotation has {words} words",
                quote[0].span,
                severity="warning",
                help=f"quote at most {WORDS} words and say the rest in your own",
            )


def _quotes(document: Document) -> Iterator[list[Paragraph]]:
    quote: list[Paragraph] = []
    for block in document.blocks:
        if isinstance(block, Paragraph) and block.container == "quote":
            quote.append(block)
        elif quote:
            yield quote
            quote = []
    if quote:
        yield quote
