"""Code in a page is neither taken from `generated/`, nor runnable, nor marked as an illustration; or it is stale.

Code that is typed into a page drifts from the code it shows. A fence therefore says what it is. A path after the
language takes it over from a generated file, `#` and a dotted name from one class or function of it: it must equal
that file, and `chiasm check --fix` copies it anew. Python with `>>>` prompts is a doctest, which the tests run.
Anything else in Python is marked `illustrative`.

Bad:

    ```python
    model = Model(config)
    ```

Good:

    ```python generated/llava/fusion.py#Splice.forward
    def forward(self, embeds_BTD: Tensor, visual: Tensor, where_BT: Tensor) -> Tensor:
        …
    ```

    ```python
    >>> 24 * 24
    576

    ```

    ```python illustrative
    model = Model(config)
    ```
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from chiasm.claiming.claim import Claims
from chiasm.diagnostic import Diagnostic, Fix
from chiasm.document import Fence
from chiasm.graph import Graph
from chiasm.span import Span

ID = "code-fence"
MENDS = True


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """Every fence of Python, and every fence that names a file."""
    for block in page.document.blocks:
        if isinstance(block, Fence) and block.info:
            yield from _fence(graph, block)


def _fence(graph: Graph, fence: Fence) -> Iterator[Diagnostic]:
    language, _, rest = fence.info.partition(" ")
    source = rest.strip()
    if source.startswith("generated/"):
        yield from _taken(graph, fence, source)
    elif language == "python" and ">>>" not in fence.text and source != "illustrative":
        yield Diagnostic(
            ID,
            "this code says neither where it comes from nor that it is an illustration",
            fence.span,
            help="write `python generated/…#Name`, a doctest with `>>>`, or `python illustrative`",
        )


def _taken(graph: Graph, fence: Fence, source: str) -> Iterator[Diagnostic]:
    path, _, name = source.partition("#")
    lines = graph.lines(path)
    # Packages are written after pages are judged: in a project that was never built there is nothing to compare with.
    if lines is None:
        if any(other.startswith("generated/") for other in graph.others):
            yield Diagnostic(ID, f"`{path}` is no generated file", fence.span, help="name a file under generated/")
        return
    wanted = _symbol(lines, name) if name else "\n".join(lines).strip("\n")
    if wanted is None:
        yield Diagnostic(ID, f"`{path}` defines no `{name}`", fence.span, help="name a class or function of that file")
    elif wanted.rstrip() != fence.text.rstrip("\n"):
        first = fence.span.line + 1
        yield Diagnostic(
            ID,
            f"this code is not what stands in {source}",
            fence.span,
            help="run `chiasm check --fix` to take it over again",
            fix=Fix(Span(fence.span.path, first), wanted.rstrip(), through=fence.end_line - 1),
        )


def _symbol(lines: Sequence[str], name: str) -> str | None:
    """The source of a class or function, outdented, without its docstring's surroundings changed."""
    try:
        body: Sequence[ast.stmt] = ast.parse("\n".join(lines)).body
    except SyntaxError:
        return None
    first, last = 1, len(lines)
    for part in name.split("."):
        node = next((item for item in body if getattr(item, "name", None) == part), None)
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            return None
        body = node.body
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        last = node.end_lineno or first
    return textwrap.dedent("\n".join(lines[first - 1 : last]))
