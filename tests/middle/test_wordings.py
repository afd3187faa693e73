"""Claims in words, as surveys, cards and posts put them: what a page contradicts is refuted, what is true is left."""

from __future__ import annotations

from functools import cache

import pytest

from chiasm.diagnostic import Diagnostic
from tests.middle.base import run, shipped
from tests.middle.plain import refuted

TRUE = (
    "LLaVA-1.5 connects CLIP to Vicuna through a two-layer MLP, and tunes both the MLP and the language model.",
    "In the first stage of LLaVA only the projector is trained; the vision tower and the language model stay frozen.",
    (
        "BLIP-2 keeps its image encoder and its language model frozen and trains a lightweight Querying "
        "Transformer between them."
    ),
    (
        "The Q-Former of BLIP-2 is trained in two stages, first with the encoder alone and then with the "
        "frozen language model attached."
    ),
    "BLIP-2's Q-Former never sees the question: the same 32 tokens are produced whatever is asked.",
    "Flamingo inserts gated cross-attention layers between the frozen layers of Chinchilla.",
    (
        "Flamingo freezes the vision encoder and the language model and trains only the resampler and the "
        "gated cross-attention layers."
    ),
    "In Flamingo the NFNet was pretrained contrastively and is frozen afterwards.",
    "Unlike LLaVA, Flamingo compresses its features with a Perceiver Resampler.",
    "LLaVA does not use a Q-Former; it projects every patch.",
    "Fuyu has no vision encoder: patches are projected linearly into the decoder.",
    "Fuyu drops the image encoder altogether and feeds raw patches to a decoder-only transformer.",
    "CLIP is trained with a softmax over the similarities of the batch, SigLIP with a sigmoid on each pair.",
    "SigLIP replaces CLIP's softmax loss by a pairwise sigmoid loss.",
    "CLIP's text encoder is a causal transformer whose end-of-text token is projected into the joint space.",
    "SigLIP's text tower is bidirectional.",
    "CLIP is a late fusion model: the two towers interact only through a dot product.",
    "The resampler in Flamingo reads any number of features into 64 latents.",
    (
        "Qwen3-VL merges 2×2 patches with an MLP merger and injects features of several ViT layers into the "
        "first three layers of the LLM (DeepStack)."
    ),
    "DeepStack in Qwen3-VL is not a mixture of experts.",
    "Qwen3-VL builds on Qwen3 and a SigLIP 2 vision encoder.",
    "In Qwen3-VL all parameters are trained from stage S1 on; in S0 only the merger is updated.",
    "Ovis 2.5 uses a visual embedding table instead of a projector, on top of Qwen3.",
    (
        "Idefics2 replaced the gated cross-attention of Idefics with a perceiver resampler whose outputs "
        "are concatenated with the text."
    ),
    "Idefics2 pairs SigLIP with Mistral-7B.",
    "DeepSeek-VL combines SAM-B and SigLIP-L; SAM-B stays frozen throughout.",
    "DeepSeek-VL's third stage fine-tunes the SigLIP encoder too.",
    "LLaVA-NeXT keeps the MLP of LLaVA-1.5 and adds tiles.",
    "LLaVA reads the patch features of CLIP's penultimate layer, without the class token.",
    "LLaVA's features are taken before the final LayerNorm of the tower.",
    "The projector of LLaVA 1.0 is a single linear layer; version 1.5 replaced it with an MLP.",
    "OpenFlamingo reimplements Flamingo with CLIP as its vision encoder and MPT as its language model.",
    "OpenFlamingo freezes the language model except for the input embeddings.",
    "Idefics is an open reproduction of Flamingo built on LLaMA and OpenCLIP.",
    "In BLIP-2's first stage the queries and the text do not see each other for the contrastive objective.",
    (
        "For image-grounded text generation (ITG) BLIP-2 lets the text attend to the queries, but the "
        "queries cannot attend to the text."
    ),
    "BLIP-2 uses an EVA-CLIP ViT-g/14 with its last layer removed.",
    "BLIP-2 can be combined with OPT or with FlanT5.",
    "With FlanT5 the encoder of the language model reads the soft prompts.",
    "Many later models, LLaVA among them, replaced the Q-Former by a simple MLP.",
    "InstructBLIP extends BLIP-2 with an instruction-aware Q-Former that reads the text.",
    "MiniGPT-4 keeps BLIP-2's Q-Former and trains a linear layer only.",
    "LLaVA-UHD compresses each slice with a shared resampler.",
    "We replaced CLIP in LLaVA with SigLIP and retrained the projector.",
    "Our variant of LLaVA uses a Q-Former instead of the MLP.",
    "If the encoder of LLaVA were trained too, memory would double.",
    "LLaVA was instruction-tuned on conversations written by GPT-4.",
    "Vicuna, the language model of LLaVA, is LLaMA fine-tuned on shared conversations.",
    "The gates of Flamingo are zero at initialisation, so that the frozen language model is unchanged at first.",
    "Flamingo's new layers come before the frozen blocks they condition.",
    "CLIP puts a LayerNorm before the first transformer block.",
    "Qwen3 applies an RMSNorm to queries and keys before the rotary embedding, and so does Qwen3-VL.",
    "BEiT-3 shares self-attention across modalities and gives each its own feed-forward experts.",
    "BEiT-3 has no separate language model; one backbone reads both.",
    "Early fusion systems such as LLaVA and Fuyu feed visual tokens into the first layer.",
    "In the LLaVA family the vision encoder is usually CLIP, though community variants use SigLIP.",
    "LLaVA-OneVision uses SigLIP and Qwen2.",
    "Both LLaVA and MiniGPT-4 keep the vision encoder frozen in the first stage.",
    "A frozen CLIP tower feeds LLaVA's projector.",
    "BLIP-2 trains 188M parameters in stage 1, the text branch of the Q-Former included.",
)
FALSE = (
    "LLaVA-1.5 connects CLIP to Vicuna through a Q-Former.",
    "In the first stage of LLaVA only the language model is trained.",
    "In its first stage LLaVA trains the resampler alone.",
    "LLaVA's resampler turns 576 patches into 576 tokens.",
    "BLIP-2 fine-tunes its language model in stage 2.",
    "BLIP-2 freezes the Q-Former in both stages.",
    "BLIP-2's perceiver is trained in two stages.",
    "In BLIP-2 neither the encoder nor the language model is frozen.",
    "BLIP-2's queries read the prompt before they look at the image.",
    "BLIP-2 reads images with a SigLIP tower.",
    "Flamingo interpolates CLIP's table of positions.",
    "Flamingo trains the language model and freezes the gated cross-attention layers.",
    "Flamingo inserts gated self-attention layers into the frozen language model.",
    "Flamingo's gated cross-attention layers stand after each of the frozen layers.",
    "Flamingo's Q-Former compresses features to 64 latents.",
    "Fuyu has a vision encoder of its own.",
    "Fuyu's vision encoder is CLIP.",
    "CLIP is an early fusion model.",
    "CLIP is trained with a sigmoid loss.",
    "SigLIP is trained with a softmax loss over the batch.",
    "SigLIP is an example of early fusion.",
    "SigLIP's text encoder is causal.",
    "CLIP's text encoder is bidirectional.",
    "Qwen3-VL uses a Q-Former to compress patches.",
    "Qwen3-VL's resampler reads the patches.",
    "Qwen3-VL builds on Llama 3.2.",
    "Qwen3-VL's DeepStack adds features before the first three layers of the decoder.",
    "Qwen3-VL prepends a class token to its patches.",
    "In stage S0 Qwen3-VL freezes the merger.",
    "In Qwen3-VL queries and keys are normalised after the rotary embedding.",
    "DeepStack in Qwen3-VL routes tokens to experts.",
    "Ovis 2.5 is built on LLaMA 3.2.",
    "Ovis 2.5 reads images with CLIP as its vision encoder.",
    "Idefics2 connects SigLIP to LLaMA 3.",
    "Idefics2 uses a Q-Former between the tower and Mistral.",
    "Idefics builds on Mistral.",
    "DeepSeek-VL trains SAM-B throughout.",
    "In stage 1 DeepSeek-VL trains the language model.",
    "In stage 3 DeepSeek-VL freezes the language model.",
    "DeepSeek-VL's resampler joins both towers.",
    "LLaVA-NeXT uses a perceiver resampler between CLIP and Vicuna.",
    "LLaVA reads features after the final LayerNorm of its tower.",
    "LLaVA reads all tokens of the tower, including the class token.",
    "LLaVA 1.0 connects CLIP to Vicuna by an MLP projector.",
    "LLaVA 1.5 maps features to the language model with a single linear layer.",
    "OpenFlamingo sees through a SigLIP tower.",
    "OpenFlamingo's input embeddings are frozen.",
    "LLaVA's attention over visual and textual tokens is bidirectional.",
    "The projector of LLaVA compresses the image to fewer tokens.",
    "For the contrastive objective (ITC) BLIP-2 lets queries and texts see each other.",
    "In BLIP-2 the text is bidirectional during generation (ITG).",
    "BLIP-2 keeps the aspect ratio of every image.",
    "CLIP's patch embedding has a bias.",
    "SigLIP's patch embedding has no bias.",
    "LLaVA 1.5 trains its vision encoder throughout.",
)
OURS = {
    "models/llava.md": (
        ("a frozen [CLIP](clip.md) tower sees", "a frozen [SigLIP](siglip.md) tower sees"),
        ("it uses CLIP's approximation", "it uses SigLIP's approximation"),
        ("final LayerNorm, which", "final RMSNorm, which"),
    ),
    "models/blip-2.md": (
        ("Blocks are post-norm", "Blocks are pre-norm"),
        ("One linear layer with bias", "One linear layer without bias"),
        ("so the aspect ratio is not kept", "so the aspect ratio is kept"),
        ("With OPT-2.7B there are", "With OPT-6.7B there are"),
    ),
    "models/clip.md": (
        ("are trained so that", "are frozen so that"),
        ("by a matrix without bias", "by a matrix with bias"),
    ),
    "models/fuyu.md": (("Fuyu has no vision encoder", "Fuyu has a vision encoder"),),
    "models/llava-uhd.md": (("| paper-13b | 144-13b | source |", "| paper-13b | 144-14b | source |"),),
    "models/deepseek-vl.md": (("stays frozen throughout", "is trained throughout"),),
    "concepts/training.md": (("do not see each other", "do see each other"),),
    "surveys/architectures.md": (("is late; each page", "is early; each page"),),
}
"""Sentences of our own pages, and how each is spoilt: a rule speaks of the line."""
SPOILT = [(page, old, new) for page, pairs in OURS.items() for old, new in pairs]


def test_true_claims_are_left() -> None:
    """Stages, parts, order, masks, bias, norms and compression, said as they are."""
    assert refuted(TRUE) == {}


def test_false_claims_are_refuted() -> None:
    """The same, said as they are not."""
    found = refuted(FALSE)
    assert [one for one in FALSE if one not in found] == []


@cache
def spoilt() -> tuple[dict[tuple[str, str], int], tuple[Diagnostic, ...]]:
    """The lines that are spoilt, all of them in one base, and what is found there."""
    pages = dict(shipped())
    for page, old, new in SPOILT:
        assert old in pages[f"knowledge/{page}"]
        pages[f"knowledge/{page}"] = pages[f"knowledge/{page}"].replace(old, new, 1)
    lines = {(page, new): pages[f"knowledge/{page}"].partition(new)[0].count("\n") + 1 for page, _, new in SPOILT}
    return lines, run(pages).found


@pytest.mark.parametrize(("page", "old", "new"), SPOILT, ids=[new for _, _, new in SPOILT])
def test_our_own_sentences(page: str, old: str, new: str) -> None:
    """A sentence in the section of a system needs no name to be about it."""
    lines, found = spoilt()
    assert any(one.span.path == f"knowledge/{page}" and abs(one.span.line - lines[page, new]) <= 1 for one in found), (
        old
    )
