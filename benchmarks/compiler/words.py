"""Writes prose that reads like a survey's: a seeded generator of random numbers in, sentences and blocks out.

Nothing is claimed here: the words are drawn from lists, so that a page has the length, the marks and the
repetition of a real one.
"""

from __future__ import annotations

from random import Random

SUBJECTS = (
    "the encoder",
    "the projection",
    "a projection",
    "the language model",
    "token pruning",
    "the vision tower",
    "the fused sequence",
    "a learned query",
    "the placeholder",
    "cross-attention",
    "the position table",
    "a tile",
    "the thumbnail",
    "the decoder",
)
VERBS = (
    "keeps",
    "changes",
    "reads",
    "compresses",
    "repeats",
    "ignores",
    "orders",
    "interpolates",
    "mixes",
    "splits",
    "bounds",
    "hides",
    "rotates",
    "shares",
    "normalises",
)
OBJECTS = (
    "the features of every patch",
    "what the text asks for",
    "the resolution of the image",
    "its own positions",
    "the width of the next layer",
    "one vector for each region",
    "the order of rows and columns",
    "the context that is left",
    "the statistics of its training images",
    "the same weights for all tiles",
    "details that small objects need",
)
LINKS = ("because", "so that", "although", "while", "whenever", "unless")
TOPICS = (
    "Ragged batches",
    "Token pruning",
    "Position tables",
    "Query transformers",
    "Tiles and thumbnails",
    "Frozen towers",
    "Prefix caches",
    "Gated layers",
    "Visual vocabularies",
    "Aspect ratios",
    "Instruction data",
    "Attention masks",
)
SECTIONS = (
    "Background",
    "Method",
    "Trade-offs",
    "Measurements",
    "Failure modes",
    "Related pages",
    "Open questions",
    "In practice",
)
CODE = (
    "def pooled(x_BTD, factor):\n    B, T, D = x_BTD.shape\n    return x_BTD.view(B, T // factor, factor, D).mean(2)",
    "for layer in layers:\n    x = x + layer.attention(layer.norm(x))\n    x = x + layer.mlp(layer.mlp_norm(x))",
    "scores = queries @ keys.transpose(-1, -2)\nkept = scores.amax(1).topk(budget).indices.sort().values",
    "grid = torch.stack(torch.meshgrid(rows, columns, indexing='ij'), -1)\nangles = grid[..., None] * frequencies",
)
FORMULAS = (r"\sqrt{d_k}", r"W_2\,\sigma(W_1 x)", r"N = h w / p^2", r"O(T^2 d)", r"\alpha \tanh(g)", r"p(y \mid x, v)")


def sentence(random: Random) -> str:
    """One sentence, with a mark of emphasis, code or mathematics now and then."""
    first = f"{random.choice(SUBJECTS)} {random.choice(VERBS)} {random.choice(OBJECTS)}"
    second = f"{random.choice(SUBJECTS)} {random.choice(VERBS)} {random.choice(OBJECTS)}"
    draw = random.random()
    if draw < 0.10:
        second = f"*{second}*"
    elif draw < 0.18:
        name = f"{random.choice(SUBJECTS).split()[-1]}_{random.randrange(90)}"
        second = f"`{name}` {random.choice(VERBS)} {random.choice(OBJECTS)}"
    elif draw < 0.22:
        second = f"${random.choice(FORMULAS)}$ {random.choice(VERBS)} {random.choice(OBJECTS)}"
    return f"{first[0].upper()}{first[1:]} {random.choice(LINKS)} {second}"


def wrapped(text: str, width: int = 120) -> str:
    """The text in lines of about `width`; broken at spaces outside brackets and code, as a person would."""
    lines, line, depth, code = [], "", 0, False
    for character in text:
        depth += (character in "[(") - (character in ")]")
        code ^= character == "`"
        if character == " " and len(line) > width - 20 and not depth and not code:
            lines.append(line)
            line = ""
        else:
            line += character
    return "\n".join([*lines, line])


def fence(random: Random) -> str:
    """A code block that is marked as an illustration."""
    return f"```python illustrative\n{random.choice(CODE)}\n```"


def bullets(random: Random, count: int) -> str:
    """A list; every third item has a nested one."""
    lines = []
    for number in range(count):
        lines.append(f"* **{random.choice(TOPICS)}.** {sentence(random)}.")
        if number % 3 == 2:
            lines.extend(f"  * {sentence(random)}." for _ in range(2))
    return "\n".join(lines)


def grid(random: Random, rows: int) -> str:
    """A table without a claim in it."""
    lines = ["| setting | kept | cost | note |", "|---|--:|--:|---|"]
    lines.extend(
        f"| {random.choice(TOPICS).lower()} | {random.randrange(2, 64)} of {random.randrange(64, 900)} "
        f"| {random.uniform(1, 90):.1f} ms | {sentence(random).lower()} |"
        for _ in range(rows)
    )
    return "\n".join(lines)
