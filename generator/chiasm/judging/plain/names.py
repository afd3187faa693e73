"""Finds systems and their variants where a text names them: a graph and a text in, mentions out.

What a system is called follows from its page: its title, what its line `Also called:` adds, and for its variants the
words of their keys, titles and releases, in the spellings that people use (LLaVA-1.5, LLaVA 1.5 7B, llava-v1.5-13b). A
name that goes on into something unknown (LLaVA-OneVision, BLIP-3, MiniCLIP, Qwen3-VL-235B) is another system's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from chiasm.claiming.claim import Claims
from chiasm.graph import Graph, of_graph
from chiasm.judging.plain.alternatives import together
from chiasm.judging.plain.vocabulary import SIZE, TOKEN, Vocabulary, vocabulary
from chiasm.judging.plain.words import BEFORE_NAMES, MAKERS, NEUTRAL, ORDINARY, OWNERS
from chiasm.regex import regex

PART = regex(r"[A-Za-z]+|\d+(?:\.\d+)*")
FEW = 4
"""Fewer letters begin too many words."""
_GLUED = regex(r"[\w.@/+-]*\w")
_NEXT = regex(r"[ ]?\(?([\w.@/+-]*\w)")
_BEFORE = regex(r"([\w.@-]*)/$")
_WORD = regex(r"([A-Za-z][\w-]*)[ ]$")
_COUNTS = regex(r"[ -]?(?:[×x%]|times|percent|params?\b|parameters|trainable|tokens|samples|pairs|images)")
_VERSION = regex(r"v?\d+\.\d+|v\d")
_PLURAL = regex(r"[ -]?(?:[a-z-]+ )?[a-z-]+s\b|[ -]?[×x%/]|,\d")
_MORE = regex(r"\w|[-_@./+]\w|[ ]\(?(?:[A-Z\d]|v\d|so\d|(?:base|large|huge|giant|small)\b|\w*\d)")
"""What may be more of a name."""
_MIXED = regex(r"(?=.*\d)(?=.*[A-Za-z])")
UNLISTED = "?"
"""A variant that no page describes."""


class Mention(NamedTuple):
    """A system where a text names it.

    `system` is "" where the name is another's; `variants` are the keys that it leaves, () where it names none, `?`
    where it names a size that no page describes.
    """

    start: int
    end: int
    system: str
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What texts call every system of a graph."""

    spellings: tuple[tuple[str, str], ...]
    """A pattern and its system, the longest first."""
    firsts: tuple[str, ...]
    """Lower-case letters that every name begins with, so that most texts are ruled out at once."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All names; the number of the group says whose."""
        return re.compile(rf"(?i)(?<![^\W_]){self._together[0]}")

    @cached_property
    def _together(self) -> tuple[str, tuple[str, ...]]:
        return together(self.spellings)

    def system(self, match: re.Match[str]) -> str:
        """The system that was matched."""
        return self._together[1][(match.lastindex or 1) - 1]

    def speaks(self, text: str) -> bool:
        """Whether a text may name a system at all."""
        lowered = text.lower()
        return any(first in lowered for first in self.firsts) and self.pattern.search(text) is not None


def lexicon(graph: Graph) -> Lexicon:
    """What texts call the systems of a graph."""
    return _lexicon(graph, "")


@of_graph
def _lexicon(graph: Graph, _: str) -> Lexicon:
    made: dict[str, str] = {}
    for system, title in graph.titles.items():
        for name in _called(graph, system, title):
            made.setdefault(_spelling(name), system)
    ordered = sorted(made.items(), key=lambda one: (-len(one[0]), one[0]))
    firsts = {first for name in made for first in _firsts(name)}
    return Lexicon(tuple(ordered), tuple(sorted(firsts)))


def _firsts(spelling: str) -> Iterator[str]:
    """What a text in lower case holds where it holds the name: its first letters, further ones where they are few."""
    parts = PART.findall(spelling.replace("\\", "").replace("[ -]?", " ").lower())
    if len(parts[0]) >= FEW or len(parts) == 1:
        yield parts[0]
    else:
        yield from (f"{parts[0]}{between}{parts[1]}" for between in ("", "-", " "))


def _called(graph: Graph, system: str, title: str) -> Iterator[str]:
    """The names of a system: of its page, without its only size, and what else the page says it is called."""
    title = title.strip()
    if not re.search(r"[A-Z]", title):
        return
    yield title
    head, dash, size = title.rpartition("-")
    if dash and SIZE.fullmatch(size):
        yield head
    yield from graph.aliases.get(system, ())


def _spelling(name: str) -> str:
    """The pattern of a name: a space, a hyphen or nothing between its parts."""
    parts = [(found[0], name[max(0, found.start() - 1) : found.start()]) for found in PART.finditer(name)]
    text = re.escape(parts[0][0])
    for part, before in parts[1:]:
        text += ("/" if before == "/" else "[ -]?") + re.escape(part)
    return text


def speaks(graph: Graph, page: Claims) -> bool:
    """Whether a page may name a system at all: most of the world's pages name none."""
    return _speaks(page, graph)


def named_in(graph: Graph, text: str) -> frozenset[str]:
    """The systems that a text may name."""
    names = lexicon(graph)
    if not names.speaks(text):
        return frozenset()
    return frozenset(map(names.system, names.pattern.finditer(text)))


_ASKED: list[tuple[Claims, Graph, bool]] = []


def _speaks(page: Claims, graph: Graph) -> bool:
    if not _ASKED or _ASKED[0][0] is not page or _ASKED[0][1] is not graph:
        _ASKED[:] = [(page, graph, lexicon(graph).speaks(page.document.source.text))]
    return _ASKED[0][2]


def mentions(graph: Graph, text: str) -> tuple[Mention, ...]:
    """The systems that a text names, in order."""
    names = lexicon(graph)
    if not names.spellings or not names.speaks(text):
        return ()
    found: list[Mention] = []
    at = 0
    while match := names.pattern.search(text, at):
        made = _mention(graph, text, match, names.system(match))
        at = max(match.end(), made.end if made else 0)
        if made:
            found.append(made)
    return tuple(found)


def _mention(graph: Graph, text: str, match: re.Match[str], system: str) -> Mention | None:
    start, end, said = match.start(), match.end(), match[0]
    glued = _GLUED.match(text, end) if text[end : end + 1] not in (" ", "") else None
    if glued and glued[0][0].isalpha() and said[-1:].isalpha():
        # A longer word that begins the same way: `clipped`, `CLIPSeg`, `blip2opt`.
        if not said[0].isupper() or glued[0].islower():
            return None
        return Mention(start, glued.end(), "")
    sized = SIZE.match(text[end : end + 8].lstrip(" -"))
    if said.lower() in ORDINARY and said != said.upper() and not said[:1].isupper() and not (glued or sized):
        return None
    if said.lower() == "clip" and said != "CLIP" and not (glued and "vit" in glued[0].lower()):
        return None
    if _is_others(text, start):
        return Mention(start, glued.end() if glued else end, "")
    return _continued(graph, text, start, end, system)


def _is_others(text: str, start: int) -> bool:
    """Whether what stands before a name makes it another's: MiniCLIP, EVA-CLIP, Tiny LLaVA; not openai/clip."""
    last = text[start - 1 : start]
    if last in ("-", ".", "@", "+", "_"):
        return text[start - 2 : start - 1].isalnum()
    if last == "/":
        owner = _BEFORE.search(text, max(0, start - 40), start)
        return bool(owner and owner[1] and owner[1][-1:] in "-.")
    word = _WORD.search(text, max(0, start - 24), start)
    if word is None:
        return False
    lowered = word[1].lower()
    if lowered in MAKERS:
        return True
    opens = word.start() == 0 or text[word.start() - 1] in '.!?:(|“"*' or text[max(0, word.start() - 2)] in ".!?:"
    capital = word[1][0].isupper() and not word[1].isupper()
    return capital and not opens and lowered not in OWNERS and lowered not in BEFORE_NAMES


def _continued(graph: Graph, text: str, start: int, end: int, system: str) -> Mention:
    """The mention with what follows the name: a version, a size, a release; or another's name."""
    own = graph.titles[system].lower()[:FEW] in text[start:end].lower()
    if own and not _MORE.match(text, end) and not SIZE.search(text[start:end]):
        # Nothing goes on, so the system's page need not be read.
        return Mention(start, end, system)
    known = vocabulary(graph, system)
    tokens: list[str] = TOKEN.findall(text[start:end].lower())
    at, glued = end, True
    while chunk := (_GLUED.match(text, at) if glued else None) or _NEXT.match(text, at):
        begin = chunk.start(chunk.lastindex or 0)
        glued = begin == at
        after = lexicon(graph).pattern.match(text, begin + (text[begin] in "/@-"))
        stop = chunk.end()
        if (other := lexicon(graph).pattern.search(text, begin + 1, stop)) and text[other.start() - 1] == "/":
            stop = other.start() - 1
        said = text[begin:stop].rstrip(".-/@+")
        made = TOKEN.findall(said.lower().replace("_", "-"))
        unknown = [one for one in made if one not in known.words and one not in NEUTRAL]
        if after and not (glued and text[begin] == "-"):
            # Another name begins: `LLaVA/Flamingo`.
            break
        if glued and text[at] == "/" and unknown:
            break
        if not made or (not glued and not _goes_on(said, text, stop, known, unknown)):
            break
        if unknown and not glued and SIZE.fullmatch(said):
            return Mention(start, begin + len(said), system, (UNLISTED,))
        if unknown:
            return Mention(start, begin + len(said), "")
        tokens += made
        at = begin + len(said)
        glued = False
    return Mention(start, at, *known.chosen(system, tokens))


def _goes_on(said: str, text: str, end: int, known: Vocabulary, unknown: Sequence[str]) -> bool:
    """Whether a word behind a name and a space belongs to it: a size, a version, the name of a release."""
    if _COUNTS.match(text, end):
        return False
    if SIZE.fullmatch(said) or _VERSION.fullmatch(said):
        return True
    if said.isdigit():
        # `SigLIP 2` is a version, `SigLIP 2 towers` is not.
        return len(said) == 1 and not _PLURAL.match(text, end)
    if said[0].isupper() and said.lower() in MAKERS:
        return True
    if unknown:
        return _MIXED.match(said) is not None and said[0].isupper() and said.lower() not in BEFORE_NAMES
    return any(not one.islower() for one in said) or said in known.telling
