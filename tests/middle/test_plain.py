"""Sentences that strangers write about systems: what is wrong is refuted, and nothing that may be right is."""

from __future__ import annotations

import pytest

from chiasm.claims import claims
from chiasm.document import parse
from chiasm.judging.plain.names import mentions
from chiasm.judging.plain.naming import named
from chiasm.judging.plain.unlinked import number_verdict
from chiasm.judging.verdict import Verdict
from chiasm.source import Source, source
from tests.middle.base import run, run_shipped, shipped

WRONG = [
    ("Flamingo has 80M parameters.", "80M"),
    ("LLaVA-1.5-7B has 7M parameters.", "7M"),
    ("The projector of LLaVA-1.5-7B has 21B parameters.", "21B"),
    ("BLIP-2's Q-Former has 64 queries.", "64"),
    ("The Q-Former of BLIP-2 uses 16 learnable query tokens.", "16"),
    ("In Flamingo the perceiver resampler outputs 32 latents.", "32"),
    ("Flamingo-9B resamples every image to 128 visual tokens.", "128"),
    ("Idefics uses a resampler with 32 latents.", "32"),
    ("OpenFlamingo compresses each image into 32 visual tokens.", "32"),
    ("Qwen3-VL has a context window of 128K tokens.", "128K"),
    ("Qwen3-VL-8B-Instruct supports a 32k context.", "32k"),
    ("LLaVA-1.5-7B has a context length of 2048 tokens.", "2048"),
    ("llava-v1.5-13b: context length 8192", "8192"),
    ("Fuyu-8B has a context of 2,048 tokens.", "2,048"),
    ("The language model of LLaVA-1.5-7B has 40 layers.", "40"),
    ("LLaVA-1.5-13B's language model has 32 layers.", "32"),
    ("LLaVA-1.5-13B is a decoder with 48 layers.", "48"),
    ("The vision encoder of LLaVA-1.5-7B has 32 layers.", "32"),
    ("Qwen3-VL-32B's LLM has 48 layers.", "48"),
    ("BLIP-2 OPT-2.7B has a language model with 24 layers.", "24"),
    ("In BLIP-2 (OPT-6.7B) the LLM has a hidden size of 2560.", "2560"),
    ("Qwen3-VL-4B uses a hidden size of 3584.", "3584"),
    ("Qwen3-VL uses a patch size of 14.", "14"),
    ("Qwen3-VL splits images into 14×14 pixel patches.", "14"),
    ("Fuyu-8B uses a patch size of 16.", "16"),
    ("BLIP-2 uses patches of 16×16 pixels.", "16"),
    ("LLaVA-1.5 takes 448×448 images.", "448"),
    ("LLaVA-1.5 has an input resolution of 224.", "224"),
    ("LLaVA 1.0 produces 576 visual tokens per image.", "576"),
    ("LLaVA-1.5 turns each image into 256 tokens.", "256"),
    ("DeepSeek-VL spends 729 tokens per image.", "729"),
    ("LLaVA-NeXT needs 576 tokens per image.", "576"),
    ("Idefics2 turns an image into 128 visual tokens.", "128"),
    ("CLIP ViT-L/14 has 12 attention heads in its vision encoder.", "12"),
    ("CLIP's text encoder has a context length of 512.", "512"),
    ("The vision tower of CLIP ViT-L/14 has 32 layers.", "32"),
    ("SigLIP-SO400M has 24 layers in its vision encoder.", "24"),
    ("siglip-so400m-patch14-384 returns 576 image tokens.", "576"),
    ("BEiT-3 large has 12 attention heads in its decoder.", "12"),
    ("LLaVA-1.5-7B has 188B parameters.", "188B"),
    ("LLaVA 1.5 7B has 13B parameters in total.", "13B"),
    ("Idefics2-8B has 30B parameters.", "30B"),
    ("BLIP-2's Q-Former has 107B parameters.", "107B"),
    ("While Flamingo has 64 latents, BLIP-2 has 64 queries.", "BLIP-2 has 64"),
    ("Flamingo has 64 latents; BLIP-2, in contrast, has 64 queries.", "contrast, has 64"),
    ("BLIP-2 is small. It has 64 queries.", "64"),
    ("# BLIP-2\n\nThe Q-Former has 64 queries.", "64"),
    ("# VLMs\n\n## Qwen3-VL\n\n- Context: 32K\n- Patch size: 14\n", "32K"),
    ("# VLMs\n\n## Qwen3-VL\n\n- Context: 32K\n- Patch size: 14\n", "14"),
    ("| Model | Context length | Visual tokens |\n|---|---|---|\n| LLaVA-1.5-7B | 2048 | 576 |", "2048"),
    ("| Model | Context length | Visual tokens |\n|---|---|---|\n| LLaVA-1.5-7B | 4096 | 144 |", "144"),
    ("| Model | #Queries |\n|---|---|\n| BLIP-2 | 64 |\n| Flamingo | 64 |", "BLIP-2 | 64"),
    ("| | BLIP-2 | Flamingo |\n|---|---|---|\n| Queries | 32 | 32 |", "32 | 32"),
    ("## LLaVA-1.5-7B\n\n| property | value |\n|---|---|\n| Vision tokens | 256 |\n", "256"),
    ("| Model | LLM layers | Hidden size |\n|---|---|---|\n| Qwen3-VL-8B | 32 | 4096 |", "32"),
    ("| Model | LLM layers | Hidden size |\n|---|---|---|\n| Qwen3-VL-8B | 36 | 5120 |", "5120"),
    ("| Model | Patch size |\n|---|---|\n| Fuyu-8B | 14 |", "14"),
    ("Both are simple, but BLIP-2 has 64 queries.", "64"),
    ("BLIP-2 encodes an image with a 64-query Q-Former.", "64"),
    ("Idefics2's perceiver outputs 32 latents for each image.", "32"),
    ("BLIP-2's Q-Former has 16 attention heads.", "16"),
    ("BLIP-2's vision encoder has 39 attention heads.", "39"),
    ("In Qwen3-VL a patch is 14 pixels wide.", "14"),
    ("LLaVA-NeXT cuts an image into at most 9 tiles.", "9"),
    ("Ovis 2.5 has a visual vocabulary of 131,072 words.", "131,072"),
]
"""A sentence and the number in it that is wrong, with what stands before it where the number occurs twice."""

RIGHT = [
    "The 80B Flamingo has 10M parameters more.",
    "A LLaVA-1.5-7B adapter has 12M parameters.",
    "LLaVA-1.5-7B has 131M parameters in its LM head.",
    "Flamingo adds about 10M parameters.",
    "| Queries in BLIP-2 | CIDEr |\n|---|---|\n| 16 | 110 |\n| 32 | 120 |\n| 64 | 121 |",
    "We ablate the number of queries in BLIP-2: 8, 16, 32, 64.",
    "With 5 tiles of 576 tokens LLaVA-NeXT reaches 2880 tokens.",
    "Qwen3-VL's context can be set to 32768 with --max-model-len 32768.",
    "BLIP-2's Q-Former has 32 queries, and its vision encoder 39 layers.",
    "BLIP-2 with FlanT5-XL has a language model with 24 layers.",
    "BLIP-2 ViT-L has 24 layers in its vision encoder.",
    "InstructBLIP has 64 queries.",
    "InstructBLIP builds on BLIP-2. It has 64 queries.",
    "# BLIP-2\n\n## InstructBLIP\n\nThe Q-Former has 64 queries.",
    "LLaVA-OneVision uses 729 tokens per image, LLaVA-1.5 uses 576.",
    "LLaVA-1.6-34B has a language model with 60 layers.",
    "LLaVA-NeXT-34B has a hidden size of 7168.",
    "MiniCLIP has 6 layers in its vision encoder.",
    "CLIPSeg uses a patch size of 16.",
    "CLIP ViT-B/16 uses a patch size of 16 and gives 196 patches at 224 pixels.",
    "CLIP RN50 has a hidden size of 2048.",
    "CLIP uses a patch size of 16.",
    "SigLIP-B/16 at 224 has 196 tokens and 12 layers in its encoder.",
    "SigLIP base has 12 layers in its vision encoder.",
    "SigLIP 2 uses a patch size of 16.",
    "Qwen2.5-VL uses a patch size of 14.",
    "Qwen3-VL-235B-A22B has a language model with 94 layers.",
    "Qwen3-VL-30B-A3B has a hidden size of 2048.",
    "Qwen3-VL has a hidden size of 2048.",
    "Qwen3-VL is trained at a context of 32k tokens in stage S2.",
    "Qwen3-VL has a native context of 256K tokens, extensible to 1M.",
    "Qwen3-VL can be extended to a context of 1M tokens.",
    "We fine-tune Qwen3-VL with a context window of 32k.",
    "We replace the Q-Former of BLIP-2 by one with 64 queries.",
    "Based on LLaVA-1.5 we use 144 tokens per image.",
    "Our model follows LLaVA-1.5 but uses 64 visual tokens.",
    "If BLIP-2 had 64 queries, it would be slower.",
    "Does BLIP-2 have 64 queries?",
    "BLIP-2 has 32 queries, not 64.",
    "Unlike BLIP-2, our model has 64 queries.",
    "MiniGPT-4 uses the Q-Former of BLIP-2. It has 64 queries in its second version.",
    "Compared to BLIP-2, Otter-9B uses 64 latents.",
    "Kosmos-2 has 64 latents; BLIP-2 is smaller.",
    "BLIP-2 and Flamingo use 32 and 64 queries, respectively.",
    "LLaVA-1.5 has 576 visual tokens (577 with the class token).",
    "LLaVA-1.5's CLIP tower returns 577 tokens.",
    "In LLaVA-1.5, 24×24 patches become 576 visual tokens.",
    "LLaVA 1.0 cuts an image into 16×16 patches.",
    "CLIP ViT-L/14 makes 256 patches at 224 pixels, 257 tokens with the class token.",
    "LLaVA-NeXT spends 576 tokens per tile, and 2,880 tokens for four tiles and the base image.",
    "LLaVA-NeXT uses 576 tokens for the base image.",
    "LLaVA-UHD spends 64 tokens per slice.",
    "Idefics2 spends 64 tokens per image, 320 with image splitting.",
    "Idefics2 splits an image into 4 crops, each of 64 tokens.",
    "DeepStack injects features into the first 3 layers of the language model of Qwen3-VL-8B.",
    "Qwen3-VL-8B takes features from 3 layers of the vision encoder.",
    "Qwen3-VL merges 2×2 patches into one token.",
    "Flamingo-80B has an 80-layer language model, with 12 gated cross-attention layers.",
    "Flamingo inserts cross-attention every 7 layers.",
    "We train LLaVA-1.5-7B with a batch size of 128 for 2 epochs on 8 GPUs.",
    "BLIP-2 was trained on 129M images with 16 A100 GPUs.",
    "LLaVA-1.5-7B scores 78.5 on VQAv2 and 62.0 on GQA.",
    "LLaVA-1.5-7B generates up to 512 tokens at 30 tokens per second.",
    "Generate 256 tokens with LLaVA-1.5-7B.",
    "LLaVA-1.5-7B has 7B parameters, BLIP-2 3.8B.",
    "LLaVA-1.5-7B has a 7B language model and a 304M vision encoder.",
    "LLaVA-1.5-7B: the projector has 21M parameters.",
    "Fuyu-8B has 8B parameters.",
    "Idefics-80B has 80B parameters.",
    "BLIP-2 has 188M trainable parameters in stage 1.",
    "Flamingo-80B has 10B trainable parameters.",
    "LLaVA-1.5-7B needs 16 GB of memory.",
    "The vocabulary of LLaVA-1.5-7B has 32,000 entries.",
    "The vocabulary of LLaVA-1.5-7B has 32,064 rows.",
    "LLaVA-1.5-7B has a hidden size of 4096 and its MLP a width of 11008.",
    "LLaVA-1.5-7B uses LoRA with a rank of 128 on all 32 layers.",
    "We unfreeze the last 4 layers of the language model of LLaVA-1.5-7B.",
    "LLaVA-1.5-HD takes 448×448 images.",
    "LLaVA-1.5 can be adapted to 448 px images.",
    "| Model | Context |\n|---|---|\n| InstructBLIP | 512 |\n| BLIP-2 | 2048 |",
    "# BLIP-2\n\n| Model | Queries |\n|---|---|\n| Ours | 64 |\n| Baseline | 144 |",
    "| Model | VQAv2 | Tokens |\n|---|---|---|\n| Ours (LLaVA-1.5 + pruning) | 70.1 | 64 |",
    "| Method | Visual tokens |\n|---|---|\n| LLaVA-1.5 | 576 |\n| FastV | 192 |\n| VisionZip | 64 |",
    "# Pruning LLaVA-1.5\n\n| Method | Visual tokens |\n|---|---|\n| FastV | 192 |",
    "With token pruning, LLaVA-1.5 keeps 64 visual tokens.",
    "VisionZip reduces LLaVA-1.5 to 64 visual tokens.",
    "FastV drops half of the visual tokens of LLaVA-1.5 after layer 2, so 288 visual tokens are left.",
    "TokenPacker uses 144 visual tokens, a quarter of LLaVA-1.5's.",
    "Models such as LLaVA-1.5 with 144 visual tokens are faster.",
    'The paper "LLaVA-1.5 with 144 visual tokens" appeared in 2024.',
    "> BLIP-2 has 64 queries.\n",
    "`BLIP-2 has 64 queries`",
    "```\nBLIP-2 has 64 queries.\n```\n",
    "The original Flamingo paper describes 32 frames at most.",
    "Flamingo is trained with 8 frames, and reads 30 frames in evaluation.",
    "See LLaVA issue 576, section 64, page 32.",
    "BLIP-2 came out on 2023-01-30, four months before LLaVA.",
    "Set num_queries to 64 to make BLIP-2 larger.",
    "python train.py --model BLIP-2 --num-queries 64",
    "The flamingo lives in flocks of 32 heads.",
    "A clip of 64 frames has 64 tokens.",
    "A quantized LLaVA-1.5-7B with 30 layers left.",
    "LLaVA-1.5-7B with 8-bit weights takes 7 GB.",
    "BLIP-2's second model has 64 queries in the ablation.",
    "LLaVA-1.5-7B-Pruned-16L has 16 layers.",
    "Video-LLaVA uses 8 frames of 256 tokens.",
    "ShareGPT4V-7B extends LLaVA-1.5. Its vision encoder has 24 layers.",
    "BLIP-2 uses 16 attention heads in its vision encoder.",
    "CogVLM has 1,225 visual tokens per image, whereas LLaVA-1.5 has 576.",
    "Like BLIP-2, Emu-2 hands on 64 visual tokens per image.",
    "MM1-30B uses 144 visual tokens per image; in LLaVA-1.5 it is 576.",
    "Apart from LLaVA-1.5, InternVL2-8B spends 256 tokens per image.",
    "LLaVA-NeXT uses up to 2,880 visual tokens per image, without the ends of rows.",
    "LLaVA-1.5 at 224 resolution uses 256 tokens.",
    "Inference with LLaVA-1.5-7B: 2048 tokens prompt, 128 tokens output, 32 sequences.",
    "LLaVA-1.5-7B int4: 4 bits, 8 GB, 22 tokens/s.",
    "Qwen3-VL with a 32K context fits on one 24 GB GPU.",
    "Run Qwen3-VL-8B with a context size of 8192 tokens.",
    "ollama run qwen3-vl:8b with 4K context by default",
    "BLIP-2's query tokens were varied between 16 and 64 queries.",
    "Matryoshka LLaVA-1.5 uses 1, 9, 36, 144 or 576 visual tokens per image.",
    "MobileVLM has 144 visual tokens, 4x fewer than LLaVA-1.5.",
    "LLaVA-1.5 (which has 576 visual tokens) is slower than our method with 64 visual tokens.",
    "The vision encoder of BLIP-2 can be ViT-L/14 (24 layers) or ViT-g/14 (39 layers).",
    "SigLIP comes in B/16, L/16 and So400m/14. SigLIP L/16 at 384 gives 576 tokens.",
    "SigLIP So400m/14 at 224 px gives 256 tokens.",
    "BEiT-3 giant has 40 layers, a hidden size of 1408 and 16 attention heads.",
    "# LLaVA-1.5\n\n## Our changes\n\nThe projector now outputs 144 tokens.",
    "# LLaVA-1.5 for medical images\n\nEach image is resized to 512×512 and gives 1024 visual tokens.",
    "# Fine-tuning Qwen3-VL\n\nContext length: 8192\n\n| parameter | value |\n|---|---|\n| context length | 4096 |\n",
    "# Deploying LLaVA-1.5\n\n- context length: 2048\n- image tokens: 576",
    "# LLaVA-1.5 Token Pruning\n\nOnly 64 visual tokens are kept.",
    "| Tower | Resolution | Tokens |\n|---|---|---|\n| CLIP ViT-L/14 | 224 | 256 |\n| SigLIP SO400M/14 | 224 | 256 |",
    "| Model | LLM | Image tokens |\n|---|---|---|\n| BLIP-2 (Vicuna-13B) | 13B | 32 |\n| Qwen-VL-Chat | 7B | 256 |",
    "| | Flamingo-3B | Flamingo-80B |\n|---|---|---|\n| LM layers | 24 | 80 |\n| Cross-attention layers | 24 | 12 |",
]
"""Sentences that are true, or may be, or are about something else."""


def verdicts(text: str) -> list[tuple[str, int, Verdict]]:
    """Every number's line, column and verdict on a stranger's page."""
    graph = run_shipped().graph
    read = source("stranger/README.md", (text if text.startswith("#") else f"# Notes\n\n{text}\n").encode())
    assert isinstance(read, Source)
    page = claims(parse(read), foreign=True)[0]
    made = (number_verdict(graph, page, number) for number in page.numbers)
    return [(read.lines[one.span.line - 1], one.span.column, one) for one in made]


@pytest.mark.parametrize(("text", "wrong"), WRONG)
def test_what_is_wrong_is_refuted(text: str, wrong: str) -> None:
    refuted = [(line, column) for line, column, one in verdicts(text) if one.outcome == "refuted"]
    number = wrong.rpartition(" ")[2]
    assert any(
        line[: column - 1 + len(number)].endswith(wrong) and line[column - 1 :].startswith(number)
        for line, column in refuted
    ), [(one.text, one.outcome, one.reason) for _, _, one in verdicts(text)]


@pytest.mark.parametrize("text", RIGHT)
def test_nothing_else_is(text: str) -> None:
    assert [(one.text, one.reason) for _, _, one in verdicts(text) if one.outcome == "refuted"] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LLaVA-1.5 and llava-v1.5-13b", [("llava", ("1.5-7b", "1.5-13b")), ("llava", ("1.5-13b",))]),
        ("LLaVA 1.5 7B", [("llava", ("1.5-7b",))]),
        ("LLaVA-v1.6-34B, LLaVA-OneVision, LLaVA OneVision", [("", ()), ("", ()), ("", ())]),
        ("LLaVA-1.6 (Vicuna-7B) and LLaVA-NeXT", [("llava-next", ("vicuna-7b",)), ("llava-next", ())]),
        ("BLIP2, BLIP-3, InstructBLIP", [("blip-2", ())]),
        ("BLIP-2 ViT-g OPT-2.7B", [("blip-2", ("opt-2.7b",))]),
        ("CLIP ViT-L/14@336px", [("clip", ()), ("clip", ("vit-l-14-336",))]),
        ("CLIPSeg, MiniCLIP, EVA-CLIP, OpenCLIP", [("", ()), ("", ())]),
        ("openai/clip-vit-large-patch14-336", [("clip", ("vit-l-14-336",))]),
        ("clip a video clip of a flamingo", []),
        ("Qwen3-VL-8B-Instruct, Qwen3-VL-235B, Qwen2.5-VL", [("qwen3-vl", ("8b",)), ("", ())]),
        ("SigLIP-SO400M, SigLIP2, SigLIP 2", [("siglip", ("so400m-14-384",)), ("", ()), ("", ())]),
        ("Flamingo-80B, OpenFlamingo-9B", [("flamingo", ("80b",)), ("openflamingo", ("9b",))]),
        ("Video-LLaVA, TinyLLaVA, LLaVA-style, CLIP-based", [("", ())] * 3),
        ("LLaVA/Flamingo", [("llava", ()), ("flamingo", ())]),
    ],
)
def test_names(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [one[2:] for one in mentions(run_shipped().graph, text)] == found


def test_names_are_those_of_the_base_at_hand() -> None:
    """A page outlives the base that it was judged in: another may know more systems."""
    page = {"knowledge/surveys/notes.md": "# Notes\n\nBLIP-2 has 64 learned queries.\n"}
    few = {path: text for path, text in shipped().items() if "/models/" not in path or path.endswith("/clip.md")}
    bases = [run({**texts, **page}).graph for texts in (few, shipped(), few)]
    passages = [base.claims["knowledge/surveys/notes.md"].passages[-1] for base in bases]
    assert passages[0] is passages[1]
    known = [[one.system for one in named(base, one)] for base, one in zip(bases, passages, strict=True)]
    assert known[1] == ["blip-2"]
    assert known[0] == known[2] != known[1]
