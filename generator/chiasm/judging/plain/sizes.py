"""Finds what a sentence says of sizes: of images, of patches, of grids; its text in, each size with its place out."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from chiasm.regex import regex

Place = tuple[int, int]


class Seen(NamedTuple):
    """What a sentence says of sizes: image sides, patch sides (`grid`: it may also count patches a side)."""

    sizes: dict[tuple[int, int], Place]
    patches: dict[int, Place]
    grids: set[tuple[int, int]]
    taken: list[Place]


OTHER = (
    r"\b(?:quer(?:y|ies)|resampl\w*|q-?former|compress\w*|pool\w*|merg\w*|shuffl\w*|unshuffle|"
    r"reduc\w*|latents?|tiles?|tiling|slic\w+|crops?|"
    r"window\w*|downsampl\w*|upsampl\w*|abstract\w*|select\w*|prun\w*|keep\w*|kept|drop\w*|retain\w*|"
    r"remain\w*|sampl\w+|anyres|any-?res|frames?|videos?|"
    r"stride|overlap\w*|hybrid|two (?:encoders|towers)|concatenat\w*|interpolat\w*|up to|at most|"
    r"maximum|max|dynamic|native|multi-?scale|sub-?images?|"
    r"pyramid|swin|conv(?:olution\w*|next|s)?|resiz\w+ from|stages?|registers?|per second|average|"
    r"mask\w*|batch|fewer|less|more|(?:\d+|several|multiple|two|three|four|many) images|vae|diffusion|"
    r"latent|2×2|2x2|4×4|4x4)\b"
)
"""What makes a count another than that of all patches."""


@cache
def words() -> dict[str, re.Pattern[str]]:
    """What sentences about sizes are read with."""
    flags = re.IGNORECASE
    return {
        "size": regex(
            r"(?<![\w.,/])(?P<h>\d{2,4})\s?[x×]\s?(?P<w>\d{2,4})(?!\s?[x×]?\d)(?:[\s-]?(?:px|pixels?)\b)?"
            r"|(?<![\w.,×])(?P<px>\d{2,4})[\s-]?(?:px|pixels?)\b"
            r"|(?:@\s?|\bat\s|resolution (?:of )?|resized? to )(?P<at>\d{3,4})(?![\w,.]\d|\s?[x×]\s?\d|"
            r"\s?[%kKMB]|[\s-]\w+ tokens| tokens)\b"
            r"|(?:/1[46]|patch1[46])[-@ ](?P<named>\d{3})(?!\w)",
            flags,
        ),
        "patch": regex(
            r"(?<![\w.,/])(?P<a>\d{1,2})\s?[x×]\s?(?P<b>\d{1,2})(?P<unit>[\s-]?(?:px|"
            r"pixels?))?[\s-](?:\w+ )?patch(?:es)?\b"
            r"|\bpatch(?:es)?[\s-]?(?:size )?(?:of |is |= ?|"
            r": ?)?(?:size )?(?P<of>\d{1,2})(?:\s?[x×]\s?(?P=of))?(?![\w,.×]?\d|\s?[x×]\s?\d| ?tokens|"
            r" ?patches| a side)"
            r"|(?<![\w.,×])(?P<px>\d{1,2})[\s-]?(?:px|pixels?)[\s-]patch"
            r"|(?:\bViT[-\s]?\w{0,2}|so400m|\bCLIP-?[BLHg]|\bSigLIP[-\s]?\w?)/(?P<named>\d{2})\b",
            flags,
        ),
        "cue": regex(
            r"→|->|=|:|@|\b(?:giv|yield|produc|mak|result|becom|turn|return|generat|creat|cost|get|split|cut|"
            r"divid|into|thus|hence|through|has|have|with|need|use|"
            r"spend|feed|output|represent|encod|emit|amount|correspond|lead)",
            flags,
        ),
        "other": regex(OTHER, flags),
        "side": regex(r"\s*(?:patches?|tokens?)?\s*(?:a|per|on each|along each|on a|on every) side", flags),
        "grid": regex(r"(?<![\w.,/×])(\d{1,2})\s?[x×]\s?(\d{1,2})(?=\s?[-\s]?(?:grid|=|tokens|visual))", flags),
    }


def seen_in(text: str) -> Seen:
    """The sizes that a sentence names, each once."""
    seen = Seen({}, {}, set(), [])
    # Beside a tower's name, and behind "into", `16×16 patches` may be a grid; "with 16×16 patches" says their side.
    tower = any(found["named"] for found in words()["patch"].finditer(text))
    for found in words()["patch"].finditer(text):
        if found["a"]:
            low, high = int(found["a"]), int(found["b"])
            if not found["unit"] and (
                tower or re.search(r"(?:\b(?:into|in|to|as|a|are|is)|[=:→>(,]) ?$", text[: found.start()])
            ):
                seen.grids.add((low, high))
            if low != high:
                continue
        pitch = int(found["a"] or found["of"] or found["px"] or found["named"])
        named = found["named"] is not None
        if named and any(pitch != other for other in seen.patches):
            # A tower's name says what its patches are; `14×14 patches` beside it is a grid.
            for other in [other for other in seen.patches if (other, other) in seen.grids]:
                del seen.patches[other]
        if not (
            found["a"]
            and not found["unit"]
            and any((pitch, pitch) != (other, other) and is_named(text, other) for other in seen.patches)
        ):
            seen.patches.setdefault(pitch, found.span())
        seen.taken.append(found.span())
    _images(text, seen)
    for found in words()["grid"].finditer(text):
        seen.grids.add((int(found[1]), int(found[2])))
        seen.taken.append(found.span())
    return seen


def _images(text: str, seen: Seen) -> None:
    """Adds the sides of images."""
    for found in words()["size"].finditer(text):
        height, width = (
            (int(found["h"]), int(found["w"]))
            if found["h"]
            else (int(found["px"] or found["at"] or found["named"]),) * 2
        )
        if min(height, width) >= 96:
            seen.sizes.setdefault((height, width), found.span())
            seen.taken.append(found.span())
            if re.search(r"\d(?:\s?px)?\s?(?:to|→|->|and|or|vs\.?|/|,|–|-)\s?$", text[: found.start()]):
                # One of several sizes; which one a count belongs to, order alone does not say.
                seen.sizes.setdefault((0, 0), found.span())


def is_named(text: str, pitch: int) -> bool:
    """Whether a tower's name says the patch: `ViT-L/14`."""
    return any(found["named"] == str(pitch) for found in words()["patch"].finditer(text))
