"""Judges facts that have words of their own: `every 9th layer`, `a softmax loss`, `a fixed number of tokens`.

Each stands for one field of one slot; a sentence is refuted where every variant that may be meant states another value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.plain.remark import About, Remark, doubted
from chiasm.regex import regex
from chiasm.spec.model import Plain

RULE = "category-refuted"
COUNTS = {
    word: number
    for number, words in enumerate(
        ("", "one first", "two second other", "three third", "four fourth", "five fifth", "six sixth", "seven seventh",
         "eight eighth", "nine ninth", "ten tenth")
    )
    for word in words.split()
}  # fmt: skip
"""Small numbers in words, `every other` among them."""


class Facet(NamedTuple):
    """A field, the words by which a sentence states it (`what`: the value), and how the true value is told."""

    slot: str
    field: str
    words: str
    told: str
    unless: str = ""


_N = r"(?P<what>\d{1,2}(?:st|nd|rd|th)?|" + "|".join(COUNTS) + ")"
FACETS = (
    Facet(
        "fusion",
        "layers",
        rf"DeepStack[^.;]{{0,90}}\bfirst {_N} (?:LLM |decoder |language[- ]model |transformer )?(?:layers|blocks)\b",
        "DeepStack of {title} adds to the first {value} layers",
        r"(?i)\bencoder|\bViT\b|vision (?:tower|transformer)",
    ),
    Facet(
        "fusion",
        "every",
        rf"cross[- ]attention\b[^.;]{{0,60}}\bevery {_N}(?: \w+)? (?:layers?|blocks?)\b",
        "{title} inserts cross-attention before every {value} layers",
    ),
    Facet(
        "fusion",
        "loss",
        r"\b(?P<what>softmax|sigmoid)\b[^.;,]{0,24}\bloss\b",
        "{title} is trained with a {value} loss",
        r"(?i)focal|dice|mask|binary",
    ),
    Facet(
        "encoder",
        "merge_size",
        r"\b(?:merg\w+|group\w*|concatenat\w+|joins?) (?:every |each |"
        r"the )?(?P<what>\d)\s?[×x]\s?\d (?:neighbou?ring |adjacent )?(?:patch|token|feature)",
        "{title} merges {value} × {value} patches",
    ),
    Facet(
        "encoder",
        "class_token",
        r"\b(?:has|prepends|adds|keeps|with) (?:an? |the )?(?:learned |learnable |"
        r"extra )?(?P<what>(?:\[?CLS\]?|class) token)",
        "{title} has no class token",
        r"(?i)text|BERT",
    ),
    Facet(
        "positioning",
        "fixed_budget",
        r"\b(?P<what>(?:fixed|constant) (?:number|budget|count|amount) of (?:\d+ )?(?:visual |image |"
        r"vision )?tokens|fixed token budget)\b",
        "the number of tokens of {title} follows the image",
        r"(?i)\b(?:tiles?|slices?|crops?|frames?|views?|sub-?images?|each|patch)\b",
    ),
    Facet(
        "positioning",
        "fixed_budget",
        r"\b(?P<what>(?:dynamic|variable|varying) (?:number|budget|count|amount) of (?:visual |image |"
        r"vision )?tokens)\b",
        "{title} spends the same number of tokens on every image",
        r"(?i)video|frames?|images",
    ),
)


@cache
def _pattern(words: str) -> re.Pattern[str]:
    return regex(words, re.IGNORECASE)


@cache
def _others() -> re.Pattern[str]:
    return regex(
        r"\b(?:we|our|ours|us|I|my|replac\w*|swap\w*|chang\w*|can|support\w*|variants?|ablat\w*|experiment\w*|"
        r"compar\w*|similar\w*|than|vs\.?|versus|"
        r"success\w*|predecessor|earlier|previous\w*|later|another|alternativ\w*|inspired|instead|adapt\w*|"
        r"remov\w*|either|respectively|borrow\w*|"
        r"extend\w*|original|community)\b|[?]",
        re.IGNORECASE,
    )


def facets(text: str, whose: Callable[[int, Sequence[tuple[int, int]]], About | None]) -> Iterator[Remark]:
    """Remarks on the facts that a sentence states by words of their own."""
    found = [(one, match) for one in FACETS if (match := _pattern(one.words).search(text))]
    for one, match in found:
        beside = text[match.end() :] if one.field == "every" else text.replace(match[0], "")
        if doubted(text) or _others().search(beside) or (one.unless and re.search(one.unless, text)):
            continue
        about = whose(match.start("what"), ())
        if about and (remark := _held(one, match, about)):
            yield remark


def _held(one: Facet, match: re.Match[str], about: About) -> Remark | None:
    entries = [variant.entries.get((one.slot, one.field)) for variant in about.variants]
    known = [entry for entry in entries if entry is not None and entry.value is not None]
    said = _said(one, match["what"])
    if not known or len(known) != len(entries) or any(entry.value == said for entry in known):
        return None
    values = list(dict.fromkeys(_spelled(entry.value) for entry in known))
    true = " or ".join(values)
    reason = one.told.format(title=about.spec.title, value=true)
    labels = tuple(
        Label(entry.span, f"{one.slot}.{one.field} = {_spelled(entry.value)}") for entry in known[:1] if entry.span
    )
    expected = "" if isinstance(known[0].value, bool) else true
    help_ = f"write {values[0]}" if expected else "leave it out, or name the system that it is true of"
    return Remark("refuted", *match.span("what"), reason, expected, help_, (), labels, rule=RULE)


def _said(one: Facet, words: str) -> Plain:
    """The value that the words state."""
    if one.field == "fixed_budget":
        return not words.lower().startswith(("dynamic", "vari"))
    if one.field == "class_token":
        return True
    if one.field == "loss":
        return words.lower()
    digits = re.match(r"\d+", words)
    return int(digits[0]) if digits else COUNTS[words.lower()]


def _spelled(value: Plain) -> str:
    return str(value)
