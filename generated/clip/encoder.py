"""A vision transformer at a fixed resolution (CLIP, SigLIP, EVA): square images in, their features out.

Shapes: N images, P tokens of an image (class token included), D width.
Sources: ViT, arXiv:2010.11929; CLIP, arXiv:2103.00020; SigLIP, arXiv:2303.15343.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .layers import Block, Context, LayerNorm, PatchEmbedding


class VisionTransformer(nn.Module):
    """Reads one layer's output: all tokens, the patches, or one pooled vector.

    Blocks after the layer that is read, and a final norm or pooling head that is not read, belong to the released
    checkpoint: they are kept and saved, never computed.
    """

    def __init__(
        self,
        *,
        image_size: int,
        patch_size: int,
        channels: int,
        dim: int,
        layers: int,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        class_token: bool,
        patch_bias: bool,
        pre_norm: bool,
        attention_pooling: bool,
        feature_layer: int,
        features: str,
        feature_norm: bool,
    ) -> None:
        super().__init__()
        self.depth = feature_layer if feature_layer >= 0 else layers + 1 + feature_layer
        if not 0 <= self.depth <= layers:
            raise ValueError(f"feature_layer {feature_layer} is not a layer of {layers}")
        if features == "pooled" and not (class_token or attention_pooling):
            raise ValueError("features are 'pooled', but there is neither a class token nor a pooling head")
        self.image_size = image_size
        self.features = features
        self.feature_norm = feature_norm
        self.patch_embedding = PatchEmbedding(dim, patch_size=patch_size, channels=channels, bias=patch_bias)
        self.class_token = nn.Parameter(torch.empty(dim)) if class_token else None
        # Then the last block that is read computes nothing else behind its attention.
        self.only_class = class_token and features == "pooled" and not attention_pooling
        # Pixels beyond the last whole patch are not seen (SigLIP: 384 = 27 · 14 + 6).
        self.positions = nn.Parameter(torch.empty((image_size // patch_size) ** 2 + class_token, dim))
        self.pre_norm = LayerNorm(dim, eps=norm_eps) if pre_norm else None
        self.blocks = nn.ModuleList(
            Block(dim, heads=heads, mlp_dim=mlp_dim, activation=activation, norm_eps=norm_eps) for _ in range(layers)
        )
        self.norm = LayerNorm(dim, eps=norm_eps)

    def forward(self, pixel_values: Tensor) -> Tensor:
        """Encode images.

        Args:
            pixel_values: (N, C, image_size, image_size), normalised as the checkpoint expects.

        Returns:
            (N, P, D), without the class token where `features` is "patches"; (N, D) where it is "pooled".

        Raises:
            ValueError: images of another size; the positions are learned for this one.
        """
        height, width = pixel_values.shape[-2:]
        if (height, width) != (self.image_size, self.image_size):
            expected = f"{self.image_size}×{self.image_size} px"
            raise ValueError(f"images are {height}×{width} px, the encoder takes {expected}")
        x_NPD = self._embed(pixel_values)
        if self.pre_norm is not None:
            x_NPD = self.pre_norm(x_NPD)
        for index, block in enumerate(self.blocks[: self.depth], start=1):
            if self.only_class and index == self.depth:
                first_N = torch.arange(0, x_NPD.shape[0] * x_NPD.shape[1], x_NPD.shape[1], device=x_NPD.device)
                return self._read(block(x_NPD, Context(read=first_N)).transpose(0, 1))
            x_NPD = block(x_NPD)
        return self._read(x_NPD)

    def _embed(self, pixel_values: Tensor) -> Tensor:
        """Patches, after the class token where there is one, and where they lie: (N, P, D)."""
        x_NPD: Tensor = self.patch_embedding(pixel_values.to(self.positions.dtype))
        if self.class_token is not None:
            x_NPD = torch.cat([self.class_token.expand(x_NPD.shape[0], 1, -1), x_NPD], dim=1)
        return x_NPD + self.positions

    def _read(self, x_NPD: Tensor) -> Tensor:
        """What the next part reads of the tokens."""
        if self.features == "pooled":
            x_NPD = x_NPD[:, 0]
        elif self.features == "patches" and self.class_token is not None:
            x_NPD = x_NPD[:, 1:]
        return self.norm(x_NPD) if self.feature_norm else x_NPD
