"""LLaVA: encoder, alignment, fusion and language model wired together.

Shapes: B batch, T tokens, V visual tokens of all images, D width of the language model, A position axes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import inputs, ops, positions
from .alignment_linear import LinearProjector
from .alignment_mlp import MLPProjector
from .cache import Cache
from .checkpoint import Checkpointed, undisturbed
from .config import Config, LinearConfig
from .encoder import VisionTransformer
from .fusion import Splice
from .generation import Generation
from .language_model import Llama
from .layers import initialize
from .released import RELEASED


class Output(NamedTuple):
    """What a forward pass gives; with labels the logits are None unless they are asked for."""

    logits: Tensor | None
    loss: Tensor | None


class Model(Generation, Checkpointed):
    """Ids and images in, logits or the loss out."""

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
        self.alignment = _alignment(config)
        self.fusion = Splice()
        self.language_model = Llama(
            vocab_size=config.language_model.vocab_size, context=config.language_model.context,
            dim=config.language_model.dim, layers=config.language_model.layers, heads=config.language_model.heads,
            kv_heads=config.language_model.kv_heads, head_dim=config.language_model.head_dim,
            mlp_dim=config.language_model.mlp_dim, activation=config.language_model.activation,
            norm_eps=config.language_model.norm_eps, rope_theta=config.language_model.rope_theta,
            tied=config.language_model.tied, qkv_bias=config.language_model.qkv_bias,
            out_bias=config.language_model.out_bias, mlp_bias=config.language_model.mlp_bias,
            qk_norm=config.language_model.qk_norm, mrope_sections=config.language_model.mrope_sections,
            pad_token=config.language_model.pad_token,
        )  # fmt: skip
        initialize(self)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        position_ids: Tensor | None = None,
        labels: Tensor | None = None,
        logits_to_keep: int | Tensor = 0,
        return_logits: bool = False,
        mm_token_type_ids: Tensor | None = None,
    ) -> Output:
        """Logits (B,T,vocabulary), or with labels the mean loss over the next tokens.

        Args:
            input_ids: (B,T); one placeholder a visual token.
            attention_mask: (B,T), 1 at real tokens, padding on either side; None: all are real. Read on the host only.
            pixel_values: normalised images of all rows, in reading order; None: text only.
            position_ids: (B,T) or (A,B,T); None: as the reference counts.
            labels: (B,T), -100 where nothing is learned. On the host they are read, and only labelled tokens cost.
            logits_to_keep: only the last so many tokens' logits (0: all), or those at these places.
            return_logits: logits besides the loss.
            mm_token_type_ids: accepted since processors make it; placeholders are known by their id.

        Raises:
            ValueError: ids, masks, images and placeholders that do not fit, with both numbers.
        """
        given = (input_ids, attention_mask, pixel_values, position_ids, mm_token_type_ids, labels)
        next_M = None if labels is None else F.pad(labels[:, 1:], (0, 1), value=ops.IGNORED).flatten()
        if next_M is not None and not return_logits:
            read_R = positions.labelled(next_M)
            rows, unembedding = self.language_model.tables
            hidden = self.hidden(*given, read=read_R, rows=rows)
            return Output(None, _loss(hidden, unembedding, next_M if read_R is None else next_M[read_R]))
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        every = isinstance(logits_to_keep, int) and logits_to_keep == 0
        if next_M is not None or every:
            hidden_BTD = self.hidden(*given)
            loss = None if next_M is None else _loss(hidden_BTD, self.language_model.tables[1], next_M)
            return Output(self.language_model.logits(hidden_BTD[:, kept]), loss)
        places_BR = torch.arange(input_ids.numel(), device=input_ids.device).view_as(input_ids)[:, kept]
        hidden_RD = self.hidden(*given, read=places_BR.flatten())
        return Output(self.language_model.logits(hidden_RD.view(*places_BR.shape, -1)), None)

    def hidden(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        position_ids: Tensor | None = None,
        mm_token_type_ids: Tensor | None = None,
        labels: Tensor | None = None,
        cache: Cache | None = None,
        read: Tensor | None = None,
        rows: Tensor | None = None,
    ) -> Tensor:
        """What the head reads: (B,T,D), or only these places (R) of the flattened (B·T): (R,D), zero at padding.

        With a cache, keys and values are kept in it; labels say what must be run, `rows` what ids are looked up in.
        """
        del mm_token_type_ids
        text, token = self.config.language_model, self.config.fusion.image_token
        inputs.check_text(input_ids, attention_mask, vocab_size=text.vocab_size, context=text.context, also=token)
        inputs.check_labels(labels, input_ids, vocab_size=text.vocab_size)
        where_BT = inputs.placeholders(input_ids, token)
        # A placeholder's own embedding is never read, and its id may lie beyond the table.
        x_BTD = self.language_model.embed(input_ids.masked_fill(where_BT, 0), rows)
        if pixel_values is None:
            inputs.check_placeholders(where_BT, [])
        else:
            visual = self._look(where_BT, pixel_values)
            x_BTD = self.fusion(x_BTD, visual, where_BT)
        positions_ABT = self._positions(where_BT, attention_mask, position_ids)
        packing, mask = positions.layout(attention_mask, input_ids.device, labels=labels)
        slots = None if cache is None else cache.prompt(positions_ABT, packing)
        read_R, real_R1 = None if read is None else read.to(x_BTD.device), None
        if packing is not None:
            x_BTD, where_BT = packing.pack(x_BTD), packing.pack(where_BT)
            positions_ABT = torch.stack([packing.pack(axis_BT) for axis_BT in positions_ABT])
            read_R, real_R1 = (None, None) if read_R is None else packing.locate(read_R)
        segments = None if packing is None else packing.segments
        context = self.language_model.context(positions_ABT, mask=mask, segments=segments, slots=slots)
        x_BTD = self.language_model.begin(x_BTD, positions_ABT)
        x_BTD = self.language_model(x_BTD, context, read=read_R)
        if read_R is not None:
            return x_BTD[0] if real_R1 is None else x_BTD[0] * real_R1
        return x_BTD if packing is None else packing.unpack(x_BTD)

    def _look(self, where_BT: Tensor, pixel_values: Tensor) -> Tensor:
        """Images to visual tokens, (images, tokens of each, D)."""
        inputs.check_images(pixel_values)
        visual: Tensor = self.alignment(self.encoder(pixel_values))
        if inputs.readable(where_BT):
            # A list of that length would be compiled in.
            inputs.check_placeholders(where_BT, [visual.shape[1]] * visual.shape[0])
        return visual

    def _positions(self, where_BT: Tensor, attention_mask: Tensor | None, position_ids: Tensor | None) -> Tensor:
        """Positions of all tokens on every axis: (A,B,T)."""
        if position_ids is not None:
            if position_ids.shape[-2:] != where_BT.shape:
                shapes = f"{tuple(position_ids.shape)}, input_ids {tuple(where_BT.shape)}"
                raise ValueError(f"position_ids have the shape {shapes}")
            return position_ids[None] if position_ids.ndim == 2 else position_ids
        return positions.sequential(attention_mask, where_BT)


def _loss(hidden: Tensor, unembedding: Tensor, next_M: Tensor) -> Tensor:
    """Mean cross-entropy of the next token after each place: hidden (…,D) of M places, ids or -100 (M)."""
    return ops.linear_cross_entropy(hidden.flatten(0, -2), unembedding, next_M)


def _alignment(config: Config) -> nn.Module:
    """The alignment that the configuration describes."""
    if isinstance(config.alignment, LinearConfig):
        return LinearProjector(
            bias=config.alignment.bias, in_dim=config.encoder.dim, out_dim=config.language_model.dim,
        )  # fmt: skip
    return MLPProjector(
        activation=config.alignment.activation, bias=config.alignment.bias, in_dim=config.encoder.dim,
        out_dim=config.language_model.dim,
    )  # fmt: skip
