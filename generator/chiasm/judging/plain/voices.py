"""Says of whom the grammar of a sentence speaks: of the system under whose name it stands, or of several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from chiasm.regex import regex

VERBS = {"have": "has", "rely": "relies", "are": "are", "carry": "carries", "apply": "applies"}
"""Plural forms whose singular is more than an `s`."""
PLURAL = (
    "use|employ|adopt|take|have|pair|combine|connect|couple|keep|rely|need|require|insert|inject|prepend|freeze|train|"
    "update|are|bridge|link|build"
)
MANY = "models|systems|methods|works|approaches|papers|M?LLMs|L?VLMs|MLLMs|baselines|recipes|projects|teams|releases"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    part = (
        r"(?:(?:frozen|pre-?trained|whole|entire|same|released|full|\d[\w.]*) )*"
        r"(?:(?:vision|visual|image|language|text|multimodal) )*(?:model|architecture|system|network|LLM|LM|encoder|"
        r"tower|decoder|backbone|connector|projector|"
        r"projection|adapter|resampler|Q-?Former|ViT|stage|(?:first|second|third|last|final) (?:training )?stage)"
    )
    return {
        # `It …`, `The model …`, `In stage 2 …`, `Uses …`, and a label with a colon: `LLM backbone: …`.
        "its": regex(
            rf"(?i)[\s*_`>-]*(?:(?:here|internally|architecturally|by design),? )?(?:"
            rf"(?:it|its|stages?|only|just|deepstack)\b"
            rf"|(?:both )?(?:the |this )?{part}s?\b(?!['’]| (?:of|by|from|for|in) )"
            rf"|(?:is |was )?(?:built|based|trained|uses|employs|adopts|pairs|combines|connects|couples|inserts|"
            rf"injects|merges|trains|freezes|keeps|prepends|training|keeping|freezing|using|inserting)\b"
            rf"|(?:in|during|for|at) (?:the |its )?(?:(?:first|second|third|last|final|\d\w*) )*"
            rf"(?:training |pre-?training )?(?:stage|phase)|[\w/ *_-]{{2,32}}:)"
        ),
        # `Most open models …`: of no system alone, whatever is named beside it.
        "many": regex(
            rf"\b(?i:most|many|several|some|others?|recent|modern|newer|later|early|earlier|these|those|all|few|various|"
            rf"subsequent|existing|current|today['’]s|typical|common|strong|similar)(?: [\w-]+){{0,2}} (?:{MANY})\b"
        ),
        "both": regex(r"(?i)[\s*_]*(?:both |the )*$"),
        "between": regex(r"(?:,| and| &|, and)(?: the)? "),
        "verb": regex(rf" (?:(?:all|both|each|also) )*(?P<verb>{PLURAL})(?: (?:all|both|each) (?=\w+ed\b))?\b"),
        "list": regex(r"[^.;]*?(?:,| and| or) (?!.* as their )"),
        "led": regex(r"(?i)[\s*_]*(?:with|using|by|in|via|through|on|built|based|at|during|for|like|besides)\b"),
        "cut": regex(r"(?i)[;,\s]*(?:while|whereas|but)?,? *"),
    }


def speaks_of_it(text: str) -> bool:
    """Whether a sentence that names no system may speak of the one that it stands under."""
    return _patterns()["its"].match(text) is not None


def speaks_of_many(text: str) -> bool:
    """Whether a sentence speaks of what most or other systems are."""
    return _patterns()["many"].search(text) is not None


def speaks_still(clause: str) -> bool:
    """Whether a clause goes on about what the clauses before it are about: it has no subject of its own."""
    opens = _patterns()["cut"].match(clause)
    return speaks_of_it(clause[opens.end() if opens else 0 :])


def comes_later(text: str) -> bool:
    """Whether the system may be named behind what is said of it: `With CLIP as its encoder, LLaVA …`."""
    return speaks_of_it(text) or _patterns()["led"].match(text) is not None


def readings(text: str, names: Sequence[tuple[int, int]]) -> Iterator[str]:
    """A sentence once for each of the systems that it says the same of: `LLaVA and Flamingo use …`.

    `names` are the places of names. Every other character stands where it stood; the other names are blank, and the
    verb is singular. A sentence with one subject is read as it is.
    """
    run, table = _run(text, names), _patterns()
    verb = table["verb"].match(text, run[-1][1]) if len(run) > 1 else None
    if verb is None:
        yield text
        return
    if table["list"].match(text, verb.end()):
        # One each, perhaps: `LLaVA and BLIP-2 use an MLP and a Q-Former`.
        return
    said = verb["verb"]
    singular = VERBS.get(said, f"{said}s")
    begin = verb.end("verb") - len(singular)
    rest = re.sub(r"^ (all|both|each)\b", lambda found: " " * len(found[0]), text[verb.end("verb") :])
    for start, end in run:
        name = text[start : min(end, begin - 1)]
        yield f"{' ' * start}{name}".ljust(begin) + singular + rest


def _run(text: str, names: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The names that a sentence begins with, joined by commas and `and`."""
    run: list[tuple[int, int]] = []
    table = _patterns()
    for start, end in names:
        joined = table["between"].fullmatch(text, run[-1][1], start) if run else table["both"].fullmatch(text[:start])
        if not joined:
            break
        run.append((start, end))
    return run
