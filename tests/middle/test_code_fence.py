"""Code in pages is what stands in generated/, and `--fix` takes it over."""

from __future__ import annotations

import hashlib

from chiasm.bibliography import Bibliography
from chiasm.claims import claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.graph import link
from chiasm.reporting.fix import fixed
from chiasm.rules import code_fence
from chiasm.source import Source

MODULE = '''"""A module."""


class Splice:
    """A class."""

    @staticmethod
    def forward(x: int) -> int:
        """Doubles."""
        return 2 * x
'''
METHOD = '@staticmethod\ndef forward(x: int) -> int:\n    """Doubles."""\n    return 2 * x'


def source(path: str, text: str) -> Source:
    return Source(path, text, hashlib.sha256(text.encode()).hexdigest())


def findings(text: str) -> list[Diagnostic]:
    document = parse(source("knowledge/page.md", text))
    others = (source("generated/llava/fusion.py", MODULE),)
    graph, _ = link([claims(document)[0]], [], Bibliography("knowledge/sources.bib", {}), others=others)
    return list(code_fence.check_page(graph, graph.claims[document.path]))


def fence(info: str, body: str) -> str:
    return f"# Page\n\nBefore.\n\n```{info}\n{body}\n```\n\nAfter.\n"


def test_equal_code_is_taken_as_it_stands() -> None:
    assert findings(fence("python generated/llava/fusion.py#Splice.forward", METHOD)) == []


def test_stale_code_is_found_and_mended() -> None:
    text = fence("python generated/llava/fusion.py#Splice.forward", METHOD.replace("2", "3") + "\n# more")
    (found,) = findings(text)
    assert (found.rule, found.span.line) == ("code-fence", 5)
    assert found.fix is not None
    mended = fixed(text, [found.fix])
    assert mended == fence("python generated/llava/fusion.py#Splice.forward", METHOD)
    assert findings(mended) == []


def test_what_is_not_there_is_named() -> None:
    assert "no `Splice.back`" in findings(fence("python generated/llava/fusion.py#Splice.back", METHOD))[0].message
    assert "no generated file" in findings(fence("python generated/llava/none.py", METHOD))[0].message


def test_python_says_what_it_is() -> None:
    assert findings(fence("python", "x = 1"))[0].span.line == 5
    assert findings(fence("python", ">>> 1 + 1\n2\n")) == []
    assert findings(fence("python illustrative", "x = 1")) == []
    assert findings(fence("console", "$ make build")) == []
