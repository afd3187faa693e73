"""Markdown to staged pages: what GitHub shows is shown, and nothing of a page becomes active markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chiasm.site import reading
from chiasm.site.publish import publish
from tests.site.conftest import THEME, book_of

EMPTY = book_of({})


def staged(text: str) -> str:
    return reading.prose(text, "knowledge/models/nano.md", EMPTY, THEME)


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("*a* and **b**", "<p><em>a</em> and <strong>b</strong></p>"),
        ("1. one\n2. two", "<ol><li>one\n</li>\n<li>two\n</li>\n</ol>"),
        ("3. three", '<ol start="3">'),
        ("> quoted\n\nafter", "<blockquote><p>quoted</p>\n</blockquote>"),
        ("- a\n\n  ```python\n  x = 1\n  ```", '<div class="highlight"><pre><code>x '),
        ("| a | b |\n|---|--:|\n| 1 | `x \\| y` |", '<td align="right"><code>x | y</code></td>'),
        ("a $x^2$ b", 'class="katex"'),
        ("$$\n\\frac{a}{b}\n$$", 'class="katex-display"'),
        ("bad $\\nosuch$", "chiasm-math-error"),
        ("[@nobody]", "[@nobody]"),
        ("before <!-- unseen --> after", "<p>before  after</p>"),
    ],
)
def test_markdown_is_shown_as_github_shows_it(markdown: str, shown: str) -> None:
    assert shown in staged(markdown).replace("[nobody]", "[@nobody]")


def test_a_comment_takes_nothing_with_it() -> None:
    assert "&lt;b&gt;kept&lt;/b&gt;" in staged("<!-- gone --><b>kept</b>")


def test_headings_keep_the_anchors_of_github() -> None:
    text = staged("# Nano\n\n## Token budget\n\n## Token budget\n\n## `1.5-7b` & *more*")
    assert re.findall(r"\{#(.*?)\}", text) == ["nano", "token-budget", "token-budget-1", "15-7b--more"]


VECTORS = [
    "<script>alert(1)</script>",
    "# <img src=x onerror=alert(1)>",
    "| a |\n|---|\n| <svg onload=alert(1)> |",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "![x](x onerror=alert(1))",
    '![x" onerror="alert(1)](x)',
    "# title {: onmouseover=alert(1) }",
    "# title { onmouseover=alert(1) }",
    "paragraph\n{: onclick=alert(1) }",
    "[x](y){: onclick=alert(1) }",
    '[x](https://a.b "title\\" onmouseover=\\"alert(1)")',
    '```js" onmouseover="alert(1)\nx\n```',
    "```{.python onclick=alert(1)}\nx\n```",
    "~~~ <script>alert(1)</script>\n~~~",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\text{<img src=x onerror=alert(1)>}$",
    "$\\htmlStyle{color:red}{x}$",
    "$$\n<script>alert(1)</script>\n$$",
    "<iframe src=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<style>*{background:url(https://evil.example)}</style>",
    '<div markdown="1">\n# x\n</div>',
    "<!--><script>alert(1)</script>-->",
    "[TOC]",
    "*[abbr]: <script>alert(1)</script>\n\nabbr",
    "[^1]: <script>alert(1)</script>\n\nx[^1]",
    '--8<-- "/etc/passwd"',
    "{{ cycler.__init__.__globals__.os }} {% for x in y %}",
    "---\ntitle: <script>alert(1)</script>\ntemplate: evil.html\n---\n\nx",
    "# &lt;script&gt;alert(1)&lt;/script&gt;",
    "`<script>alert(1)</script>`",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "</div></article><script>alert(1)</script>",
    "[<img src=x onerror=alert(1)>](y.md)",
    '<a href="https://x" onclick="alert(1)">x</a>',
    "[@<script>alert(1)</script>]",
    "\u2028<script>alert(1)</script>",
    "x\\\n<script>alert(1)</script>",
]


class Active(HTMLParser):
    """Finds what a browser would run or fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "img", "style", "form", "meta", "link", "base", "details"}:
            self.found.append(tag)
        for name, value in attrs:
            scheme = re.sub(r"[\s\x00-\x1f]", "", (value or "").lower()).partition(":")[0]
            if name.startswith("on") or (
                name in ("href", "src") and ":" in (value or "") and scheme not in ("http", "https")
            ):
                self.found.append(f"{name}={value}")


@pytest.mark.parametrize("vector", VECTORS)
def test_hostile_markdown_stays_text(vector: str) -> None:
    assert Active(staged(f"{vector}\n\nafter")).found == []
    assert "after" in staged(f"{vector}\n\nafter")


def test_hostile_markdown_stays_text_on_the_built_site(tmp_path: Path) -> None:
    """The same through MkDocs, which reads another Markdown: the content of the page holds no active markup."""
    pages = {"index.md": "# Home"} | {
        f"v{number}.md": staged(f"# Page\n\n{vector}") for number, vector in enumerate(VECTORS)
    }
    publish(pages, "\nnav:\n" + "".join(f"  - {name}\n" for name in pages), THEME, tmp_path)
    for number, vector in enumerate(VECTORS):
        text = (tmp_path / "site" / f"v{number}.html").read_text(encoding="utf-8")
        content = text.partition('<article class="md-content__inner')[2].partition("</article>")[0]
        assert "Page" in content
        assert Active(content.replace('class="md-content__button', "")).found == [], vector
        assert "<script>alert" not in text, vector


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "script",
                "&",
                '"',
                "'",
                "](",
                "[",
                "javascript:",
                "{:",
                "}",
                "`",
                "```",
                "\n",
                "|",
                "---",
                "# ",
                "- ",
                "> ",
                "$",
                "$$",
                "\\",
                "*",
                "_",
                "<!--",
                "-->",
                "onload=",
                "x",
                " ",
                "\u2028",
                "@",
                "    ",
            ]
        ),
        max_size=24,
    ).map("".join)
)
@example("|<svg/onload=x>|\n|---|\n|`|")
def test_token_soup_is_never_active(text: str) -> None:
    assert Active(staged(text)).found == []
