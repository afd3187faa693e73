"""Traits of what joins: matrices, queries and inserted layers, and of the language model behind them."""

from __future__ import annotations

from chiasm.judging.plain.trait import BIAS, PATCHES, Trait, activation, bias_told, has, of_field
from chiasm.regex import regex

_MATRIX = r"(?i)\b(?:matri(?:x|ces)|linear (?:layer|projection)|projection|projector|head)\b"
_DECODER = frozenset({"llama", "opt", "persimmon", "chinchilla", "mpt"})


OF_JOINTS = (
    Trait(
        BIAS,
        has,
        of_field(
            "alignment",
            "bias",
            kinds={"q_former": True, "joint_projection": False, "visual_embedding_table": False, "patch_merger": True},
        ),
        lambda value: f"the matrix of its alignment {bias_told(value)}",
        beside=_MATRIX,
        unless=rf"{PATCHES}|router|\btext (?:tower|encoder)|\d×\d",
        slots=("alignment",),
        near=True,
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,40}?\b(?P<what>before|after) the first (?:block|layer)"),
        lambda words: words.lower() == "before",
        of_field("alignment", "", kinds={"q_former": True}),
        lambda _value: "the queries pass a norm before the first block",
        beside=r"(?i)\bquer|Q-?Former",
        slots=("alignment",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>pre|post)-norm\b"),
        lambda words: words.lower(),
        of_field("alignment", "", kinds={"q_former": "post"}),
        lambda value: f"the blocks of its Q-Former are {value}-norm",
        beside=r"(?i)Q-?Former|\bquer",
        slots=("alignment",),
        bare=True,
    ),
    Trait(
        regex(
            r"(?i)\b(?:cross[- ]attention|new (?:layers?|blocks?)|gated (?:layers?|blocks?)|inserted)\b[^.;]{0,90}?"
            r"\b(?P<what>before|after|behind) (?:every|each|(?:the )?(?:frozen )?(?:blocks|layers) of)\b"
        ),
        lambda words: "before" if words.lower() == "before" else "after",
        of_field("fusion", "", kinds={"gated_cross_attention": "before"}),
        lambda _value: "the new layers stand before those of the language model",
        slots=("fusion",),
    ),
    Trait(
        regex(
            r"(?i)\b(?:DeepStack|add(?:s|ed)|features)\b[^.;]{0,160}?"
            r"\b(?P<what>before|in front of|after|behind) (?:each of |its |the language model['’]s |the "
            r"decoder['’]s )?(?:the )?first (?:\w+ )?(?:LM |decoder |language[- ]model )?(?:layers|blocks)\b"
        ),
        lambda words: "after" if words.lower() in ("after", "behind") else "before",
        of_field("fusion", "", kinds={"deepstack": "after"}),
        lambda _value: "DeepStack adds its features after the first layers",
        slots=("fusion",),
    ),
    Trait(
        regex(r"(?i)\bgated (?P<what>self|cross)[- ]attention\b|\b(?:new|inserted) (?P<what2>self|cross)-attention\b"),
        lambda words: words.lower(),
        of_field("fusion", "", kinds={"gated_cross_attention": "cross"}),
        lambda _value: "the new layers attend to the image: they are cross-attention",
        slots=("fusion",),
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>softmax|sigmoid)(?: (?:cross-entropy|contrastive))?(?: (?:loss|objective)\b| a pair\b|"
            r" (?:over|across) (?:the |all |its )?(?:rows|columns|batch|pairs))"
        ),
        lambda words: words.lower(),
        of_field("fusion", "loss"),
        lambda value: f"it is trained with a {value} loss",
        unless=r"(?i)\bfocal\b|\bdice\b|\battention\b",
        slots=("fusion",),
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>exact|approximate|tanh|quick|sigmoid)(?:[ -](?:form|approximation|"
            r"approximated))?(?: of)?[ -]GELU\b"
        ),
        activation,
        of_field("alignment", "activation"),
        lambda value: f"the activation of its alignment is {value}",
        beside=r"(?i)\bproject|\bconnector|\bmerger|\balignment|\bbetween\b",
        unless=r"(?i)\btower|\bencoder|\breplaces?\b",
    ),
    Trait(
        regex(r"(?i)\b(?P<what>bidirectional)(?:ly)?\b"),
        lambda words: words.lower() == "causal",
        of_field("language_model", "", kinds=dict.fromkeys(_DECODER, True)),
        lambda _value: "the language model is causal",
        beside=r"(?i)\battention\b|\bdecoder\b|\blanguage model\b",
        unless=r"(?i)\bencoder|\btower|\bquer|\bresampler|\bT5\b|\bmask|\bvision\b|\bpatch|\bSigLIP\b|\btext\b",
    ),
    Trait(
        regex(
            r"(?i)\b(?:projector|projection|MLP|linear layer)(?: of [\w.-]+)? (?P<what>compress(?:es)?|"
            r"reduces the number)|(?P<what2>everything|every image) is compressed"
        ),
        lambda _words: True,
        of_field("alignment", "", kinds={"linear": False, "mlp": False}),
        lambda _value: "the projection keeps one token a patch",
        slots=("alignment", "budget"),
    ),
    Trait(
        regex(
            r"(?i)\bquer(?:y|ies)\b(?: tokens| vectors)? (?:(?:do|does|can|also) )?(?P<what>see|sees|read|"
            r"reads|attends? to|"
            r"looks? at) the (?:prompt|question|instruction|user)"
        ),
        lambda _words: True,
        of_field("positioning", "query_aware"),
        lambda _value: "the question does not decide what its queries read",
    ),
    Trait(
        regex(
            r"(?i)\b(?:queries and keys|q(?:uery)? and k(?:ey)?|qk)\b[^.;]{0,60}?\b(?P<what>before|after) "
            r"(?:the )?(?:rotary|RoPE)"
        ),
        lambda words: words.lower(),
        of_field("language_model", "", kinds={"llama": "before", "persimmon": "before"}),
        lambda _value: "queries and keys are normalised before they are rotated",
        slots=("language_model",),
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,20}?\b(?P<what>before|after) each (?:half|sub-?layer|block)"),
        lambda words: words.lower(),
        of_field("language_model", "", kinds={"llama": "before"}),
        lambda _value: "a norm stands before each half of a block",
        slots=("language_model",),
    ),
    Trait(
        regex(
            r"(?i)\b(?:maps?|projects?|connect\w*|couples?|bridg\w*|links?|translat\w*|leads?)\b[^.;]{0,80}?"
            r"\b(?:with|by|through|via|using) (?:an?|one|a single|the) (?P<what>MLP|linear layer)\b|"
            r"\bonly one (?P<what2>MLP|linear layer)\b|^one (?P<what3>MLP|linear layer)\b"
        ),
        lambda words: words.lower(),
        of_field("alignment", "", kinds={"linear": "linear layer", "q_former": "linear layer", "mlp": "mlp"}),
        lambda value: f"what leads to the language model is {'an MLP' if value == 'mlp' else 'one linear layer'}",
        unless=r"(?i)\btwo\b|\blayers\b|\bperceptron",
    ),
)
