"""Judges what words say of how a part works: `read after the final norm`, `one matrix with bias`, `the queries read text`.

Each trait is one fact of one slot, or what every part of a kind has in common; the words beside it tell the owner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chiasm.diagnostic import Label
from chiasm.judging.plain.inventory import SECTIONS
from chiasm.judging.plain.remark import About, Remark
from chiasm.judging.plain.scene import Scene, clause, phrase
from chiasm.regex import regex
from chiasm.spec.model import Plain, Resolved, VariantSpec

RULE = "category-refuted"
Value = Plain

class Reader(NamedTuple):
    """Where a variant's value stands: a field of a slot, or what its kind is known for."""

    slot: str
    name: str
    kinds: dict[str, Value] = {}  # noqa: RUF012, nobody writes in it
    read: Callable[[Resolved], Value] | None = None

    def of(self, variant: VariantSpec) -> tuple[Value, Resolved | None]:
        """The value, and the slot that it is of."""
        one = variant.slots.get(self.slot)
        if one is None:
            return None, None
        value = self.read(one) if self.read else one.values.get(self.name) if self.name else None
        return self.kinds.get(one.kind.name) if value is None else value, one



class Trait(NamedTuple):
    """How a trait is said, what each variant's value is, and what that value is called.

    `words` holds the group `what`; `says` gives the value that it stands for; `beside` words that the clause has to
    hold, `unless` words that make it another's; `slots` the sections of our pages where the words need no owner.
    """

    words: re.Pattern[str]
    says: Callable[[str], Value]
    true: Reader
    told: Callable[[Value], str]
    beside: str = ""
    unless: str = ""
    slots: tuple[str, ...] = ()
    near: bool = False
    """Whether the owner stands in the same phrase, not only in the same clause."""
    bare: bool = False
    """Whether the slot of a section of our pages tells the owner as well."""


def _field(slot: str, name: str, *, kinds: dict[str, Value] | None = None) -> Reader:
    return Reader(slot, name, kinds or {})


def _first(words: str, *starts: str) -> bool:
    return words.lower().startswith(starts)


def _gelu(words: str) -> Value:
    lowered = words.lower()
    for sign, value in (("exact", "gelu"), ("tanh", "gelu_tanh"), ("quick", "quick_gelu"), ("sigmoid", "quick_gelu")):
        if sign in lowered:
            return value
    return "approximate"


_BIAS = r"\b(?P<what>with|without)(?: an?| any)? bias(?:es)?\b"
_HAS_BIAS = r"\b(?P<what>has no|has a|have no|have a|lacks a|carries a|carries no) bias\b"
_WITH = ("with ", "with", "has a", "have a", "carries a")


def _has(words: str) -> Value:
    return not _first(words, "without", "has no", "have no", "lacks", "carries no")


def _bias_told(value: Value) -> str:
    return "has a bias" if value else "has no bias"


_PATCHES = r"(?i)\bpatch|\bembed|convolution"
_MATRIX = r"(?i)\b(?:matri(?:x|ces)|linear (?:layer|projection)|projection|projector|head)\b"
_DECODER = frozenset({"llama", "opt", "persimmon", "chinchilla", "mpt"})
_JOINED = r"(?i)\b(?:soft(?:max)?|router|experts?|text|LayerNorm)\b"
TRAITS = (
    Trait(
        regex(rf"(?i)(?:{_BIAS}|{_HAS_BIAS.replace('?P<what>', '?P<what2>')})"),
        _has,
        _field("encoder", "patch_bias", kinds={"native_vit": True, "patch_embedding": True}),
        lambda value: f"the patch embedding {_bias_told(value)}",
        beside=_PATCHES,
        unless=r"(?i)\brouter|\bpositions? bias",
        slots=("encoder",),
        near=True,
        bare=True,
    ),
    Trait(
        regex(rf"(?i)(?:{_BIAS}|{_HAS_BIAS.replace('?P<what>', '?P<what2>')})"),
        _has,
        _field(
            "alignment",
            "bias",
            kinds={"q_former": True, "joint_projection": False, "visual_embedding_table": False, "patch_merger": True},
        ),
        lambda value: f"the matrix of its alignment {_bias_told(value)}",
        beside=_MATRIX,
        unless=rf"{_PATCHES}|router|\\btext (?:tower|encoder)|\\d×\\d",
        slots=("alignment",),
        near=True,
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>with|without|including|excluding) (?:the|its) class token\b|"
            r"\bclass token (?P<what2>included|excluded|dropped)\b"
        ),
        lambda words: "tokens" if _first(words, "with ", "includ") or words.lower() == "with" else "patches",
        _field("encoder", "features"),
        lambda value: "the features are the patches alone" if value == "patches" else "the features hold the class token",
        unless=r"(?i)\bpositions?\b|\bpool",
        slots=("encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>before|after) (?:the|its) (?:final|last|closing) (?:layer)? ?norm\w*"),
        lambda words: words.lower() == "after",
        _field("encoder", "feature_norm"),
        lambda value: f"the features are read {'after' if value else 'before'} the encoder's final norm",
        beside=r"(?i)\bread|\bfeatures?\b|\btaken\b|\bleave\b|\bpatch",
        slots=("encoder",),
        bare=True,
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,40}?\b(?P<what>before|after) the first (?:block|layer)"),
        lambda words: words.lower() == "before",
        _field("alignment", "", kinds={"q_former": True}),
        lambda _value: "the queries pass a norm before the first block",
        beside=r"(?i)\bquer|Q-?Former",
        slots=("alignment",),
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,40}?\b(?P<what>before|after) the first (?:block|layer)"),
        lambda words: words.lower() == "before",
        _field("encoder", "pre_norm"),
        lambda value: f"the encoder has {'a' if value else 'no'} norm before the first block",
        beside=r"(?i)\btower|\bencoder|\bCLIP\b|\bpeculiar\b",
        unless=r"(?i)\bquer|no norm",
        slots=("encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>pre|post)-norm\b"),
        lambda words: words.lower(),
        _field("alignment", "", kinds={"q_former": "post"}),
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
        _field("fusion", "", kinds={"gated_cross_attention": "before"}),
        lambda _value: "the new layers stand before those of the language model",
        slots=("fusion",),
    ),
    Trait(
        regex(
            r"(?i)\b(?:DeepStack|add(?:s|ed)|features)\b[^.;]{0,160}?"
            r"\b(?P<what>before|in front of|after|behind) (?:each of |its |the language model['’]s |the decoder['’]s )?(?:the )?first (?:\w+ )?(?:LM |decoder |language[- ]model )?(?:layers|blocks)\b"
        ),
        lambda words: "after" if words.lower() in ("after", "behind") else "before",
        _field("fusion", "", kinds={"deepstack": "after"}),
        lambda _value: "DeepStack adds its features after the first layers",
        slots=("fusion",),
    ),
    Trait(
        regex(r"(?i)\bgated (?P<what>self|cross)[- ]attention\b|\b(?:new|inserted) (?P<what2>self|cross)-attention\b"),
        lambda words: words.lower(),
        _field("fusion", "", kinds={"gated_cross_attention": "cross"}),
        lambda _value: "the new layers attend to the image: they are cross-attention",
        slots=("fusion",),
    ),
    Trait(
        regex(
            r"(?i)\b(?P<what>softmax|sigmoid)(?: (?:cross-entropy|contrastive))?(?: (?:loss|objective)\b| a pair\b|"
            r" (?:over|across) (?:the |all |its )?(?:rows|columns|batch|pairs))"
        ),
        lambda words: words.lower(),
        _field("fusion", "loss"),
        lambda value: f"it is trained with a {value} loss",
        unless=r"(?i)\bfocal\b|\bdice\b|\battention\b",
        slots=("fusion",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>exact|approximate|tanh|quick|sigmoid)(?:[ -](?:form|approximation|approximated))?(?: of)?[ -]GELU\b"),
        _gelu,
        _field("alignment", "activation"),
        lambda value: f"the activation of its alignment is {value}",
        beside=r"(?i)\bproject|\bconnector|\bmerger|\balignment|\bbetween\b",
        unless=r"(?i)\btower|\bencoder|\breplaces?\b",
    ),
    Trait(
        regex(
            r"(?i)\bposition\w*\b[^.;]{0,60}?\binterpolat\w+ (?:\w+ )?(?P<what>bicubic|bilinear)|"
            r"\b(?P<what2>bicubic|bilinear)(?:ly)? (?:interpolat\w+ )(?:of )?(?:its |the )?(?:learned )?(?:position|table)|"
            r"\btable\b[^.;]{0,50}?\binterpolated (?P<what3>bicubic|bilinear)"
        ),
        lambda words: words.lower().removesuffix("ly"),
        _field("encoder", "position_lookup", kinds={"native_vit": "bilinear"}),
        lambda value: f"the table of positions is interpolated {value}",
        slots=("encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>causal|bidirectional)\b|\b(?P<what2>both directions)\b"),
        lambda words: words.lower() == "causal",
        _field("text_encoder", "causal"),
        lambda value: f"the text encoder {'is causal' if value else 'sees in both directions'}",
        beside=r"(?i)\btext (?:tower|encoder|transformer)",
        slots=("text_encoder",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>bidirectional)(?:ly)?\b"),
        lambda words: words.lower() == "causal",
        _field("language_model", "", kinds=dict.fromkeys(_DECODER, True)),
        lambda _value: "the language model is causal",
        beside=r"(?i)\battention\b|\bdecoder\b|\blanguage model\b",
        unless=r"(?i)\bencoder|\btower|\bquer|\bresampler|\bT5\b|\bmask|\bvision\b|\bpatch|\bSigLIP\b|\btext\b",
    ),
    Trait(
        regex(r"(?i)\bhas an? (?:(?:separate|dedicated|pretrained|frozen|own|visual|vision|image) )*(?P<what>encoder|vision tower)\b"),
        lambda _words: True,
        _field("encoder", "", kinds={"raw_patches": False, "patch_embedding": False}),
        lambda _value: "patches go into the network as they are, without an encoder",
        unless=r"(?i)\btext encoder",
    ),
    Trait(
        regex(r"(?i)\b(?:projector|projection|MLP|linear layer)(?: of [\w.-]+)? (?P<what>compress(?:es)?|reduces the number)|(?P<what2>everything|every image) is compressed"),
        lambda _words: True,
        _field("alignment", "", kinds={"linear": False, "mlp": False}),
        lambda _value: "the projection keeps one token a patch",
        slots=("alignment", "budget"),
    ),
    Trait(
        regex(
            r"(?i)\bquer(?:y|ies)\b(?: tokens| vectors)? (?:(?:do|does|can|also) )?(?P<what>see|sees|read|reads|attends? to|"
            r"looks? at) the (?:prompt|question|instruction|user)"
        ),
        lambda _words: True,
        _field("positioning", "query_aware"),
        lambda _value: "the question does not decide what its queries read",
    ),
    Trait(
        regex(r"(?i)\b(?:queries and keys|q(?:uery)? and k(?:ey)?|qk)\b[^.;]{0,60}?\b(?P<what>before|after) (?:the )?(?:rotary|RoPE)"),
        lambda words: words.lower(),
        _field("language_model", "", kinds={"llama": "before", "persimmon": "before"}),
        lambda _value: "queries and keys are normalised before they are rotated",
        slots=("language_model",),
    ),
    Trait(
        regex(r"(?i)\bnorm\w*\b[^.;]{0,20}?\b(?P<what>before|after) each (?:half|sub-?layer|block)"),
        lambda words: words.lower(),
        _field("language_model", "", kinds={"llama": "before"}),
        lambda _value: "a norm stands before each half of a block",
        slots=("language_model",),
    ),
    Trait(
        regex(r"(?i)\b(?P<what>pre|post)-norm\b"),
        lambda words: words.lower(),
        _field("encoder", "", kinds={"vit": "pre", "native_vit": "pre"}),
        lambda value: f"the blocks of the encoder are {value}-norm",
        beside=r"(?i)\b(?:tower|encoder|ViT|vision transformer)\b",
        unless=r"(?i)\bQ-?Former|\bdecoder|\blanguage model",
        slots=("encoder",),
        bare=True,
    ),
    Trait(
        regex(r"(?i)\b(?P<what>aspect ratio is (?:kept|preserved))|\b(?P<what2>(?:keeps|preserves) (?:the |its |their )?aspect ratio)"),
        lambda _words: True,
        Reader("preprocessing", "", read=lambda one: False if one.values.get("resize") == "exact" else None),
        lambda _value: "both sides are scaled to the tower's, whatever the image's shape",
    ),
    Trait(
        regex(r"(?i)\b(?:joined|concatenat\w+|joins?) (?:\w+ ){0,3}?(?:on|along|in) (?:the )?(?P<what>channels?|sequence)\b"),
        lambda words: words.lower().rstrip("s"),
        _field("encoder", "", kinds={"hybrid": "channel"}),
        lambda _value: "features are joined on channels: tokens stay as many",
        slots=("encoder", "alignment"),
    ),
    Trait(
        regex(
            r"(?i)\b(?:maps?|projects?|connect\w*|couples?|bridg\w*|links?|translat\w*|leads?)\b[^.;]{0,80}?"
            r"\b(?:with|by|through|via|using) (?:an?|one|a single|the) (?P<what>MLP|linear layer)\b|"
            r"\bonly one (?P<what2>MLP|linear layer)\b|^one (?P<what3>MLP|linear layer)\b"
        ),
        lambda words: words.lower(),
        _field("alignment", "", kinds={"linear": "linear layer", "q_former": "linear layer", "mlp": "mlp"}),
        lambda value: f"what leads to the language model is {'an MLP' if value == 'mlp' else 'one linear layer'}",
        unless=r"(?i)\btwo\b|\blayers\b|\bperceptron",
    ),
)  # fmt: skip
_OTHERS = regex(
    r"(?i)\b(?:we|our|us|I|my|replac\w*|swap\w*|could|compar\w*|ablat\w*|experiment\w*|similar\w*|versus|vs|alternativ\w*|"
    r"inspired|called|either|earlier|later|than|was|were|except|training|stage 1|first stage|usual\w*|often)\b|[?]"
)


def traits(scene: Scene) -> Iterator[Remark]:
    """At most one remark on a trait that the system's facts contradict."""
    for trait in TRAITS:
        for found in trait.words.finditer(scene.text):
            name = next((name for name in ("what", "what2", "what3") if found.groupdict().get(name)), "")
            if name and (remark := _judged(scene, trait, found, name)):
                yield remark
                return


def _judged(scene: Scene, trait: Trait, found: re.Match[str], name: str) -> Remark | None:
    text = scene.text
    low, high = (phrase if trait.near else clause)(text, found.start(name))
    beside = not trait.beside or re.search(trait.beside, text[low:high]) is not None
    if not (beside or (trait.bare and scene.ours and scene.slot in trait.slots)):
        return None
    if (trait.unless and re.search(trait.unless, text[low:high])) or _OTHERS.search(text, low, high):
        return None
    negates = name.startswith("what") and _first(
        found[name], "without", "has no", "have no", "lacks", "carries no", "excl"
    )
    if not negates and not scene.asserted(found.start(name), found.end(name)):
        return None
    about = scene.about(found.start(name))
    if about is None:
        return _of_kind(scene, trait, found, name)
    return _held(trait, found, name, about)


def _of_kind(scene: Scene, trait: Trait, found: re.Match[str], name: str) -> Remark | None:
    """A trait in the section of a concept page about the one kind that has it otherwise."""
    slot, kind = SECTIONS.get(scene.kind, ("", ""))
    value = trait.true.kinds.get(kind) if slot == trait.true.slot and not scene.names else None
    if value is None or _agree(trait.says(found[name]), value):
        return None
    help_ = "write what holds for the kind that this section is about"
    return Remark("refuted", *found.span(name), f"in this kind {trait.told(value)}", "", help_, rule=RULE)


def _held(trait: Trait, found: re.Match[str], name: str, about: About) -> Remark | None:
    said = trait.says(found[name])
    known = [trait.true.of(variant) for variant in about.variants]
    values = [value for value, _ in known]
    if not values or any(value is None or _agree(said, value) for value in values):
        return None
    if len({str(value) for value in values}) != 1 or values[0] == "pooled":
        return None
    value, slot = known[0]
    span = next((entry.span for entry in slot.entries if entry.value == value and entry.span), None) if slot else None
    place = span or (slot.span if slot else None)
    told, title = trait.told(value), about.spec.title
    return Remark(
        "refuted",
        *found.span(name),
        f"in {title} {told}",
        "",
        "write what its page says, or name the system that this is true of",
        (),
        (Label(place, told),) if place else (),
        rule=RULE,
    )


def _agree(said: Value, value: Value) -> bool:
    if said == "approximate":
        return value in ("gelu_tanh", "quick_gelu", "gelu_new")
    return said == value
