"""Numbers that no link ties to a fact: in a system's own section a slip is one, elsewhere a certain noun decides."""

from __future__ import annotations

import pytest

from chiasm.claims import claims
from chiasm.document import parse
from chiasm.judging.plain.additions import additions
from chiasm.judging.plain.against import against
from chiasm.judging.plain.heads import heads
from chiasm.judging.plain.naming import named
from chiasm.judging.plain.scalings import scalings
from chiasm.judging.plain.unlinked import number_verdict
from chiasm.judging.verdict import Verdict
from chiasm.numbers.quantity import quantities
from chiasm.source import Source, source
from tests.middle.base import run_shipped

OWN = [
    ("llava", "Pictures are squeezed to 363 pixels first.", "363", "336"),
    ("llava", "Its tower looks at 335 pixels.", "335", "336"),
    ("clip", "The second release works at 36 pixels.", "36", "336"),
    ("llava", "The table of words has 23,064 rows.", "23,064", "32,064"),
    ("fuyu", "Two matrices of 256,000 rows are a billion parameters each.", "256,000", "262,144"),
    ("llava-uhd", "The number of tokens differs: 64 a slice in the paper, 1440 in the other.", "1440", "144"),
    ("clip", "One tower was trained at 224 and one at 363 pixels.", "363", "336"),
    ("clip", "They belong to another tower, at 242 and at 336 pixels.", "", ""),
    ("clip", "Both towers read the image, at 242 and at 336 pixels.", "242", "224"),
    ("idefics", "It was released at 9B and 89B.", "89B", "9B or 80B"),
    ("deepseek-vl", "The 2.3B model has the second tower alone.", "2.3B", "1.3B or 7B"),
    ("deepseek-vl", "DeepSeek-VL 70B looks twice.", "70B", "1.3B or 7B"),
    ("llava", "At the end 32,064 layers of words are read.", "32,064", ""),
    ("llava", "An image of 336 patches is read at once.", "336", ""),
    ("flamingo", "Table 5 counts 4.7B parameters of gated cross-attention.", "4.7B", ""),
    ("siglip", "Of the tower 15,238,353 parameters pool.", "15,238,353", "15,238,352"),
]
"""A system, a sentence of its page, the number in it that is wrong (or none), and what it should be."""
RIGHT_AT_HOME = [
    ("llava", "Pictures of 640 pixels are squeezed to 336."),
    ("llava", "A 1024 × 768 photograph loses most of its pixels."),
    ("llava", "The first release had 32,000 rows, not 32,046."),
    ("llava", "The 7B model and the 13B one differ in depth and width only."),
    ("clip", "If a tower saw 363 pixels, it would have 625 patches."),
    ("idefics", "A test on 1.3B image-text pairs took 9 days."),
    ("flamingo", "It learned at 288 pixels and works at 320."),
    ("qwen3-vl", "The last stage reads 262,144 tokens, the one before 32,768."),
    ("siglip", "Of others, 576 is a tower with 16-pixel patches at 384 pixels, or 14-pixel ones at 336."),
    ("blip-2", "It was trained on 129M images with batches of 2,320 pairs."),
]
"""Sentences of a system's page that are true, or may be."""
WRONG = [
    ("The grid of LLaVA-1.5 has 27 patches a side.", "27"),
    ("CLIP ViT-L/14-336 cuts an image into 21 patches per side.", "21"),
    ("In LLaVA-NeXT, the vision encoder is 1,408 wide.", "1,408"),
    ("Idefics's vision encoder has 27 layers.", "27"),
    ("OpenFlamingo's vision tower has 32 layers.", "32"),
    ("Idefics2's vocabulary has 50,304 entries.", "50,304"),
    ("Flamingo's perceiver has three layers.", "three"),
    ("The vision encoder of LLaVA-UHD has a width of 768.", "768"),
    ("Both Qwen3-VL and Ovis 2.5 use patches of 14 pixels.", "14"),
    ("Qwen3-VL and Ovis 2.5 share a patch size of 14.", "14"),
    ("Both Flamingo and Idefics use 32 latents.", "32"),
    ("Six layers of an Idefics2 perceiver read the image.", "Six"),
    ("Qwen3-VL-4B's language model has a width of 4,096.", "4,096"),
    ("BLIP-2's Q-Former has six layers.", "six"),
    ("Qwen3-VL's vision encoder uses a patch size of 14 pixels.", "14"),
    ("Ovis 2.5 has a visual vocabulary of 32,768 entries.", "32,768"),
    ("LLaVA-NeXT uses at most 2,304 tokens per image.", "2,304"),
    ("LLaVA-1.5-13B is built on a LLaMA-style decoder with 32 layers.", "32"),
    ("CLIP's text encoder reads at most 512 tokens.", "512"),
    ("The projector of LLaVA-1.5-7B holds about 105M parameters.", "about 105M"),
]
"""Sentences of strangers, and the number that is wrong."""
RIGHT = [
    "A SigLIP so400m at 384 px has 27 patches along each side, the tower of LLaVA-1.5 24 patches a side.",
    "In LLaVA-1.5, a CLIP ViT-L/14 at 336 pixels hands over 576 patch tokens, each projected to a width of 4,096.",
    "Flamingo's resampler is six layers deep and 1,536 wide.",
    "The EVA tower of BLIP-2 is 1,408 wide and 39 layers deep.",
    "Qwen3-VL-8B's vision encoder is 1,152 wide, that of the 2B model 1,024.",
    "Fuyu-8B has no vision encoder: patches of 30×30 pixels go through a single matrix into a decoder with 36 layers.",
    "SigLIP so400m, at 384 pixels, yields 729 tokens; at 224 pixels it yields 256.",
    "LLaVA-UHD spends 64 tokens a slice in the paper, 144 in the released code.",
    "DeepSeek-VL looks at 1,024 pixels with SAM and at 384 with SigLIP.",
    "BLIP-2 asks a frozen ViT-g with 32 queries, Idefics2 its tower with 64 latents.",
    "OpenFlamingo was released at 3B, 4B and 9B, LLaVA-NeXT at 7B, 13B, 34B and 110B.",
    "BLIP-2 with ViT-L has a tower of 24 layers.",
    "Our demo resizes photos to 640 pixels before LLaVA-1.5 crops them to 336.",
    "Qwen3-VL-30B-A3B has 48 layers and 128 experts.",
    "LLaVA's vocabulary has 32,000 entries, 32,064 rows with padding.",
    "LLaVA-NeXT-34B builds on Yi, with 60 layers of width 7,168.",
    "Compared with LLaVA-1.5 and BLIP-2, our connector hands on 128 tokens.",
    "In contrast to Flamingo and BLIP-2, Kosmos reads 64 latents.",
    "Neither BLIP-2 nor Flamingo has 128 queries.",
    "LLaVA and BLIP-2 take images of 336 and 224 pixels.",
    "LLaVA-1.5's tower is followed by a two-layer MLP, BLIP-2's by a 12-layer Q-Former.",
    "SigLIP at 512 pixels and patch 16 gives 1,024 tokens.",
    "The patch embedding of CLIP ViT-B/32 sees 32-pixel patches and gives 49 patches plus a class token.",
    "In the appendix LLaVA-1.5 is tried at 448 pixels.",
    "Perceiver resamplers (64 latents in Flamingo and Idefics) keep the cost constant.",
    "Six layers of the resampler of Flamingo are trained, 40 of its language model frozen.",
    "Images of LLaVA-1.5 are 336 wide.",
    "Qwen3-VL's vision encoder uses a patch size of 16 pixels.",
    "The visual vocabulary of Ovis 2.5 has 65,536 entries, that of its language model 151,936.",
    "LLaVA-NeXT uses at most 2,880 tokens per image, without the ends of rows.",
    "Our model is built on LLaVA-1.5-13B, with a decoder of 32 layers.",
    "It is built on the decoder of LLaVA-1.5-13B, cut to 32 layers.",
    "CLIP's text encoder reads at most 77 tokens.",
    "The projector of LLaVA-1.5-7B holds about 20M parameters.",
    "An image size of 448 pixels is tried with LLaVA-1.5.",
]
"""Sentences of strangers that are true, or may be."""


def verdicts(path: str, text: str, *, foreign: bool) -> dict[str, Verdict]:
    """What is said of every number of a page, by its text."""
    read = source(path, text.encode())
    assert isinstance(read, Source)
    page = claims(parse(read), foreign=foreign)[0]
    graph = run_shipped().graph
    return {number.quantity.text: number_verdict(graph, page, number) for number in page.numbers}


def refuted(path: str, text: str, *, foreign: bool = False) -> dict[str, str]:
    """The numbers of a page that are refuted, and why."""
    made = verdicts(path, text, foreign=foreign)
    return {number: one.reason for number, one in made.items() if one.outcome == "refuted"}


@pytest.mark.parametrize(("system", "text", "wrong", "true"), OWN)
def test_a_slip_at_home_is_refuted(system: str, text: str, wrong: str, true: str) -> None:
    path = f"knowledge/models/{system}.md"
    title = run_shipped().graph.titles[system]
    made = verdicts(path, f"# {title}\n\n{text}\n", foreign=False)
    assert [number for number, one in made.items() if one.outcome == "refuted"] == ([wrong] if wrong else [])
    assert not true or made[wrong].expected == true


@pytest.mark.parametrize(("system", "text"), RIGHT_AT_HOME)
def test_nothing_else_at_home_is(system: str, text: str) -> None:
    title = run_shipped().graph.titles[system]
    assert not refuted(f"knowledge/models/{system}.md", f"# {title}\n\n{text}\n")


@pytest.mark.parametrize(("text", "wrong"), WRONG)
def test_a_certain_noun_decides(text: str, wrong: str) -> None:
    assert list(refuted("stranger/README.md", f"# Notes\n\n{text}\n", foreign=True)) == [wrong]


@pytest.mark.parametrize("text", RIGHT)
def test_what_may_be_right_is_left(text: str) -> None:
    assert not refuted("stranger/README.md", f"# Notes\n\n{text}\n", foreign=True)


def test_a_fact_comes_before_a_citation() -> None:
    text = "# BLIP-2\n\nThe Q-Former asks with 64 queries [@li2023blip2] and saw 17 epochs [@li2023blip2].\n"
    made = verdicts("knowledge/models/blip-2.md", text, foreign=False)
    assert {number: one.outcome for number, one in made.items()} == {"64": "refuted", "17": "reported"}


def test_a_linked_page_is_a_home_too() -> None:
    text = "# Sides\n\n[LLaVA](../models/llava.md) squeezes pictures to 363 pixels; pictures of 363 pixels are rare.\n"
    assert list(refuted("knowledge/concepts/sides.md", text)) == ["363"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1.2B and 194M are 1.4B, 1.6B and 194M are 1.8B.", ""),
        ("1.2B and 394M are 1.4B.", "1.4B"),
        ("The tower's 303M and 21M behind it make 354M together.", "354M"),
        ("576 tokens and 2,304 tokens are 2,928 tokens.", "2,928"),
        ("12 and 24 are 2 layers apart, 7B and 13B are 2 sizes.", ""),
        ("7B and 13B are 2B and 3B larger.", ""),
        ("If 1.2B and 394M were 1.4B, it would fit.", ""),
    ],
)
def test_sums_in_words(text: str, wrong: str) -> None:
    found = [one for one in additions(text, tuple(quantities(text))) if one.outcome == "refuted"]
    assert [text[one.start : one.end] for one in found] == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It costs 256 tokens at 224 pixels and 1,225 at 490.", ""),
        ("It costs 256 tokens at 980 pixels and 1,225 at 490.", "256"),
        ("A 1008-pixel image is 257 tokens, a 336-pixel one is 577.", "257"),
        ("SigLIP gives 729 tokens at 384 pixels, ViT-B/16 576 tokens at 384.", ""),
        ("A pooled tower gives 81 tokens at 378 pixels, CLIP 576 at 336.", ""),
        ("Pooling leaves 300 tokens at 980 pixels, merged from 1,225 at 490.", ""),
        ("With 256 tokens at 980 pixels nothing is said of 490.", ""),
    ],
)
def test_sides_and_counts(text: str, wrong: str) -> None:
    assert [text[one.start : one.end] for one in scalings(text)] == ([wrong] if wrong else [])


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It has 32 query heads and 8 key/value heads.", ""),
        ("It has 8 query heads and 32 key/value heads.", "8"),
        ("With 33 attention heads and 4 KV heads it is quick.", "33"),
        ("32 heads of 128 are 4,096 channels on a width of 2,560.", ""),
        ("32 heads of 128 are 4,069 channels on a width of 2,560.", "4,069"),
        ("If it had 8 query heads and 32 key/value heads, it would be odd.", ""),
    ],
)
def test_heads(text: str, wrong: str) -> None:
    assert [text[one.start : one.end] for one in heads(text)] == ([wrong] if wrong else [])


def test_a_plural_part_is_no_system() -> None:
    read = source("stranger/README.md", b"# Notes\n\nGated MLPs and RMSNorms stand beside CogVLM.\n")
    assert isinstance(read, Source)
    passage = claims(parse(read), foreign=True)[0].passages[-1]
    assert [passage.words[one.start : one.end] for one in named(run_shipped().graph, passage)] == ["CogVLM"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Where one feeds 576 tokens, 64 queries instead of them compress ninefold.", ""),
        ("Compared with 576 tokens, 64 queries are a 9x reduction.", ""),
        ("Compared with 576 tokens, 64 queries are a 12x reduction.", "12x"),
        ("Our 32 latents against 257 tokens shrink the input by a factor of about 8.", ""),
        ("Our 32 latents against 257 tokens shrink the input by a factor of about 16.", "16"),
        ("Compared with 576 tokens, 64 queries make training 3x faster, with fewer steps.", ""),
        ("Compared with 576 tokens, 64 queries and 32 latents are a 3x reduction.", ""),
    ],
)
def test_counts_against_each_other(text: str, wrong: str) -> None:
    found = [one for one in against(text, tuple(quantities(text))) if one.outcome == "refuted"]
    assert [text[one.start : one.end] for one in found] == ([wrong] if wrong else [])
