"""CLIP: two towers, their alignment and their comparison wired together.

Shapes: N images, B texts, T tokens of a text.
"""

from __future__ import annotations

from torch import Tensor

from . import inputs
from .alignment import JointProjection
from .checkpoint import Checkpointed, undisturbed
from .config import Config
from .encoder import VisionTransformer
from .fusion import Contrastive, Similarity
from .layers import initialize
from .released import RELEASED
from .text_encoder import TextTransformer


class Model(Checkpointed):
    """Images and texts in, how well each image fits each text out."""

    config_class = Config
    released = RELEASED

    @undisturbed
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.encoder = VisionTransformer(
            image_size=config.encoder.image_size, patch_size=config.encoder.patch_size,
            channels=config.encoder.channels, dim=config.encoder.dim, layers=config.encoder.layers,
            heads=config.encoder.heads, mlp_dim=config.encoder.mlp_dim, activation=config.encoder.activation,
            norm_eps=config.encoder.norm_eps, class_token=config.encoder.class_token,
            patch_bias=config.encoder.patch_bias, pre_norm=config.encoder.pre_norm,
            attention_pooling=config.encoder.attention_pooling, feature_layer=config.encoder.feature_layer,
            features=config.encoder.features, feature_norm=config.encoder.feature_norm,
        )  # fmt: skip
        self.text_encoder = TextTransformer(
            vocab_size=config.text_encoder.vocab_size, context=config.text_encoder.context,
            dim=config.text_encoder.dim, layers=config.text_encoder.layers, heads=config.text_encoder.heads,
            mlp_dim=config.text_encoder.mlp_dim, activation=config.text_encoder.activation,
            norm_eps=config.text_encoder.norm_eps, causal=config.text_encoder.causal,
            pooling=config.text_encoder.pooling, eos_token=config.text_encoder.eos_token,
        )  # fmt: skip
        self.alignment = JointProjection(
            dim=config.alignment.dim, vision_dim=config.encoder.dim, text_dim=config.text_encoder.dim,
        )  # fmt: skip
        self.fusion = Contrastive(
            loss=config.fusion.loss, logit_scale_init=config.fusion.logit_scale_init,
            logit_bias=config.fusion.logit_bias,
        )  # fmt: skip
        initialize(self)

    def forward(
        self, input_ids: Tensor, pixel_values: Tensor, attention_mask: Tensor | None = None, return_loss: bool = False
    ) -> Similarity:
        """Compares every image with every text.

        Args:
            input_ids: (B,T).
            pixel_values: (N,C,height,width), normalised.
            attention_mask: (B,T), 1 at real tokens; None: all are real.
            return_loss: the contrastive loss besides, image i and text i being a pair.

        Raises:
            ValueError: ids, masks or images that do not fit, with both numbers.
        """
        text = self.config.text_encoder
        inputs.check_text(input_ids, attention_mask, vocab_size=text.vocab_size, context=text.context)
        inputs.check_images(pixel_values)
        images_ND = self.alignment.vision(self.encoder(pixel_values))
        texts_BD = self.alignment.text(self.text_encoder(input_ids, attention_mask))
        similarity: Similarity = self.fusion(images_ND, texts_BD, return_loss=return_loss)
        return similarity
