"""The names of released parts, by slot: what a text calls a language model or an encoder, and which names are kin.

A name is known by its family and, where it has one, its version: `Qwen3-8B` is qwen 3, `LLaMA 3.2` llama 3.2. What is
not here is no known part, and nothing is said of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from chiasm.regex import regex

LANGUAGE = {
    "vicuna": r"vicuna",
    "alpaca": r"alpaca",
    "llama": r"llama",
    "mistral": r"mistral",
    "mixtral": r"mixtral",
    "qwen": r"qwen",
    "opt": r"(?-i:OPT)",
    "t5": r"flan[ -]?t5|t5",
    "gpt": r"gpt",
    "gemma": r"gemma",
    "gemini": r"gemini",
    "phi": r"(?-i:Phi)",
    "mpt": r"(?-i:MPT|mpt)",
    "redpajama": r"redpajama",
    "chinchilla": r"chinchilla",
    "gopher": r"(?-i:Gopher)",
    "persimmon": r"persimmon",
    "internlm": r"internlm",
    "yi": r"(?-i:Yi)",
    "deepseek": r"deepseek[ -]llm|deepseek[ -]v\d|deepseek[ -]moe",
    "bloom": r"bloomz?",
    "falcon": r"falcon",
    "palm": r"(?-i:PaLM)",
    "chatglm": r"chatglm|glm",
    "baichuan": r"baichuan",
    "olmo": r"olmo",
    "smollm": r"smollm",
    "stablelm": r"stablelm",
    "pythia": r"pythia",
    "command": r"command[ -]r",
}
ENCODER = {
    "siglip": r"siglip",
    "openclip": r"open[ -]?clip",
    "eva": r"eva(?:02|2)?[ -]?clip|(?-i:EVA)(?:-?02)?",
    "clip": r"(?-i:CLIP)",
    "dino": r"dino",
    "nfnet": r"(?-i:NFNet)|nfnet",
    "internvit": r"internvit",
    "sam": r"(?-i:SAM)",
    "convnext": r"convnext",
    "aim": r"(?-i:AIM)v?",
    "swin": r"swin",
    "resnet": r"resnet",
    "moonvit": r"moonvit",
    "efficientnet": r"efficientnet",
}
KIN = (
    frozenset({"vicuna", "llama", "alpaca"}),
    frozenset({"mistral", "mixtral"}),
    frozenset({"clip", "openclip", "eva"}),
)
"""Families of which one is made from another, or is called by the other's name."""
VERSIONED = frozenset({"llama", "qwen", "siglip", "dino"})
"""Families whose versions are different models; elsewhere a number behind the name is a size."""
ELSEWHERE: dict[str, str] = {
    "blip-2": "FlanT5 T5 CLIP",
    "llava": "MPT LLaMA Vicuna Mistral",
    "llava:1.5": "LLaMA Vicuna",
    "llava-next": "Yi LLaMA Qwen Vicuna Mistral",
    "llava-uhd": "Vicuna LLaMA Qwen SigLIP MoonViT",
    "openflamingo": "LLaMA MPT RedPajama OPT",
    "idefics": "LLaMA",
}
"""Parts of releases that a system's page does not describe, of all or of one version of it. From memory and without
sources: it only keeps quiet, and nothing is proved, refuted or printed by it."""


class Part(NamedTuple):
    """A part that a text names, and where."""

    family: str
    version: str
    start: int
    end: int
    text: str


@cache
def _pattern(slot: str) -> re.Pattern[str]:
    families = LANGUAGE if slot == "language_model" else ENCODER
    named = "|".join(f"(?P<{family}>{words})" for family, words in families.items())
    # `CLIP-style`, `LLaMA-like`, `CLIPSeg`, `MetaCLIP`, `Video-LLaMA` and `LLaMA-Adapter` are something else.
    after = r"(?:[ -]?v?(?P<version>\d+(?:\.\d+)?)(?![\w.]*[bBmM]\b))?"
    return regex(
        rf"(?i)(?<![\w@/.-])(?:{named}){after}(?!-(?:style|like|based|type|family|adapter|score|seg|cap)|"
        rf"\.(?:cpp|py|com|ai)|[a-z])"
    )


@cache
def _rough(slot: str) -> re.Pattern[str]:
    """The families in the cases that people write, which is found faster than in any case."""
    words = [
        word
        for family in (LANGUAGE if slot == "language_model" else ENCODER)
        for word in (family, family.capitalize(), family.upper())
    ]
    return regex(
        "|".join(
            [
                *words,
                "LLaMA",
                "OpenLLaMA",
                "SigLIP",
                "SigLip",
                "RedPajama",
                "InternLM",
                "DeepSeek",
                "PaLM",
                "ChatGLM",
                "StableLM",
                "SmolLM",
                "InternViT",
                "MoonViT",
                "ConvNeXt",
                "ResNet",
                "NFNet",
                "OPT",
                "CLIP",
                "EVA",
                "Command",
                "EfficientNet",
            ]
        )
    )


@lru_cache(maxsize=1024)  # several readers ask it of one sentence
def parts(slot: str, text: str) -> tuple[Part, ...]:
    """The language models or encoders that a text names."""
    return tuple(_found(slot, text)) if _rough(slot).search(text) else ()


def _found(slot: str, text: str) -> Iterator[Part]:
    for found in _pattern(slot).finditer(text):
        family = next(name for name in found.groupdict() if name != "version" and found[name])
        version = found["version"] or ""
        end = found.end() if family in VERSIONED else found.end(family)
        if slot == "language_model" and re.match(r"[ -]?(?:VL\b|Vision\b|Omni\b|Audio\b|V\b|4V\b)", text[end:]):
            continue
        whole = re.match(r"[ -]?(?:v?\d+(?:\.\d+)?[BbMm]?\b)?", text[end:])
        stop = end + (whole.end() if whole and whole[0].strip(" -") else 0)
        yield Part(family, version if family in VERSIONED else "", found.start(), stop, text[found.start() : stop])


def stated(slot: str, text: str) -> tuple[Part, ...]:
    """The parts that a cell of `## Variants` names."""
    return parts(slot, text)


def differs(named: Part, true: tuple[Part, ...]) -> bool:
    """Whether a named part is certainly none of those that are stated."""
    return bool(true) and not any(_may_be(named, one) for one in true)


def _may_be(named: Part, one: Part) -> bool:
    if named.family != one.family:
        kin = any({named.family, one.family} <= group for group in KIN)
        # Vicuna was made from the first two LLaMAs, never from a later one.
        return kin and not (named.family == "llama" and named.version >= "3")
    if not named.version or named.version == one.version:
        return True
    return not one.version and (named.family != "siglip" or named.version == "1") and named.family != "llama"
