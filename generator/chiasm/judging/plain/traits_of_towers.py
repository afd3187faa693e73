"""Traits of what sees: bias, class token, norms and positions of an encoder, direction of a text tower."""

from __future__ import annotations

from chiasm.judging.plain.trait import BIAS, PATCHES, Reader, Trait, activation, bias_told, first, has, of_field
from chiasm.regex import regex

OF_TOWERS = (
    Trait(
        BIAS,
        has,
        of_field("encoder", "patch_bias", kinds={"native_vit": True, "patch_embedding": True}),
        lambda value: f"the patch embedding {bias_told(value)}",
        beside=PATCHES,
        unless=r"(?i)\brouter|\bpositions? bias",
        slots=("encoder",),
        near=True,
        bare=True,
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>with|without|including|excluding) (?:the|its) class token\b|"
            r"\bclass token (?P<what2>included|excluded|dropped)\b"
        ),
        lambda words: "tokens" if first(words, "with ", "includ") or words.lower() == "with" else "patches",
        of_field("encoder", "features"),
        lambda value: "the features " + ("are the patches alone" if value == "patches" else "hold the class token"),
        unless=r"(?i)\bpositions?\b|\bpool",
        slots=("encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>before|after) (?:the|its) (?:final|last|closing) (?:layer)? ?norm\w*"),
        lambda words: words.lower() == "after",
        of_field("encoder", "feature_norm"),
        lambda value: f"the features are read {'after' if value else 'before'} the encoder's final norm",
        beside=r"(?i)\bread|\bfeatures?\b|\btaken\b|\bleave\b|\bpatch",
        slots=("encoder",),
        bare=True,
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,40}?\b(?P<what>before|after) the first (?:block|layer)"),
        lambda words: words.lower() == "before",
        of_field("encoder", "pre_norm"),
        lambda value: f"the encoder has {'a' if value else 'no'} norm before the first block",
        beside=r"(?i)\btower|\bencoder|\bCLIP\b|\bpeculiar\b",
        unless=r"(?i)\bquer|no norm",
        slots=("encoder",),
    ),
    Trait(
        regex(
            r"(?i)\bposition\w*\b[^.;]{0,60}?\binterpolat\w+ (?:\w+ )?(?P<what>bicubic|bilinear)|"
            r"\b(?P<what2>bicubic|bilinear)(?:ly)? (?:interpolat\w+ )(?:of )?(?:its |the )?(?:learned "
            r")?(?:position|table)|"
            r"\btable\b[^.;]{0,50}?\binterpolated (?P<what3>bicubic|bilinear)"
        ),
        lambda words: words.lower().removesuffix("ly"),
        of_field("encoder", "position_lookup", kinds={"native_vit": "bilinear"}),
        lambda value: f"the table of positions is interpolated {value}",
        slots=("encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>causal|bidirectional)\b|\b(?P<what2>both directions)\b"),
        lambda words: words.lower() == "causal",
        of_field("text_encoder", "causal"),
        lambda value: f"the text encoder {'is causal' if value else 'sees in both directions'}",
        beside=r"(?i)\btext (?:tower|encoder|transformer)",
        slots=("text_encoder",),
    ),
    Trait(
        regex(
            r"(?i)\bhas an? (?:(?:separate|dedicated|pretrained|frozen|own|visual|vision|image) "
            r")*(?P<what>encoder|vision tower)\b"
        ),
        lambda _words: True,
        of_field("encoder", "", kinds={"raw_patches": False, "patch_embedding": False}),
        lambda _value: "patches go into the network as they are, without an encoder",
        unless=r"(?i)\btext encoder",
    ),
    Trait(
        regex(r"(?i)\b(?P<what>pre|post)-norm\b"),
        lambda words: words.lower(),
        of_field("encoder", "", kinds={"vit": "pre", "native_vit": "pre"}),
        lambda value: f"the blocks of the encoder are {value}-norm",
        beside=r"(?i)\b(?:tower|encoder|ViT|vision transformer)\b",
        unless=r"(?i)\bQ-?Former|\bdecoder|\blanguage model",
        slots=("encoder",),
        bare=True,
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>aspect ratio is (?:kept|preserved))|\b(?P<what2>(?:keeps|preserves) (?:the |"
            r"its |their )?aspect ratio)"
        ),
        lambda _words: True,
        Reader("preprocessing", "", read=lambda one: False if one.values.get("resize") == "exact" else None),
        lambda _value: "both sides are scaled to the tower's, whatever the image's shape",
    ),
    Trait(
        regex(
            r"(?i)\b(?:joined|concatenat\w+|joins?) (?:\w+ ){0,3}?(?:on|along|in) (?:the "
            r")?(?P<what>channels?|sequence)\b"
        ),
        lambda words: words.lower().rstrip("s"),
        of_field("encoder", "", kinds={"hybrid": "channel"}),
        lambda _value: "features are joined on channels: tokens stay as many",
        slots=("encoder", "alignment"),
    ),
    Trait(
        regex(r"(?i)['’]s (?P<what>exact GELU|tanh (?:form|GELU|approximation)|sigmoid approximation|quick GELU)\b"),
        activation,
        of_field("encoder", "activation"),
        lambda value: f"the activation of the encoder is {value}",
    ),
    Trait(
        regex(r"(?i)\b(?P<what>adds? a bias)\b"),
        lambda _words: True,
        of_field("fusion", "logit_bias"),
        lambda value: f"its logits have {'a' if value else 'no'} bias",
        slots=("fusion",),
    ),
)
