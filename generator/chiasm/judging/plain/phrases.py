"""The vocabulary of counts: what is said before a number, behind it and in a header; what components are called."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from chiasm.regex import regex

COMPONENTS: tuple[tuple[str, str], ...] = (
    ("text_encoder", r"text[- ](?:encoder|tower|transformer|side|branch)"),
    (
        "encoder",
        (
            r"(?:vision|visual|image)[- ](?:encoder|tower|transformer|backbone|model|trunk)|\bvit\b|vit-\w[\w/]*|"
            r"\bencoder|\btower|(?:vision|visual)(?= (?:layers|blocks|heads))"
        ),
    ),
    ("alignment", r"q-?former|resampler|perceiver|projector|connector"),
    ("fusion", r"cross-attention|gated|deepstack|inserted"),
    (
        "language_model",
        (
            r"(?<!vision-)(?<!vision )(?<!visual )language[- ]model|\bllm\b|\blm\b|\bdecoder|vicuna|llama|mistral|"
            r"text model"
        ),
    ),
)
"""Words that name a component, in lower case."""

PHRASES: tuple[tuple[str, str], ...] = (
    ("context", r"context(?:[- ](?:length|window|size|len))?"),
    ("patch_size", r"patch(?:es)?[- _]?size"),
    (
        "image_size",
        r"(?:(?:input|image|native|training|img)[- ])*(?:resolution|image[- ]size|input[- ]size|img[- ]size)",
    ),
    ("mlp_dim", r"(?:mlp|ffn|feed-?forward|intermediate)[- _](?:hidden[- ])?(?:size|dim(?:ension)?|width)"),
    ("head_dim", r"head[- _](?:dim(?:ension)?|size)"),
    ("dim", r"(?:hidden|embedding|model|hidden[- ]state)[- _](?:size|dim(?:ension)?|width)|d_model"),
    ("vocab", r"vocab(?:ulary)?(?:[- _]size)?"),
    ("kv_heads", r"(?:kv|key[-/ ]value)[- _]heads"),
    ("heads", r"(?:(?:attention|attn|query)[- ])?heads"),
    (
        "queries",
        (
            r"(?:(?:learned|learnable|trainable|num|query)[- _])*"
            r"(?:query tokens|queries|latents|latent (?:queries|vectors|tokens))"
        ),
    ),
    (
        "image_tokens",
        r"(?:visual|vision|image|img)[- _]tokens?(?:[/ ](?:per )?(?:image|img))?|tokens?[/ ](?:per )?(?:image|img)",
    ),
    ("layers", r"(?:(?:transformer|hidden|self-attention|decoder|encoder|num)[- _])*(?:layers|blocks)|depth"),
    ("parameters", r"param(?:eter)?s?(?:[- ]count)?|model size"),
    ("patches", r"patches"),
)
"""What counts are called before their number, and in a header."""

NOUNS: tuple[tuple[str, str], ...] = (
    ("context", r"tokens? (?:of )?(?:context|window)|context|window"),
    ("queries", r"quer(?:y|ies)(?: (?:tokens|embeddings|vectors|outputs))?|latents?(?: (?:queries|vectors|tokens))?"),
    ("patch_size", r"pixel patch(?:es)?|px patch(?:es)?"),
    ("tokens", r"tokens?|embeddings"),
    ("patches", r"patch(?:es)?(?: tokens| embeddings)?"),
    ("tiles", r"tiles?|slices?"),
    ("kv_heads", r"(?:kv|key[-/ ]value) heads"),
    ("heads", r"heads?"),
    ("layers", r"layers?|blocks?"),
    ("parameters", r"param(?:eter)?s?"),
    ("vocab", r"(?:word|token|entry) vocabulary|(?:visual )?words|vocabulary (?:entries|words|tokens)"),
)
"""What is counted, behind its number."""

ADJECTIVES = (
    r"(?:learned|learnable|trainable|visual|vision|image|patch|soft|query|attention|self-attention|transformer|"
    r"decoder|encoder|hidden|kv|output|input|fixed|latent|perceiver|resampler|q-former|qformer|vit|llm|lm|text|total|"
    r"language[- ]model|compressed|single|such|gated|cross-attention|xattn|native|long)"
)


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Patterns of phrases, each compiled when the first number is looked at."""
    phrases = "|".join(f"(?P<{what}>{text})" for what, text in PHRASES)
    nouns = "|".join(f"(?P<{what}>{text})" for what, text in NOUNS)
    link = (
        r"(?:s?\b[ ]?(?:\([^()]{0,20}\))?[ ]?(?:of|is|was|are|=|:|equals|to|at|–|-)?[ ]?(?:a|an|only|just|"
        r"exactly|up to|about|around|roughly)?[ ]?)"
    )
    return {
        "before": regex(rf"(?i)(?<![\w-])(?:{phrases}){link}(?:\d+ ?[×x] ?)?[~≈]?$"),
        "head": regex(rf"(?i)(?<![\w-])(?:{phrases})(?![\w-])"),
        "after": regex(rf"(?i)(?:[ -](?P<adjectives>(?:{ADJECTIVES}[ -]){{0,3}}))(?:{nouns})(?![\w])"),
        "square": regex(
            r"(?i) ?[×x] ?(?P<other>\d+)(?P<px>[ -]?(?:px|pixels?))?(?P<noun>[ -](?:image )?(?:patch(?:es)?|"
            r"images?|inputs?|resolution))?"
        ),
        "pixels": regex(
            r"(?i)[ -]?(?:px|pixels?)(?P<noun>[ -](?:square )?(?:patch(?:es)?|images?|inputs?|resolution))?(?!\w)"
        ),
        "merges": regex(r"(?i)merg|concat|pool|neighbou?r|group|adjacent|stack|\bevery|\beach"),
        "ends": regex(
            r"(?i)[ -]?(?:tokens?|vectors|embeddings|pixels?|px|dimensions?|dims?|words|entries|"
            r"channels|layers|heads|k)?(?:[^\w\s×x-]|$|"
            r"[ ][^\w\s]|[ ](?:and|or|for|in|per|with|at|on|while|which|that|but|by|as|each|from|than|to|of|is|"
            r"are|plus|when|so)\b)"
        ),
        "sides": regex(
            r"(?i)(?P<patch>(?:patches (?:of|with|that are|are|have)|"
            r"(?:a|an|each|every|one) patch (?:is|has|of|covers|spans|measures)) (?:size )?)"
            r"(?:\d+ ?[×x] ?)?$|(?P<tile>tiles? (?:of|with) (?:\d+ ?[×x] ?)?$)|(?P<image>(?:images?|"
            r"inputs?) (?:of|at|to|with|resized to|are)(?: (?:a )?(?:size|resolution)(?: of)?)? (?:\d+ ?[×x] ?)?$)"
        ),
        "image": regex(
            r"(?i)per[- ](?:image|picture|img)|/ ?(?:image|img)|(?:an|each|every|any|one|single|whole|the|"
            r"per) (?:\d+\S* )?"
            r"(?:input )?(?:image|picture|photo)\b|\bimages (?:to|into|as|become|cost)|for (?:each|every|"
            r"an) (?:image|picture)|"
            r"image embeddings|\bvisual (?:tokens|features)"
        ),
        "seen": regex(
            r"(?i)image|visual|vision|picture|photo|encoder|tower|resampl|perceiver|q-?former|compress|squeez|"
            r"patch|\bvit|clip|siglip|"
            r"project|connector|latent|quer(?:y|ies)"
        ),
        "rate": regex(
            r"(?i)(?:s| )?(?:/ ?s(?:ec)?\b| ?per (?:sec|min|step|request|user|prompt|answer)|"
            r" (?:output|prompt|generated)\b)"
        ),
        "tile": regex(r"(?i)\b(?:tiles?|crops?|slices?|sub-?images?|views?|thumbnails?|grids?|base|windows?)\b"),
        "others": regex(
            r"(?i)\b(?:text|caption|prompt|generat\w+|answer\w*|new tokens|special|placeholder|per second|"
            r"train\w*|batch|"
            r"corpus|trillion|dataset|pre-?train\w*|speed|throughput|videos?|frames?|seconds?|audio|instruction|"
            r"word|words|"
            r"question|response|decode\w*|new|sequences?|requests?|kv cache|cache|minutes?|pages?)\b"
        ),
        "some": regex(
            r"(?i)\b(?:first|last|final|early|earlier|top|bottom|next|other|another|additional|extra|new|later|late|"
            r"every|each|these|those|middle|intermediate|penultimate|of (?:the|its)|selected|several|remaining|"
            r"unfreez\w+|drop\w*|skip\w*)[ ]$"
        ),
        "layered": regex(r"-(?:layer|block) ([A-Za-z][\w-]*(?: [\w-]+)?)"),
        "made": regex(r"(?i) of an? (?!half|third|quarter)"),
        "part": regex(r"(?i) of (?:the |its |their |all )?\d"),
        "owns": regex(
            r"(?i)(?:\b(?:has|have|having|with|contains?|containing|comprises?|of|uses?|using|is|are|employs?|"
            r"consists? of|outputs?|"
            r"produces?|into|to|as|its?|the|a|an|by|giv(?:es?|ing)(?: you)?|yield(?:s|ing)?|returns?|costs?|"
            r"spends?|supports?|includes?|makes?|via|on|and|becomes?|"
            r"feeds?|gets?|making|returning|producing|asks?|"
            r"stacks?|through|each of|spans?|holds?|"
            r"only|just|exactly|fixed)|[:=(→,|*–—-]|^)[ ]*[~≈]?$"
        ),
    }


@lru_cache(maxsize=1024)
def components(text: str) -> tuple[str, ...]:
    """The components that a text in lower case names, in order, each once."""
    found = [(*one.span(), slot) for slot, pattern in COMPONENTS for one in _compiled(pattern).finditer(text)]
    taken: dict[str, None] = {}
    last = 0
    for start, end, slot in sorted(found):
        if start >= last:
            taken.pop(slot, None)
            taken[slot] = None
            last = end
    return tuple(taken)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return regex(pattern)
