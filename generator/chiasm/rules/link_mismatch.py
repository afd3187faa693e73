"""A link's words name one system or variant, its address leads to another.

A reader takes the words for what they say. Only words that are exactly a system's title, a variant's name or both are
held against the address, and a name that differs from the target's by its version.

Bad:

```markdown
[Flamingo](blip-2.md#alignment) reads an image through a resampler.
```

Good:

```markdown
[Flamingo](flamingo.md#alignment) reads an image through a resampler.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from chiasm.claiming.claim import SLOTS, Claims
from chiasm.claiming.sections import system_of, target
from chiasm.diagnostic import Diagnostic
from chiasm.document import Link, slug
from chiasm.graph import Graph, is_local
from chiasm.regex import regex
from chiasm.resolving.inherit import same_slug
from chiasm.spec.model import ModelSpec

ID = "link-mismatch"
VERSION = regex(r"\d+(?:\.\d+)*")
SECTIONS = frozenset(slug(name) for name in (*SLOTS, "Variants"))
"""Anchors that name no variant: the system's page need not be read for them."""
POSSESSIVE = regex(r"['\u2019]s$")


def check_page(graph: Graph, page: Claims) -> Iterator[Diagnostic]:
    """One finding a link."""
    names = _names(graph)
    for link in page.links:
        if not is_local(link.href) or link.image:
            continue
        path, fragment = target(page.document.path, link.href)
        system = system_of(path)
        if system not in graph.titles or path == page.document.path:
            continue
        words = POSSESSIVE.sub("", link.text.strip())
        other = names.get(words.lower(), "")
        if (other and other != system) or (not other and _is_another_version(words, graph.titles[system])):
            yield _system(graph, link, words, system, f"leads to {graph.titles[system]}")
        elif fragment and fragment not in SECTIONS and re.search(r"\d", words) and (spec := graph.specs.get(system)):
            yield from _variant(spec, link, words, fragment)


@lru_cache(maxsize=2)
def _names(graph: Graph) -> Mapping[str, str]:
    """Systems by their titles in lower case."""
    return {title.lower(): system for system, title in graph.titles.items() if title}


def _system(graph: Graph, link: Link, words: str, system: str, leads: str) -> Diagnostic:
    at = _names(graph).get(words.lower(), "")
    return Diagnostic(
        ID,
        f"the link says {words} and {leads}",
        link.href_span,
        mark=f"the page of {graph.titles[system]}",
        help=f"link {at}.md" if at else f"write {graph.titles[system]}, or link the page of {words}",
    )


def _is_another_version(words: str, title: str) -> bool:
    """The same name with another version: Qwen2-VL where the title is Qwen3-VL."""
    same = VERSION.sub("#", words.lower()) == VERSION.sub("#", title.lower())
    return same and "#" in VERSION.sub("#", title) and words.lower() != title.lower()


def _variant(spec: ModelSpec, link: Link, words: str, fragment: str) -> Iterator[Diagnostic]:
    leads = next((one for one in spec.variants if same_slug(one.key, fragment)), None)
    said = words.lower()
    for title in (spec.title.lower(), spec.system):
        said = said.removeprefix(title).strip()
    named = [one for one in spec.variants if said and said in (one.key, one.title.lower(), one.key.replace(".", ""))]
    if leads and len(named) == 1 and named[0] is not leads:
        yield Diagnostic(
            ID,
            f"the link says {words} and leads to {leads.key}",
            link.href_span,
            mark=f"{leads.title or leads.key}",
            help=f"write #{named[0].key.replace('.', '')}, or {leads.key} in the link's words",
        )
