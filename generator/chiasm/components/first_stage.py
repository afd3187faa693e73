"""BLIP-2's first stage: image and text contrasted, matched, and one generated from the other, on one Q-Former.

Shapes: N images, B texts, Q queries, T text tokens, D width of the Q-Former, J of the joint space, V vocabulary.
Sources: arXiv:2301.12597 §3.2 and Fig. 2; losses as in LAVIS, lavis/models/blip2_models/{blip2_qformer,Qformer}.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import ops
from .layers import LayerNorm, Linear

MASKS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "ITC": {("query", "query"): "all", ("query", "text"): "none", ("text", "query"): "none", ("text", "text"): "all"},
    "ITM": {("query", "query"): "all", ("query", "text"): "all", ("text", "query"): "all", ("text", "text"): "all"},
    "ITG": {("query", "query"): "all", ("query", "text"): "none", ("text", "query"): "all", ("text", "text"): "causal"},
}
"""Task → (reader, read) → what the reader sees of it: the three tasks differ in nothing else."""

Memory = list[Tensor | None]
"""Keys and values of the images, of each block of the Q-Former that reads them; images first."""

SMOOTHING = 0.1
"""Label smoothing of contrast and generation (LAVIS)."""


class Contrast(NamedTuple):
    """Best cosine of an image's queries with a text, (N, B) and (B, N), and the unit vectors (N, Q, J) and (B, J)."""

    logits_per_image: Tensor
    logits_per_text: Tensor
    image_embeds: Tensor
    text_embeds: Tensor


class Losses(NamedTuple):
    """The three losses, and their sum."""

    itc: Tensor
    itm: Tensor
    itg: Tensor
    loss: Tensor


def task_mask(task: str, queries: int, real_BT: Tensor) -> Tensor:
    """Who sees whom: (B, 1, Q + T, Q + T), True where the row may look at the column; padding is seen by itself only.

    Args:
        task: "ITC", "ITM" or "ITG".
        queries: Q; queries come first.
        real_BT: True at text that is not padding.
    """
    sizes = {"query": queries, "text": real_BT.shape[1]}
    rows = [
        torch.cat([_block(MASKS[task][reader, read], sizes[reader], sizes[read], real_BT) for read in sizes], dim=1)
        for reader in sizes
    ]
    seen_SS = torch.cat(rows)
    real_BS = F.pad(real_BT, (queries, 0), value=True)
    # A softmax over nothing would be NaN.
    itself_SS = torch.eye(seen_SS.shape[0], dtype=torch.bool, device=real_BT.device)
    return ((seen_SS & real_BS[:, None]) | itself_SS)[:, None]


def _block(seen: str, rows: int, columns: int, like: Tensor) -> Tensor:
    block = torch.full((rows, columns), seen != "none", dtype=torch.bool, device=like.device)
    return block.tril() if seen == "causal" else block


class QueryTransformer(Protocol):
    """What the heads need of a Q-Former with a text branch."""

    activation: str

    @property
    def queries(self) -> Tensor:
        """(Q, D)."""

    @property
    def norm(self) -> nn.LayerNorm:
        """The norm of its embeddings, whose epsilon is every norm's."""

    @property
    def text_embedding(self) -> nn.Embedding | None:
        """The token table (V, D)."""

    def memory(self, features_NPD: Tensor, /) -> Memory:
        """Keys and values of the images, of each block that reads them."""

    def read(self, memory: Memory, /) -> Tensor:
        """(N, Q, D): what the queries find without text."""

    def text(self, input_ids: Tensor, mask: Tensor | None, /) -> Tensor:
        """(B, T, D): texts alone."""

    def joint(self, memory: Memory, input_ids: Tensor, mask: Tensor | None, /) -> tuple[Tensor, Tensor]:
        """(B, Q, D) and (B, T, D): queries and text in one sequence."""


class FirstStageHeads(nn.Module):
    """Encoder and Q-Former under three heads.

    The released retrieval checkpoint has no temperature and no generation head: `optional` names what may be absent.
    """

    optional: ClassVar[tuple[str, ...]] = ("temperature", "generation.")
    reference: ClassVar[Mapping[str, object]] = {
        "architectures": ["Blip2ForImageTextRetrieval"],
        "qformer_config.use_qformer_text_input": True,
    }
    """What the released retrieval configuration says besides."""

    alignment: QueryTransformer

    def __init__(
        self,
        encoder: nn.Module,
        alignment: QueryTransformer,
        *,
        joint_dim: int,
        temperature_init: float | None,
        image_token: int | None = None,
    ) -> None:
        super().__init__()
        if alignment.text_embedding is None:
            raise ValueError("the first stage needs a Q-Former with a text branch")
        dim = alignment.queries.shape[1]
        self.encoder = encoder
        self.alignment = alignment
        self.image_token = image_token
        self.temperature_init = temperature_init
        self.vision_proj = Linear(dim, joint_dim)
        self.text_proj = Linear(dim, joint_dim)
        self.itm_head = Linear(dim, 2)
        self.temperature = None if temperature_init is None else nn.Parameter(torch.empty(()))
        self.generation = Generation(
            dim, alignment.text_embedding.num_embeddings, activation=alignment.activation, eps=alignment.norm.eps
        )

    def initialize(self) -> None:
        """The temperature starts at its published value."""
        if self.temperature is not None and self.temperature_init is not None:
            nn.init.constant_(self.temperature, self.temperature_init)

    def itc(self, input_ids: Tensor, attention_mask: Tensor | None, pixel_values: Tensor) -> Contrast:
        """Compare every image (N, C, H, W) with every text (B, T), padded on the right."""
        input_ids, real_BT = self._texts(input_ids, attention_mask)
        return self._contrast(self._look(pixel_values), input_ids, real_BT)

    def itm(self, input_ids: Tensor, attention_mask: Tensor | None, pixel_values: Tensor) -> Tensor:
        """Logits (B, 2) of text i not belonging, belonging to image i."""
        input_ids, real_BT = self._texts(input_ids, attention_mask)
        return self._match(self._look(pixel_values), input_ids, real_BT)

    def itg(self, input_ids: Tensor, attention_mask: Tensor | None, pixel_values: Tensor) -> Tensor:
        """Logits (B, T, V) of the token after each token of text i, given image i and the tokens before."""
        input_ids, real_BT = self._texts(input_ids, attention_mask)
        return self._generate(self._look(pixel_values), input_ids, real_BT)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        pixel_values: Tensor,
        *,
        negatives: tuple[Tensor, Tensor] | None = None,
        generator: torch.Generator | None = None,
    ) -> Losses:
        """The losses of pairs (image i, text i).

        Args:
            input_ids: (B, T), padded on the right.
            attention_mask: (B, T), 1 at real tokens; None when all are.
            pixel_values: (B, C, H, W).
            negatives: (B,) and (B,): for each text an image, for each image a text that does not belong to it.
                Drawn by similarity when None, the more alike the likelier.
            generator: where the draw takes its numbers from.
        """
        input_ids, real_BT = self._texts(input_ids, attention_mask)
        memory = self._look(pixel_values)
        similarity_BB = self._contrast(memory, input_ids, real_BT).logits_per_image
        if self.temperature is not None:
            similarity_BB = similarity_BB / self.temperature
        images_B, texts_B = draw_negatives(similarity_BB, generator) if negatives is None else negatives
        itc = contrastive_loss(similarity_BB)
        itm = self._matching_loss(memory, input_ids, real_BT, images_B, texts_B)
        itg = self._generation_loss(memory, input_ids, real_BT)
        return Losses(itc, itm, itg, itc + itm + itg)

    def _texts(self, input_ids: Tensor, attention_mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Ids and which of them are real, without the placeholders that processors put before a text."""
        real_BT = torch.ones_like(input_ids, dtype=torch.bool) if attention_mask is None else attention_mask.bool()
        skip = 0 if self.image_token is None else self.alignment.queries.shape[0]
        return input_ids[:, skip:], real_BT[:, skip:]

    def _look(self, pixel_values: Tensor) -> Memory:
        return self.alignment.memory(self.encoder(pixel_values))

    def _contrast(self, memory: Memory, input_ids: Tensor, real_BT: Tensor) -> Contrast:
        # Nothing passes between queries and text here, so either is read without the other.
        queries = self.alignment.queries.shape[0]
        mask = task_mask("ITC", queries, real_BT)[..., queries:, queries:]
        image_NQD = self.alignment.read(memory).to(self.vision_proj.weight.dtype)
        text_BD = self.alignment.text(input_ids, mask)[:, 0].to(self.text_proj.weight.dtype)
        image_NQJ = F.normalize(self.vision_proj(image_NQD), dim=-1)
        text_BJ = F.normalize(self.text_proj(text_BD), dim=-1)
        # The query that fits the text best speaks for the image.
        logits_NB = (image_NQJ @ text_BJ.t()).amax(dim=1)
        return Contrast(logits_NB, logits_NB.t(), image_NQJ, text_BJ)

    def _match(self, memory: Memory, input_ids: Tensor, real_BT: Tensor) -> Tensor:
        mask = task_mask("ITM", self.alignment.queries.shape[0], real_BT)
        query_BQD, _ = self.alignment.joint(memory, input_ids, mask)
        logits_BQ2: Tensor = self.itm_head(query_BQD.to(self.itm_head.weight.dtype))
        return logits_BQ2.mean(dim=1)

    def _generate(self, memory: Memory, input_ids: Tensor, real_BT: Tensor) -> Tensor:
        mask = task_mask("ITG", self.alignment.queries.shape[0], real_BT)
        _, text_BTD = self.alignment.joint(memory, input_ids, mask)
        table = self.alignment.text_embedding
        assert table is not None
        logits_BTV: Tensor = self.generation(text_BTD, table.weight)
        return logits_BTV

    def _matching_loss(
        self, memory: Memory, input_ids: Tensor, real_BT: Tensor, images_B: Tensor, texts_B: Tensor
    ) -> Tensor:
        """Each pair, each text with another image, each image with another text."""
        own_B = torch.arange(input_ids.shape[0], device=input_ids.device)
        images_M, texts_M = torch.cat([own_B, images_B, own_B]), torch.cat([own_B, own_B, texts_B])
        seen: Memory = [None if read is None else read[images_M] for read in memory]
        logits_M2 = self._match(seen, input_ids[texts_M], real_BT[texts_M])
        belongs_M = torch.cat([torch.ones_like(own_B), torch.zeros_like(own_B), torch.zeros_like(own_B)])
        return F.cross_entropy(logits_M2, belongs_M)

    def _generation_loss(self, memory: Memory, input_ids: Tensor, real_BT: Tensor) -> Tensor:
        """Each token from those before it, the first from [DEC]: the last row of the token table takes its place."""
        table = self.alignment.text_embedding
        assert table is not None
        ids_BT = torch.cat([torch.full_like(input_ids[:, :1], table.num_embeddings - 1), input_ids[:, 1:]], dim=1)
        logits_BTV = self._generate(memory, ids_BT, real_BT)
        labels_BT = ids_BT.masked_fill(~real_BT, ops.IGNORED)
        return F.cross_entropy(
            logits_BTV[:, :-1].flatten(0, 1),
            labels_BT[:, 1:].flatten(),
            ignore_index=ops.IGNORED,
            label_smoothing=SMOOTHING,
        )


class Generation(nn.Module):
    """BERT's prediction head: a layer, an activation, a norm, then the token table as the classifier."""

    def __init__(self, dim: int, vocab_size: int, *, activation: str, eps: float) -> None:
        super().__init__()
        ops.activation(activation)  # one that is known
        self.activation = activation
        self.dense = Linear(dim, dim)
        self.norm = LayerNorm(dim, eps=eps)
        self.bias = nn.Parameter(torch.empty(vocab_size))

    def forward(self, x_BTD: Tensor, table_VD: Tensor) -> Tensor:
        """(B, T, D) and the token table → logits (B, T, V)."""
        return F.linear(self.norm(ops.activate(self.dense(x_BTD), self.activation)), table_VD, self.bias)


def contrastive_loss(similarity_BB: Tensor) -> Tensor:
    """Each image finds its text among all texts, and each text its image: pairs are on the diagonal."""
    target_B = torch.arange(similarity_BB.shape[0], device=similarity_BB.device)
    by_image = F.cross_entropy(similarity_BB, target_B, label_smoothing=SMOOTHING)
    by_text = F.cross_entropy(similarity_BB.t(), target_B, label_smoothing=SMOOTHING)
    return (by_image + by_text) / 2


@torch.no_grad()
def draw_negatives(similarity_BB: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """For each text an image and for each image a text (B,) that is not its own, the more alike the likelier."""
    if similarity_BB.shape[0] < 2:
        raise ValueError("matching needs at least 2 pairs: a negative is another pair's image or text")
    own_BB = torch.eye(similarity_BB.shape[0], dtype=torch.bool, device=similarity_BB.device)
    # The least alike can be drawn too.
    image_of, text_of = (
        (scores.softmax(dim=1) + 1e-4).masked_fill(own_BB, 0).multinomial(1, generator=generator)[:, 0]
        for scores in (similarity_BB.t().float(), similarity_BB.float())
    )
    return image_of, text_of
