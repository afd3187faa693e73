"""What a sentence says that a system is, is held against its page; what others say or might do is left in peace."""

from __future__ import annotations

import pytest

from tests.middle.plain import refuted, verdicts

WRONG = {
    "Ovis 2.5 is built on LLaMA 3.2.": "LLaMA 3.2",
    "The language model behind Ovis 2.5 is LLaMA 3.2.": "LLaMA 3.2",
    "Ovis 2.5 pairs a SigLIP encoder with LLaMA 3.2 as the LLM backbone.": "LLaMA 3.2",
    "# Ovis 2.5\n\nLLM backbone: LLaMA 3.2\n": "LLaMA 3.2",
    "# Ovis 2.5\n\n- Language model: Qwen2.5-7B\n": "Qwen2.5-7B",
    "# Notes\n\n| Model | LLM |\n|---|---|\n| Ovis 2.5 | LLaMA 3.2 |\n": "LLaMA 3.2",
    "# Notes\n\n| Model | Vision encoder |\n|---|---|\n| Idefics2 | CLIP ViT-L/14 |\n": "CLIP",
    "Qwen3-VL is based on Llama 3.": "Llama 3",
    "Qwen3-VL uses Qwen2.5 as its language model.": "Qwen2.5",
    "Fuyu-8B uses LLaMA as its decoder.": "LLaMA",
    "Flamingo is built on top of a frozen OPT.": "OPT",
    "BLIP-2 with OPT-2.7B generates its answers with Vicuna.": "Vicuna",
    "Flamingo inserts its cross-attention layers after every block of an OPT model.": "OPT",
    "Idefics2 uses CLIP as its vision encoder.": "CLIP",
    "LLaVA uses SigLIP as its vision encoder.": "SigLIP",
    "LLaVA-1.5 connects SigLIP to Vicuna.": "SigLIP",
    "The vision encoder of Flamingo is CLIP.": "CLIP",
    "LLaVA with its SigLIP tower reads 576 tokens.": "SigLIP",
    "OpenFlamingo uses a NFNet vision encoder.": "NFNet",
    "Fuyu uses CLIP as its vision encoder.": "CLIP",
    "LLaVA 1.5 connects CLIP to Vicuna with a single linear layer.": "linear layer",
    "LLaVA 1.5 uses a Q-Former to connect the encoder to the language model.": "Q-Former",
    "LLaVA-NeXT relies on a Perceiver Resampler.": "Perceiver Resampler",
    "Flamingo uses a Q-Former with 64 latents.": "Q-Former",
    "BLIP-2 connects its encoder to the language model with an MLP projector.": "MLP projector",
    "LLaVA injects images via gated cross-attention.": "gated cross-attention",
    "Idefics2 uses gated cross-attention like layers between blocks.": "",
    "Qwen3-VL uses DeepStack, a sparse mixture of experts for visual tokens.": "a sparse mixture of experts",
    "DeepStack in Qwen3-VL routes visual tokens to specialised experts.": "routes visual tokens to specialised experts",
    "# Qwen3-VL\n\nDeepStack: sparse experts that process multi-level ViT features.\n": "sparse experts",
    "In BLIP-2's second stage only the linear projection is trained.": "linear projection",
    "BLIP-2 stage 2: train the projection layer, freeze everything else including the Q-Former.": "projection layer",
    "During stage 2 of BLIP-2 the Q-Former is frozen.": "Q-Former",
    "# BLIP-2\n\nStage 2 trains the projection only; the Q-Former stays frozen.\n": "projection",
    "LLaVA freezes the LLM in stage 2.": "LLM",
    "LLaVA-1.5 keeps the language model frozen in stage 2.": "language model",
    "In stage 1, LLaVA 1.5 trains the language model.": "language model",
    "In stage 2, BLIP-2 fine-tunes the LLM.": "LLM",
    "In the first stage LLaVA-UHD trains the vision encoder.": "vision encoder",
    "DeepSeek-VL freezes the language model in stage 3.": "language model",
    "Qwen3-VL uses DeepStack, which routes each visual token to one of several experts.": (
        "routes each visual token to one of several experts"
    ),
    "Ovis2.5 pairs a NaViT with LLaMA-3.2 as its language model.": "LLaMA-3.2",
    "BLIP-2's second stage only trains the linear projection, everything else stays frozen.": "linear projection",
    "DeepStack in Qwen3-VL injects features into the first 5 layers of the LLM.": "5",
    "SigLIP uses a softmax contrastive loss, unlike CLIP.": "softmax",
    "Flamingo-80B inserts a gated cross-attention layer before every 9th layer.": "9th",
    "Idefics adds gated cross-attention after every other layer.": "other",
    "SigLIP adds a class token to its patches.": "class token",
    "Qwen3-VL uses a fixed number of visual tokens.": "fixed number of visual tokens",
    "BLIP-2 uses a dynamic number of image tokens.": "dynamic number of image tokens",
    "Qwen3-VL merges 4×4 patches into one token.": "4",
    "Both LLaVA-1.5 and LLaVA-NeXT use SigLIP as their vision encoder.": "SigLIP",
    "LLaVA-1.5 and Idefics2 both use CLIP as their vision encoder.": "CLIP",
    "LLaVA, BLIP-2 and Flamingo use a Q-Former.": "Q-Former",
    "Ovis2.5-9B is based on Qwen3-8B and CLIP.": "CLIP",
    "Idefics2 is built from CLIP and Mistral-7B.": "CLIP",
    "BLIP-2 freezes the image encoder but trains the LLM end to end.": "LLM",
    "LLaVA-1.5 needs a Q-Former between CLIP and Vicuna.": "Q-Former",
    "# LLaVA\n\nThe model is built on Qwen2.\n": "Qwen2",
}
"""Sentence → the words that are wrong; "" where it must not be refuted."""

TRUE = (
    "Ovis 2.5 builds on Qwen3.",
    "Unlike LLaMA 3.2 Vision, Ovis 2.5 builds on Qwen3.",
    "Ovis 2.5 is not built on LLaMA 3.2.",
    "Ovis 2.5 outperforms models that are built on LLaMA 3.2.",
    "Ovis 2 is built on Qwen2.5.",
    "We replace the language model of Ovis 2.5 by LLaMA 3.2.",
    "Is Ovis 2.5 built on LLaMA 3.2?",
    "LLaVA uses CLIP as its vision encoder.",
    "LLaVA is built on Vicuna, a fine-tuned LLaMA.",
    "LLaVA-1.5 is based on Llama 2.",
    "LLaVA-NeXT is also released with Mistral-7B and Nous-Hermes-2-Yi-34B as its LLM.",
    "LLaVA-OneVision uses SigLIP as its vision encoder.",
    "LLaVA uses CLIP, Idefics2 uses SigLIP.",
    "While LLaVA uses CLIP as its vision encoder, Qwen3-VL uses SigLIP 2 as its vision encoder.",
    "BLIP-2 uses CLIP ViT-L/14 or EVA-CLIP as its image encoder.",
    "BLIP-2 generates its answers with FlanT5.",
    "BLIP-2 is built on a frozen OPT.",
    "InstructBLIP uses Vicuna as its language model.",
    "Idefics2 is built on Mistral-7B.",
    "Idefics2 uses SigLIP as its vision encoder.",
    "OpenFlamingo uses CLIP ViT-L/14 as its vision encoder.",
    "Idefics is based on LLaMA.",
    "Idefics inserts cross-attention between the layers of LLaMA.",
    "Qwen3-VL uses a SigLIP-2 vision encoder.",
    "The captions were filtered by CLIP before LLaVA was trained on them.",
    "We evaluate LLaVA with GPT-4 as the judge.",
    "LLaVA was instruction-tuned on data generated by GPT-4.",
    "Fuyu has no vision encoder.",
    "The folder holds LLaVA with a SigLIP tower and Qwen2, and with Mistral.",
    "LLaVA can be combined with SigLIP as its vision encoder.",
    "LLaVA 1.0 connects CLIP to Vicuna with a single linear layer.",
    "LLaVA 1.5 connects CLIP to Vicuna with a two-layer MLP.",
    "LLaVA replaces the Q-Former by a linear layer.",
    "BLIP-2 uses a Q-Former with 32 queries.",
    "Flamingo uses a Perceiver Resampler and gated cross-attention.",
    "Unlike Flamingo, LLaVA does not use gated cross-attention.",
    "LLaVA uses an MLP instead of a Q-Former.",
    "Like BLIP-2, InstructBLIP uses a Q-Former.",
    "Qwen3-VL combines DeepStack, MoE variants and interleaved M-RoPE.",
    "The 30B-A3B variant of Qwen3-VL is a mixture of 128 experts; DeepStack is something else.",
    "Qwen3-VL's DeepStack is not a mixture of experts.",
    "DeepStack is an expert-level poker program.",
    "LLaVA's first stage trains only the projection; BLIP-2's second stage trains the Q-Former as well.",
    "In stage 1, LLaVA trains only the projection.",
    "In stage 2, LLaVA trains the LLM and the projector, while the vision encoder is frozen.",
    "BLIP-2 keeps the image encoder frozen.",
    "Both the vision encoder and the LLM of BLIP-2 are frozen.",
    "BLIP-2 trains the Q-Former in stage 2.",
    "We freeze the language model of LLaVA in stage 2.",
    "You can freeze the LLM of LLaVA in stage 2 with LoRA.",
    "Flamingo freezes the vision encoder and the language model.",
    "In stage 3, DeepSeek-VL trains everything except SAM.",
    "In stage 2 the LLM is trained.",
    "The projection layer of CLIP is frozen in stage 2 of our training.",
    "Only the projection is trained in stage 1 of LLaVA-UHD v2.",
    "Flamingo-80B inserts a gated cross-attention layer before every 7th layer.",
    "The 9B Flamingo inserts a gated cross-attention layer before every 4th layer.",
    "SigLIP uses a sigmoid loss, CLIP a softmax loss.",
    "SigLIP replaces the softmax loss of CLIP with a sigmoid loss.",
    "Unlike CLIP, SigLIP uses a sigmoid loss.",
    "CLIP prepends a class token.",
    "Qwen3-VL merges 2×2 patches into one token.",
    "Flamingo compresses images into a fixed number of visual tokens.",
    "LLaVA-NeXT splits the image into tiles, each with a fixed number of visual tokens.",
    "Unlike Qwen3-VL, BLIP-2 uses a fixed number of image tokens.",
    "DeepStack injects features into the first three layers of the LLM in Qwen3-VL.",
    "LLaVa-NeXT is built on top of Llama 3 8B.",
    "LLaVA is trained by fine-tuning LLaMA/Vicuna on GPT-generated instruction-following data.",
    "IDEFICS is built on top of two unimodal models: laion/CLIP-ViT-H-14 and huggyllama/llama-65b.",
    "Idefics2 improves upon Idefics1 by replacing the gated cross-attention with a perceiver pooling.",
    "DeepSeek-VL incorporates a SAM-B encoder and is built on DeepSeek-LLM-7B.",
    "BLIP-2's stage 1 freezes the image encoder, stage 2 freezes the LLM.",
    "LLaVA-NeXT trains the full model including the vision encoder in stage 2.",
    "# Idefics2\n\nMost open models are built on LLaMA.\n",
    "# Idefics2\n\nA common recipe connects CLIP to Vicuna.\n",
    "# LLaVA\n\nTo get better results, use SigLIP as the vision encoder.\n",
    "# LLaVA\n\nModern MLLMs use SigLIP as the vision encoder and Qwen2 as the language model.\n",
    "# LLaVA and its successors\n\nThe model of Chen et al. is built on Qwen2.5 and SigLIP.\n",
    "# Fine-tuning LLaVA\n\nThe language model is Qwen2 in this tutorial.\n",
    "Both LLaVA-1.5 and LLaVA-NeXT use CLIP as their vision encoder.",
    "MiniGPT-4 and LLaVA use a linear layer and an MLP projector.",
    "LLaVA-1.5 and BLIP-2 use Vicuna and OPT as their language models.",
    "CLIP and SigLIP use a softmax and a sigmoid loss.",
    "Bunny is based on SigLIP and Phi-2; LLaVA-1.5 is based on CLIP and Vicuna.",
    "Ovis2.5-9B is based on SigLIP 2 and Qwen3-8B.",
    "BLIP-2 freezes the image encoder and the LLM but trains the Q-Former.",
    "LLaVA-1.5 freezes CLIP but trains the LLM.",
    "To follow 3D scenes, LLaVA needs a Q-Former between CLIP and Vicuna.",
    "The video branch of LLaVA requires a Q-Former to connect frames.",
)


@pytest.fixture(scope="module")
def wrong() -> dict[str, list[str]]:
    found = verdicts(tuple(WRONG))
    return {
        sentence: [one.text for one in made if one.rule == "category-refuted"]
        for sentence, made in zip(WRONG, found, strict=True)
    }


@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_claim_is_refuted_once(sentence: str, wrong: dict[str, list[str]]) -> None:
    assert wrong[sentence] == ([WRONG[sentence]] if WRONG[sentence] else [])


def test_a_true_claim_is_not_refuted() -> None:
    assert refuted(TRUE) == {}


def test_a_finding_says_what_the_page_states_and_where() -> None:
    ((one,),) = verdicts(("Ovis 2.5 is built on LLaMA 3.2.",))
    assert one.reason == "the language model of Ovis 2.5 is Qwen3-1.7B or Qwen3-8B"
    assert [label.span.path for label in one.labels] == ["knowledge/models/ovis-2-5.md"]
    assert one.help == "write Qwen3-1.7B, or name the release that has LLaMA 3.2"
