"""Contrastive fusion: two pooled embeddings compared by cosine; no token of one tower meets a token of the other.

Shapes: N images, M texts, D width of the joint space. Sources: CLIP, arXiv:2103.00020; SigLIP, arXiv:2303.15343.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Similarity(NamedTuple):
    """What two towers say about each other: logits (N, M) and (M, N), unit vectors (N, D) and (M, D), the loss."""

    logits_per_image: Tensor
    logits_per_text: Tensor
    image_embeds: Tensor
    text_embeds: Tensor
    loss: Tensor | None


class Contrastive(nn.Module):
    """Cosine similarity times a learned scale, kept as its logarithm so that it stays positive."""

    def __init__(self, *, loss: str, logit_scale_init: float, logit_bias: bool) -> None:
        super().__init__()
        if loss not in {"softmax", "sigmoid"}:
            raise ValueError(f"loss is {loss!r}, expected 'softmax' or 'sigmoid'")
        self.loss = loss
        self.logit_scale_init = logit_scale_init
        self.logit_scale = nn.Parameter(torch.empty(()))
        self.logit_bias = nn.Parameter(torch.empty(())) if logit_bias else None

    def initialize(self) -> None:
        """Start at the published scale and, with a bias, at zero."""
        nn.init.constant_(self.logit_scale, self.logit_scale_init)
        if self.logit_bias is not None:
            nn.init.zeros_(self.logit_bias)

    def forward(self, image_ND: Tensor, text_MD: Tensor, *, return_loss: bool = False) -> Similarity:
        """Compare every image with every text; the loss takes image i and text i as a pair, so N = M there."""
        image_ND = F.normalize(image_ND, dim=-1)
        text_MD = F.normalize(text_MD, dim=-1)
        logits_MN = text_MD @ image_ND.t() * self.logit_scale.exp()
        loss = self._loss(logits_MN) if return_loss else None
        return Similarity(logits_MN.t(), logits_MN, image_ND, text_MD, loss)

    def _loss(self, logits_MN: Tensor) -> Tensor:
        texts, images = logits_MN.shape
        if texts != images:
            raise ValueError(f"the contrastive loss needs pairs: {images} images, {texts} texts")
        if self.loss == "softmax":
            target_N = torch.arange(texts, device=logits_MN.device)
            return (F.cross_entropy(logits_MN, target_N) + F.cross_entropy(logits_MN.t(), target_N)) / 2
        # Each of the N² pairs is its own decision: +1 on the diagonal, -1 elsewhere.
        sign_NN = 2 * torch.eye(texts, dtype=logits_MN.dtype, device=logits_MN.device) - 1
        return -F.logsigmoid(sign_NN * logits_MN).sum(-1).mean()
