"""Says why a sentence may not state a number of a system as it is: denials, quotations, someone's changes."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from chiasm.claiming.passage import Passage
from chiasm.page.inline import plain
from chiasm.regex import regex

DENIED = "its clause denies, compares or supposes something"
CHANGED = "it tells of someone's own change to a model"
QUOTED = "it stands in a quotation"
ASKED = "it is asked, not said"


class Bound(NamedTuple):
    """`at most` is an upper bound, `at least` a lower one; neither where the number is said to be it."""

    upper: bool
    lower: bool


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "clause": regex(r"[,;:()]\s|\s\(|\.\s|\s[–—]\s|—"),
        "denied": regex(
            r"\b(?:not|never|no|nor|without|instead|rather|than|unlike|wrong\w*|mistak\w+|incorrect\w*|mixe[sd]|"
            r"(?<!each )others?|"
            r"e\.g\.|for example|for instance|such as|versus|vs\.?|respectively|(?<!one )another|differ\w*)\b|n[’']t\b",
            re.IGNORECASE,
        ),
        "supposed": regex(
            r"\b(?:if|would|could|might|may|should|suppose\w*|imagine\w*|assum\w+|hypothetical\w*|perhaps|maybe|"
            r"probably|"
            r"myth|confus\w+|often said|(?:is|are) said|claims? that|allegedly|supposedly|originally|previously|"
            r"formerly|"
            r"used to|earlier version|predecessor|todo|fixme|set(?:ting)?(?! of)|var(?:y|ies|ied|ying)|between|"
            r"sweep\w*|tried|try|"
            r"experiment\w*|trade-off|configur(?:e|able)\b|planned)\b",
            re.IGNORECASE,
        ),
        "changed": regex(
            r"\b(?:we|our|ours|my|i|fine-?tun\w+|finetun\w+|ablat\w+|replac\w+|modif\w+|custom\w*|(?:built|"
            r"build|based) "
            r"(?:on|upon)|initiali[sz]ed (?:from|with)|extend(?:s|ed|ing)?|extension|variants? of|distill\w*|prun\w+|"
            r"quanti[sz]\w+|swapp?\w*|yarn|extrapolat\w+|expand\w*|upgrad\w+|adapted|lora|post-train\w*|reproduc\w+|"
            r"derived from|inspired by|toy|tiny|smaller version|our own)\b",
            re.IGNORECASE,
        ),
        "later": regex(
            r"\b(?:(?:expand|extend)(?:able|s|ed|ing)?|extensible) (?:up )?to\b|\binitiali[sz]ed (?:from|with)\b",
            re.IGNORECASE,
        ),
        "made": regex(
            r"\b(?:is|are|was|were) (?:built|based) (?:on|upon) (?:top of )?(?:an? |the )?(?:[\w.-]+ ){0,2}?"
            r"(?:decoder|transformer|language model|LLM|encoder|tower)\b(?! of\b)",
            re.IGNORECASE,
        ),
        "run": regex(
            r"\b(?:run(?:s|ning)?|deploy\w*|serv(?:e|es|ing|er)|vllm|sglang|ollama|llama\.cpp|gguf|lm studio|"
            r"inference|fits?|"
            r"gpus?|vram|memory|ram|default\w*|limit\w*|recommend\w*|usage|example|max-model-len|benchmark\w*|"
            r"evaluat\w*|"
            r"train\w*|config\w*|hyper-?parameters?|settings?|setup|recipe|quick ?start|getting started|how to|"
            r"results?|prompt)\b",
            re.IGNORECASE,
        ),
        "method": regex(
            r"\b(?:prun\w+|compress\w+|reduc\w+|effici\w+|merging|faster|accelerat\w+|medical|chang\w+|"
            r"experiment\w*|results?|"
            r"for \w+ images|variants?|alternatives?|related|others?|vs\.?|versus|comparison|ours?)\b",
            re.IGNORECASE,
        ),
        "either": regex(r"\bor [\w ]{0,12}$"),
        "upper": regex(
            r"\b(?:up to|at most|no more than|a maximum of|maximum of|max\.?|at maximum|as many as)[ :]+$",
            re.IGNORECASE,
        ),
        "after": regex(r"[\w -]{0,40}?\b(?:at most|or less|or fewer|maximum|max)\b"),
        "lower": regex(
            r"(?:\b(?:at least|more than|over|above|fewer than|less than|under|below|exceed\w*|beyond|minimum of|"
            r"from|between|only about)|[<>≥≤])[ :]*$",
            re.IGNORECASE,
        ),
        "plus": regex(r"\+| ?(?:or more|and (?:more|up|above))\b"),
    }


def clause(passage: Passage, at: int) -> tuple[int, int]:
    """The part of the sentence between punctuation that a character stands in."""
    low, high = passage.sentence(at)
    for match in _patterns()["clause"].finditer(passage.words, low, high):
        if match.end() <= at:
            low = match.end()
        elif match.start() >= at:
            return low, match.start()
    return low, high


def doubt(passage: Passage, at: int) -> str:
    """Why a sentence may not say a number of a system as it is; "" for a plain assertion."""
    low, high = passage.sentence(at)
    words, patterns = passage.words, _patterns()
    sentence = words[low:high]
    if sentence.rstrip(' *_”")').endswith("?"):
        return ASKED
    # What is done to it afterwards says nothing against what it has: `256K, expandable to 1M`.
    told = patterns["made"].sub(" ", words[low:at]) + patterns["later"].sub(" ", words[at:high])
    if patterns["changed"].search(told):
        return CHANGED
    begin, end = clause(passage, at)
    if patterns["either"].search(words, begin, at):
        return DENIED
    if patterns["denied"].search(words, begin, end) or patterns["supposed"].search(sentence):
        return DENIED
    if passage.kind == "quote" or is_quoted(passage, at):
        return QUOTED
    return ""


def headed(passage: Passage) -> str:
    """Why what stands under a heading may be about something else than the system that a heading names."""
    text = " ".join(heading.text for heading in passage.trail)
    patterns = _patterns()
    return CHANGED if patterns["changed"].search(text) or patterns["method"].search(text) else ""


def run(passage: Passage, at: int) -> str:
    """Why a context may be what somebody runs a model with."""
    low, high = passage.sentence(at)
    words = " ".join((passage.words[low:high], *(heading.text for heading in passage.trail)))
    if passage.spot is not None:
        words = " ".join((words, *(plain(cell.inlines) for cell in passage.spot.table.header)))
    return "it may be what somebody runs it with" if _patterns()["run"].search(words) else ""


def is_quoted(passage: Passage, at: int) -> bool:
    """Whether a character stands between quotation marks."""
    low, _ = passage.sentence(at)
    before = passage.prose.shown[low:at]
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")


def bound(words: str, start: int, end: int) -> Bound:
    """Whether the number is a bound."""
    patterns = _patterns()
    near = words[max(0, start - 24) : start]
    upper = patterns["upper"].search(near) or patterns["after"].match(words, end, end + 60)
    lower = patterns["lower"].search(near) or patterns["plus"].match(words, end)
    return Bound(upper is not None, lower is not None)
