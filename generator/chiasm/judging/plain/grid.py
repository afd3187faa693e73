"""Says what a cell of anybody's table counts: its column, its row and the rows above in; a meaning out.

A table of models has a column for every fact, a table of attributes a row for every fact. There rows that name a
component (`perceiver resampler`) head those below them, which else would say the same of several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chiasm.claiming.passage import Passage, Spot
from chiasm.document import Cell
from chiasm.judging.plain.phrases import components
from chiasm.numbers.quantity import Placed
from chiasm.page.inline import plain
from chiasm.regex import regex

LONGEST = 60
"""Characters of a header; a longer one is a sentence."""
NEAR = 30
"""Rows around one that are looked at."""
HEADS: tuple[tuple[str, str], ...] = (
    ("kv_heads", r"(?:kv|key[-/ ]value|k/v) heads?"),
    ("heads", r"(?:(?:attention|attn|query|q) )?heads?"),
    ("layers", r"(?:(?:hidden|transformer|decoder|encoder) )?(?:layers?|blocks?)|depth|n layer"),
    ("mlp_dim", r"(?:intermediate|mlp|ffn|feed-?forward)(?: hidden)? (?:size|dim(?:ension)?|width)"),
    ("head_dim", r"head (?:size|dim(?:ension)?)"),
    ("dim", r"(?:(?:hidden|embed(?:ding)?|model) (?:size|dim(?:ension)?|width)|width|d model|hidden dim)"),
    ("context", r"(?:max(?:imum)? )?context(?: (?:length|window|size|len))?|max position embeddings"),
    ("length", r"(?:max(?:imum)? )?(?:seq(?:uence)?) (?:length|len)"),
    ("image_size", r"(?:(?:image|input|native|img) )*(?:resolution|res|image size|input size|img size)"),
    ("patch_size", r"patch(?: size)?"),
    ("vocab", r"vocab(?:ulary)?(?: size)?"),
    ("queries", r"(?:learn(?:ed|able) )?(?:query tokens|quer(?:y|ies)|latents?|latent (?:queries|vectors|tokens))"),
    ("image_tokens", r"(?:visual|vision|image|img) tokens?(?: ?(?:/|per) ?(?:image|img))?"),
    ("image_tokens", r"tokens? ?(?:/|per) ?(?:image|img)"),
    ("parameters", r"(?:total |model )?param(?:eter)?s?(?: count)?|model size|size"),
)
"""What headers and first cells are called, whole, without the component that they may name."""
_OWNERS = regex(
    r"(?:(?:vision|visual|image|vit|text|language|llm|lm|perceiver|resampler|q-?former|encoder|decoder|tower|model|"
    r"backbone|connector|projector|transformer|trunk)s? )+(?=\w)",
    re.IGNORECASE,
)
_LED = regex(r"^(?:[#*`\s]|no\. of |n_|num(?:ber)?(?: of)? |n )+", re.IGNORECASE)
_BOTH = regex(r"\bq ?/ ?kv\b", re.IGNORECASE)
_NARROWER = regex(r"\([^()]*(?:train|froz|activ|incl|excl|non-|w/o|without|only)[^()]*\)", re.IGNORECASE)
_PAIR = regex(r"\s*\d+\s*/\s*\d+\s*")
_SCALED = regex(r"[kKMBT]\b|illion")
_BESIDE = regex(
    r"\[\d+(?:, ?\d+)*\]|\(?(?:[A-Z][\w.-]+ )?et al\.?,? ?\(?(?:20\d\d\w?)?\)?|\b(?:19|20)\d\d\w?\b|\barXiv:?[\d.]+"
    r"|(?<![\w.])\d+(?:\.\d+)?[BbMm]\b(?: params?)?|\b(?:ViT|RN)[-/]?\w*(?:[/@-]\w+)*"
    r"|\b(?:Vicuna|OPT|(?:FLAN|Flan)-?T5|LLaMA|Llama|Mistral|MPT|RedPajama|Qwen|Chinchilla|Yi|EVA|CLIP|SigLIP|XXL|XL"
    r"|NeurIPS|CVPR|ICML|ICCV|ICLR|Instruct|Chat|Base|Thinking|v\d)[\w.-]*"
    r"|\b(?:the|with|and|px|model|official|released?|hf|at|\d{3}px|\d{3})\b|\bw/o (?:im\w*\.? )?split\w*"
    r"|[\U0001f300-\U0001faff\u2600-\u27bf]"
)
"""What may stand beside a name and changes nothing: citations, sizes, years, parts, kinds of releases."""
_SETTINGS = regex(
    r"\b(?:default\w*|hyper-?param\w*|train\w*|fine-?tun\w*|argument\w*|option\w*|flags?|benchmark\w*|evaluat\w*|"
    r"quanti[sz]\w*|deploy\w*|serv(?:e|ing|er)\w*|launch\w*|usage|examples?|experiment\w*|ablat\w*|ours|yours?)\b",
    re.IGNORECASE,
)
"""Words by which a table is about somebody's settings."""
TOTALS = frozenset({"total", "grand total", "sum", "all", "overall"})
SIDES = {"vision": "encoder", "visual": "encoder", "image": "encoder", "vit": "encoder"}


class Head(NamedTuple):
    """What a header names: a count, of which slots, and whether it can mean nothing else."""

    what: str
    slots: tuple[str, ...]
    words: str
    sure: bool = True


@lru_cache(maxsize=1024)  # every cell of a column asks
def head(text: str) -> Head | None:
    """What a header, or the first cell of a row, names."""
    words = text.strip().replace("_", " ").strip("`* :")
    if not _NARROWER.search(words):
        words = re.sub(r"\s*\([^()]*\)\s*$", "", words)
    if len(words) > LONGEST or not words:
        return None
    words = _LED.sub("", words)
    for whole in (words, _OWNERS.sub("", words, 1)):
        for what, pattern in HEADS:
            if re.fullmatch(pattern, whole, re.IGNORECASE):
                slots = _slots(words.lower()) if whole != words else components(words.lower())
                return Head("context" if what == "length" else what, slots, text.strip(), what != "length")
    return None


def counted(passage: Passage, placed: Placed) -> Head | None:
    """What a number in a cell counts, as its column or its row says; None where neither does."""
    spot = passage.spot
    if spot is None or spot.row < 0 or len(passage.words.strip()) > LONGEST:
        return None
    for cell in (spot.head, spot.first if spot.column else None):
        found = head(plain(cell.inlines)) if cell is not None else None
        if cell is None or found is None or (found.what == "parameters" and _is_unscaled(found, placed)):
            continue
        if found.what == "dim" and "width" in found.words.lower() and any("height" in one for one in _heads(spot)):
            # Of a picture.
            return None
        if found.what == "heads" and _BOTH.search(plain(cell.inlines)) and _PAIR.fullmatch(passage.words):
            second = "/" in passage.words[: placed.start]
            found = found._replace(what="kv_heads" if second else "heads")
        return found if found.slots else found._replace(slots=_part(spot) or _under(passage, spot, cell))
    return None


def is_attribute(passage: Passage, what: str) -> bool:
    """Whether the first cell of the row says what is counted, or of what, so that the heading says of whom."""
    spot = passage.spot
    first = plain(spot.first.inlines) if spot and spot.first and spot.column else ""
    found = head(first) if first else None
    whole = what == "parameters" and first.strip("`* ").lower() in TOTALS
    return bool(whole or (spot and _part(spot))) or (found is not None and found.what == what)


def _part(spot: Spot) -> tuple[str, ...]:
    """The component that a row is about: `| Vision encoder | 303,966,208 |`."""
    return _alone(plain(spot.first.inlines)) if spot.first and spot.column else ()


def is_variation(text: str, names: Sequence[tuple[int, int]]) -> bool:
    """Whether a row's first cell says more than names and sizes: `LLaVA-1.5 (pruned)`, `LLaVA-1.5*`, `+ ours`.

    `names` are the places of the names of systems in it.
    """
    rest = text
    for start, end in sorted(names, reverse=True):
        rest = rest[:start] + rest[end:]
    return _BESIDE.sub(" ", rest).strip(" \t()[]{},;:/|–—-`_") != ""


def of_settings(passage: Passage) -> bool:
    """Whether a table tells what somebody set, or what is used where nothing is said."""
    spot = passage.spot
    if spot is None:
        return False
    own = [plain(cell.inlines) for cell in (*spot.table.header[:1], spot.head) if cell is not None]
    return any(_SETTINGS.search(text) for text in (*own, *(heading.text for heading in passage.trail)))


def _is_unscaled(found: Head, placed: Placed) -> bool:
    """A size that is no count of parameters: 384, 14 GB."""
    return "size" in found.words.lower() and not _SCALED.search(placed.quantity.text)


def _heads(spot: Spot) -> Iterator[str]:
    return (plain(cell.inlines).lower() for cell in spot.table.header)


def _slots(words: str) -> tuple[str, ...]:
    """The component that a header names beside what is counted."""
    named = components(words)
    if named:
        return named
    found = next((SIDES[word] for word in words.split() if word in SIDES), "")
    if found:
        return (found,)
    return ("text_encoder", "language_model") if words.startswith("text") else ()


def _under(passage: Passage, spot: Spot, cell: Cell) -> tuple[str, ...]:
    """The component of the rows above that an attribute stands under, else of the heading."""
    if spot.first is cell:
        name = plain(cell.inlines)
        near = spot.table.rows[max(0, spot.row - NEAR) : spot.row + NEAR]
        again = sum(plain(row[0].inlines) == name for row in near if row) > 1
        for row in reversed(spot.table.rows[max(0, spot.row - NEAR) : spot.row]):
            rest = [plain(one.inlines).strip() for one in row[1:]]
            slots = components(plain(row[0].inlines).lower()) if row and head(plain(row[0].inlines)) is None else ()
            if slots and (not any(rest) or (again and not any(re.search(r"^[\d.,]+\w?$", one) for one in rest))):
                return slots[-1:]
    return of_heading(passage)


def of_heading(passage: Passage) -> tuple[str, ...]:
    """The component that a heading is about: `Vision Encoder`, `3.1 Language model (LLM)`."""
    return _alone(passage.trail[-1].text) if passage.trail and passage.kind != "heading" else ()


def _alone(text: str) -> tuple[str, ...]:
    """The component that a text names and nothing else."""
    bare = re.sub(r"^[\d.\s]+|\s*\([^()]*\)\s*$|[:*`]", "", text).strip().lower()
    found = components(bare) or (("text_encoder",) if bare in ("text", "text side") else ())
    rest = _OWNERS.sub("", f"{bare} x").strip()
    return found[-1:] if len(bare.split()) <= 4 and rest in ("x", "component x", "architecture x") else ()
