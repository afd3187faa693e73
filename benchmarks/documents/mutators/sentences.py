"""Sentences: a pair turned round, a negation lost, an order reversed, one term of the field for another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from benchmarks.documents.base import Base
from benchmarks.documents.edit import Change, Edit, mutator
from benchmarks.documents.matches import words
from benchmarks.documents.places import places
from benchmarks.documents.values import wrong

BETWEEN = re.compile(
    r"^(?:\]\([^)]*\))?(?: [\w-]+){0,3},? ?(?:→|to|and|or|of|for|by|against|with)(?: [\w-]+){0,5} \[?$"
)


@mutator("swapped-pair", "two numbers of a sentence have changed places")
def pair(base: Base, _: Random) -> Iterator[Edit]:
    """`from 257 to 32` → `from 32 to 257`."""
    told = [place for place in places(base) if place.where in ("linked", "prose", "loose")]
    for one, other in pairwise(sorted(told, key=lambda place: place.span)):
        same = (one.span.path, one.span.line) == (other.span.path, other.span.line)
        between = base.line(one.span.path, one.span.line)[one.span.end - 1 : other.span.column - 1] if same else ""
        false = wrong(one.text, other.text, one.truths) and wrong(other.text, one.text, other.truths)
        alike = one.unit == other.unit or not (one.unit and other.unit)
        digits = one.text[-1:].isalpha() == other.text[-1:].isalpha() and re.search(r"\d", one.text + other.text)
        if same and alike and digits and BETWEEN.match(between) and false:
            changes = Change(one.span, one.text, other.text), Change(other.span, other.text, one.text)
            where = "linked" if "linked" in (one.where, other.where) else one.where
            yield Edit("swapped-pair", where, changes, f"{one.text}, {other.text}")


@mutator("negation", "a negation is lost")
def negation(base: Base, _: Random) -> Iterator[Edit]:
    """`the queries do not see the prompt` → `the queries do see the prompt`."""
    slips = {
        "do not see": "do see",
        "does not see": "does see",
        "do not read": "do read",
        "does not carry": "does carry",
        "is not trained": "is trained",
        "is not kept": "is kept",
        "never see": "see",
        "never computes": "computes",
        "never runs": "runs",
        "have no": "have a",
        "there is no": "there is a",
        "nothing else": "much else",
        "has no encoder": "has an encoder",
        "has no": "has a",
        "no longer": "still",
        "without bias": "with bias",
        "without the class token": "with the class token",
        "with bias": "without bias",
        "nothing is compressed": "everything is compressed",
    }
    return words(base, "negation", slips)


@mutator("order", "what comes first comes last")
def order(base: Base, _: Random) -> Iterator[Edit]:
    """`before the final norm` → `after the final norm`."""
    slips = {
        "before the": "after the",
        "after the": "before the",
        "before its": "after its",
        "after its": "before its",
        "before every": "after every",
        "before each": "after each",
        "behind each": "before each",
        "behind the": "in front of the",
        "first layer": "last layer",
        "after cross-attention": "before cross-attention",
        "without": "with",
        "pre-norm": "post-norm",
        "post-norm": "pre-norm",
        "the first three": "the last three",
        "last block": "first block",
        "in front of": "behind",
        "smaller": "larger",
        "larger": "smaller",
        "row": "column",
    }
    return words(base, "order", slips)


@mutator("stage-word", "early, mid and late fusion are mistaken for each other")
def stage_word(base: Base, _: Random) -> Iterator[Edit]:
    """`Flamingo is mid` → `Flamingo is early`."""
    slips = {"early": "late", "late": "early", "mid": "early", "Early": "Late", "Late": "Early", "Mid": "Early"}
    return words(base, "stage-word", slips, "prose")


@mutator("term", "a term of the field is mistaken for another")
def term(base: Base, _: Random) -> Iterator[Edit]:
    """`cross-attention` → `self-attention`, `RMSNorm` → `LayerNorm`, `resampler` → `projector`."""
    slips = {
        "cross-attention": "self-attention",
        "self-attention": "cross-attention",
        "RMSNorm": "LayerNorm",
        "LayerNorm": "RMSNorm",
        "resampler": "projector",
        "projector": "resampler",
        "Q-Former": "perceiver",
        "class token": "newline token",
        "soft prompt": "hard prompt",
        "bilinear": "bicubic",
        "bicubic": "bilinear",
        "causal": "bidirectional",
        "interleaved": "blocked",
        "sigmoid": "softmax",
        "exact GELU": "approximate GELU",
        "linear layer": "MLP",
        "channels": "sequence",
    }
    return words(base, "term", slips)


@mutator("component-name", "a system is said to be built on another encoder or language model")
def component(base: Base, _: Random) -> Iterator[Edit]:
    """`Qwen3` → `Qwen2.5`, `SigLIP` → `CLIP`, `Vicuna` → `Mistral`."""
    slips = {
        "Qwen3": "Llama 3.2",
        "Qwen2.5": "Qwen3",
        "SigLIP 2": "CLIP",
        "SigLIP": "CLIP",
        "CLIP": "SigLIP",
        "Vicuna": "Mistral",
        "Mistral": "Vicuna",
        "OPT-2.7B": "OPT-6.7B",
        "FlanT5": "OPT",
        "OPT": "LLaMA",
        "Chinchilla": "Gopher",
        "Persimmon": "Vicuna",
        "NFNet": "ResNet",
        "ViT-g": "ViT-L",
        "EVA": "SigLIP",
        "BERT-base": "BERT-large",
    }
    return words(base, "component-name", slips, "prose")
