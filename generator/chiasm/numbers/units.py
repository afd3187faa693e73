"""The vocabulary of numbers: what follows a number, what comes before one that only labels, numbers spelled out."""

from __future__ import annotations

from fractions import Fraction


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCALES: dict[str, int] = {
    "k": 10**3,
    "K": 10**3,
    "M": 10**6,
    "B": 10**9,
    "b": 10**9,
    "G": 10**9,
    "T": 10**12,
    "bn": 10**9,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
"""Decimal suffixes of a count."""

_NOUNS = {
    "tokens": "token",
    "patches": "patch",
    "queries": "query",
    "latents": "latent",
    "layers": "layer",
    "blocks": "block",
    "heads": "head",
    "parameters": "parameter param params weights",
    "px": "pixel pixels",
    "positions": "position",
    "channels": "channel",
    "frames": "frame",
    "tiles": "tile",
    "slices": "slice",
    "crops": "crop",
    "images": "image",
    "experts": "expert",
    "steps": "step iteration iterations",
    "epochs": "epoch",
    "samples": "sample example examples",
    "pairs": "pair",
    "rows": "row",
    "columns": "column",
    "dimensions": "dimension dim dims",
    "bits": "bit",
    "GPUs": "gpu gpus",
    "days": "day",
    "hours": "hour",
    "minutes": "minute",
    "seconds": "second",
    "words": "word",
    "languages": "language",
    "entries": "entry",
    "levels": "level",
    "stages": "stage",
    "axes": "axis",
    "vectors": "vector",
    "features": "feature",
    "embeddings": "embedding",
    "videos": "video",
    "documents": "document",
    "context": "contexts",
    "points": "point",
    "views": "view",
    "scales": "scale",
    "projections": "projection",
    "matrices": "matrix",
    "ids": "id",
    "models": "model",
    "systems": "system",
    "regions": "region",
    "objectives": "objective",
    "masks": "mask",
    "phases": "phase",
}
NOUNS: dict[str, str] = {word: unit for unit, words in _NOUNS.items() for word in (unit.lower(), *words.split())}
"""What is counted, in any form, and the unit it is."""

SYMBOLS: dict[str, tuple[str, Fraction]] = {
    "%": ("%", Fraction(1, 100)),
    "percent": ("%", Fraction(1, 100)),
    "×": ("×", Fraction(1)),
    "x": ("×", Fraction(1)),
    "X": ("×", Fraction(1)),
    "times": ("×", Fraction(1)),
    "-fold": ("×", Fraction(1)),
    "fold": ("×", Fraction(1)),
    "px": ("px", Fraction(1)),
    "°": ("°", Fraction(1)),
}
"""Units written as a symbol, and what they multiply the number by."""
SYMBOLS |= {
    f"{prefix}{kind}": ("bytes", Fraction(size))
    for kind in ("B", "byte", "bytes")
    for prefix, size in {
        "k": 10**3,
        "K": 10**3,
        "M": 10**6,
        "G": 10**9,
        "T": 10**12,
        "Ki": 2**10,
        "Mi": 2**20,
        "Gi": 2**30,
        "Ti": 2**40,
    }.items()
}
SYMBOLS |= {
    f"{prefix}{kind}": (unit, Fraction(size))
    for unit, kinds in {"FLOPs": ("FLOPs", "FLOP"), "MACs": ("MACs", "MAC")}.items()
    for kind in kinds
    for prefix, size in {"": 1, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}.items()
}
SYMBOLS |= {word: ("bytes", Fraction(1)) for word in ("byte", "bytes")}

LABELS = _words("""
    table tables tab figure figures fig figs section sections sec eq eqs equation stage stages phase chapter
    appendix app version v page pages p pp line lines note item layer block issue algorithm listing part row
    rows column step decision question rule footnote ref refs arxiv doi python cuda pytorch torch transformers
    python3 apache
""")
"""Words after which a number names something instead of counting it."""
ABBREVIATED = _words("""
    tab fig figs sec eq eqs app p pp ref refs v
""")
"""Those that a full stop shortens; after any other word it ends the sentence."""

VERSIONED = _words("""
    ovis llama vicuna qwen gemma mistral idefics gpt claude gemini phi flamingo fuyu bert siglip
""")
"""Families whose name is followed by a version."""

YEAR_WORDS = _words("""
    in since by from until during of before after early mid late © to and between
""")
MONTHS = _words("""
    january february march april may june july august september october november december
""")

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS: dict[str, int] = {word: value for value, word in enumerate(_SMALL)}
WORDS |= {word: 10 * value for value, word in enumerate(_TENS, 2)}
WORDS |= {f"{ten}-{_SMALL[unit]}": 10 * value + unit for value, ten in enumerate(_TENS, 2) for unit in range(1, 10)}
"""Numbers spelled out."""

ORDINALS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2
    )
} | {"once": 1, "twice": 2, "both": 2, "half": 2}
"""Numbers in other words: every second block, twice the width."""

STOPS = _words("""
    of in per and to with for from at is are was were or that which while by on as the a an than into over it
    its has have each but not be this these those then so if when where between against out up only both
""")
"""Words across which a number does not look for its noun."""
