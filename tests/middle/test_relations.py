"""What a sentence relates is recomputed: sizes and patches, ratios, shares, gates, sums; true ones are left alone."""

from __future__ import annotations

import pytest

from tests.middle.plain import refuted, verdicts

WRONG = {
    "A 336-pixel image cut into 16×16 pixel patches yields 576 visual tokens.": ("576", "441"),
    "LLaVA-1.5 splits a 336×336 image into 16×16 patches, giving 576 tokens.": ("576", "441"),
    "CLIP ViT-L/14 at 224 pixels gives 196 patches.": ("196", "256"),
    "ViT-B/16 cuts a 224x224 image into 256 patches.": ("256", "196"),
    "ViT-B/32 at 224 px produces 196 patches.": ("196", "49"),
    "A 224×224 image with 16×16 patches gives 256 patches.": ("256", "196"),
    "With patch size 14, a 448x448 input becomes 784 patches.": ("784", "1,024"),
    "A 1024×768 picture in 16-pixel patches gives 4,096 patches.": ("4,096", "3,072"),
    "At 384 px with 14 px patches there are 24 patches per side.": ("24", "27"),
    "SigLIP so400m at 384 pixels produces 576 tokens per image.": ("576", "729"),
    "# SigLIP\n\nAt 384×384 the encoder returns 576 tokens.\n": ("576", "729"),
    "# Towers\n\n- ViT-L/14 @ 336px: 16×16 = 256 patches\n": ("256", "576"),
    "CLIP ViT-L/14 at 336 px uses 16x16 pixel patches, which makes 576 of them.": ("16x16 pixel patches", "14 px"),
    "The grid is 24 × 24 = 567 tokens.": ("567", "576"),
    "Five tiles cost 5 x 576 = 2,800 tokens.": ("2,800", "2,880"),
    "In total 303M + 21M + 6.74B = 7.5B parameters.": ("7.5B", ""),
    "You get (336/16)^2 = 576 tokens.": ("576", "441"),
    "The tower costs 7B × 2 bytes = 28 GB of weights in 16 bits per parameter.": ("28 GB", ""),
    "The connector compresses 576 tokens into 144, an 8x reduction.": ("8x", "4×"),
    "Tokens go from 576 to 144 (60% fewer).": ("60%", "75%"),
    "Pooling halves the number of tokens from 576 to 144.": ("halves", "4×"),
    "The resampler maps 729 tokens → 81 tokens (8×).": ("8×", "9×"),
    "MiniCPM-V compresses the visual tokens from 1024 to 64, an 8x reduction.": ("8x", "16×"),
    "BLIP-2's Q-Former compresses the visual tokens 8× from 257 to 64.": ("64", "32"),
    "BLIP-2: 257 → 64 tokens (8×)": ("64", "32"),
    "BLIP-2 turns 257 visual tokens into 64.": ("64", "32"),
    "BLIP-2 turns 196 visual tokens into 32.": ("196", "257"),
    "BLIP-2 has only 188M trainable params vs 3.1B total (6% trainable).": ("188M", "104M of 3.1B"),
    "Out of BLIP-2's 13B parameters, only 188M need gradients.": ("188M", ""),
    "With BLIP-2 you train 188M of 3.8B parameters.": ("188M", ""),
    "# BLIP-2\n\nTotal: 13B parameters. Trainable: 188M.\n": ("188M", ""),
    "# Notes\n\n| Model | Total params | Trainable params |\n|---|---|---|\n| BLIP-2 | 13B | 188M |\n": ("188M", ""),
    "BLIP-2 trains 107M of 3.8B parameters (6%).": ("6%", "2.8%"),
    "Only 6% of BLIP-2's parameters are trainable in stage 2.": ("6%", ""),
    "In stage 2 BLIP-2 trains 54 times fewer parameters than Flamingo80B.": ("54", "95×"),
    "LLaVA 1.5 7B trains 304M parameters in its first stage.": ("304M", "21M"),
    "In bfloat16 the weights of LLaVA 1.5 7B take 14.1 GiB.": ("14.1 GiB", "14.1 GB (13.2 GiB)"),
    "LLaVA 1.5 7B takes 7.06 MiB of memory in bfloat16.": ("7.06 MiB", "14.1 GB (13.2 GiB)"),
    "In Flamingo, a gate of 1 lets 100% of the cross-attention output through.": ("100%", "76%"),
    "Flamingo's tanh gate at alpha = 0.5 passes 50% of the signal.": ("50%", "46%"),
    "# Flamingo\n\n- gate 0 → 0% visual information\n- gate 1 → 100% visual information\n": ("100%", "76%"),
}
"""Sentence → the characters that are wrong, and what is expected (in full, or "" where it is a list)."""

TRUE = (
    "A 224×224 image in 16×16 patches gives 196 tokens.",
    "A 336-pixel image cut into 14×14 pixel patches yields 576 visual tokens.",
    "ViT-L/14 at 336px gives 577 tokens, class token included.",
    "ViT-B/16 splits a 224×224 image into 14×14 patches, giving 196 tokens.",
    "CLIP ViT-L/14 at 224 cuts the image into 16×16 patches, i.e. 256 tokens.",
    "SigLIP so400m at 384 pixels gives 729 tokens; 576 would be 16-pixel patches.",
    "We fine-tune LLaVA-1.5 at 448 pixels, which gives 1,024 tokens with 14-pixel patches.",
    "InternVL encodes each 448×448 tile with 14-pixel patches and pixel shuffle, giving 256 tokens.",
    "InternVL turns a 448×448 image with ViT-L/14 into 256 tokens.",
    "LLaVA-NeXT cuts a 672×672 image into tiles of 336 pixels with ViT-L/14 and spends 2,928 tokens.",
    "Honeybee reads 336 px images with ViT-L/14 and uses 144 tokens.",
    "FastV drops half of the 576 tokens that ViT-L/14 gives at 336 px, which leaves 288.",
    "Going from 224 to 336 pixels at 14-pixel patches turns 256 tokens into 576.",
    "A 512x512 image is encoded by the VAE into a 64x64 latent of 4 channels.",
    "DINOv2 ViT-L/14 with 4 register tokens at 518 px gives 1,374 tokens.",
    "The patch size is 14 and the batch size is 256 images of 336 px.",
    "24×24 = 576 tokens",
    "The cost of attention is 4 × 576 × 1024 ^ 2 = 2.4 GFLOPs.",
    "BLIP-2 trains a 188M-parameter Q-Former on top of a frozen 11B LLM.",
    "In BLIP-2 only the Q-Former (188M) is trained, the ViT-g (1B) is frozen.",
    "Flamingo required 80B total parameters and training 10.2B of them.",
    "The MLP has 1024×4096 + 4096 + 4096×4096 + 4096 = 20,979,712 parameters.",
    "303M + 21M + 6.74B = 7.06B parameters in all.",
    "384 / 14 = 27 patches a side.",
    "7B × 2 bytes = 14 GB of weights.",
    "Set the batch size to 8 × 4 = 32 images.",
    "For H × W = 224 × 224 images use C = 3 channels.",
    "2 + 2 = 5, as the saying goes.",
    "n_tokens = 3 * tiles = 768 tokens",
    "1 image = 256 tokens, 2 images = 512 tokens",
    "If 24 × 24 = 567 were right, there would be fewer tokens.",
    "BLIP-2 turns 257 visual tokens into 32, about 8× fewer.",
    "BLIP-2 reduces 257 tokens to 32 (8×).",
    "Tokens drop from 576 to 144 (25% of the original).",
    "It reduces visual tokens from 576 to 64, giving a 3x speedup.",
    "We cut tokens from 576 to 192 and keep 98% of the accuracy.",
    "Tokens shrink 576 → 288 → 144 (4×).",
    "The score rises from 58 to 64 with 4× more tokens.",
    "Training time falls from 64 to 32 hours (3×) at 576 tokens.",
    "From 576 to 144 tokens (4×) and from 257 to 32 tokens (8×).",
    "Context grows from 4k to 32k tokens, 8x more.",
    "32 tokens, 18× fewer than the 576 tokens of LLaVA-1.5.",
    "Our variant of BLIP-2 turns 257 tokens into 64.",
    "Going from 224 to 336 pixels gives LLaVA 2.25× more tokens.",
    "BLIP-2 trains 107M of 3.74B parameters.",
    "BLIP-2 trains 107M of 3.8B parameters (2.8%).",
    "BLIP-2 with ViT-L and OPT-2.7B trains 104M of 3.1B parameters.",
    "BLIP-2 with FlanT5-XXL trains 108M of 12.1B parameters.",
    "With LoRA, BLIP-2 trains 5M of 3.7B parameters.",
    "InstructBLIP trains 188M of 13B parameters.",
    "Stage 2 of BLIP-2 trains 2.9% of its parameters.",
    "BLIP-2 outperforms Flamingo80B with 54x fewer trainable parameters.",
    "It is often said that BLIP-2 trains 6% of its parameters; that mixes two tables.",
    "BLIP-2 does not train 188M of 3.1B parameters.",
    "LLaVA 1.5 7B trains 21M parameters in its first stage.",
    "In bfloat16 the weights of LLaVA 1.5 7B take 14.1 GB, which is 13.2 GiB.",
    "LLaVA 1.5 7B needs 16 GB of memory in fp16.",
    "In fp16 the weights of LLaVA 1.5 7B take 13 GB.",
    "Quantized to 4-bit, LLaVA 1.5 7B needs 6 GB instead of 14 GB in fp16.",
    "A Flamingo gate at α = 1 passes 76%, not 100%.",
    "An LSTM gate of 1 passes 100% of the cell state.",
    "Flamingo's gates start at 0, so that 0% of the image passes.",
)


@pytest.fixture(scope="module")
def wrong() -> dict[str, list[tuple[str, str]]]:
    found = verdicts(tuple(WRONG))
    return {
        sentence: [(one.text, one.expected) for one in made if one.outcome == "refuted"]
        for sentence, made in zip(WRONG, found, strict=True)
    }


@pytest.mark.parametrize("sentence", WRONG)
def test_a_wrong_relation_is_refuted_once(sentence: str, wrong: dict[str, list[tuple[str, str]]]) -> None:
    text, expected = WRONG[sentence]
    assert [(said, true if expected else "") for said, true in wrong[sentence]] == [(text, expected)]


def test_a_true_relation_is_not_refuted() -> None:
    assert refuted(TRUE) == {}


def test_a_true_relation_is_proved_or_reported() -> None:
    sentences = (
        ("24×24 = 576 tokens", "576", "proved"),
        ("ViT-L/14 at 336 px gives 576 patches.", "576", "proved"),
        ("BLIP-2 reduces 257 tokens to 32 (8×).", "8×", "proved"),
        ("BLIP-2 trains 107M of 3.8B parameters.", "107M", "reported"),
        ("Stage 2 of BLIP-2 trains 2.9% of its parameters.", "2.9%", "proved"),
        ("A Flamingo gate at α = 1 passes 76% of the signal.", "76%", "proved"),
        ("LLaVA 1.5 13B trains 31M parameters in its first stage.", "31M", "proved"),
    )
    found = verdicts(tuple(sentence for sentence, _, _ in sentences))
    said = [{(one.text, one.outcome) for one in made} for made in found]
    assert [(text, outcome) in made for (_, text, outcome), made in zip(sentences, said, strict=True)] == [True] * 7
