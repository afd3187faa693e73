"""Qwen3-VL: encoder, alignment, fusion and language model wired together.

Shapes: B batch, T tokens, V visual tokens of all images, D width of the language model, A position axes.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from . import inputs, ops, positions
from .alignment import PatchMerger
from .cache import Cache
from .checkpoint import Checkpointed, undisturbed
from .config import Config
from .encoder import NativeVisionTransformer
from .fusion import DeepStack
from .generation import Generation
from .language_model import Llama
from .layers import Visual, initialize, taken
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
        self.encoder = NativeVisionTransformer(
            patch_size=config.encoder.patch_size, temporal_patch_size=config.encoder.temporal_patch_size,
            channels=config.encoder.channels, merge_size=config.encoder.merge_size, dim=config.encoder.dim,
            layers=config.encoder.layers, heads=config.encoder.heads, mlp_dim=config.encoder.mlp_dim,
            activation=config.encoder.activation, norm_eps=config.encoder.norm_eps, positions=config.encoder.positions,
            rope_theta=config.encoder.rope_theta, taps=config.encoder.taps,
        )  # fmt: skip
        self.alignment = PatchMerger(
            activation=config.alignment.activation, norm_eps=config.alignment.norm_eps, in_dim=config.encoder.dim,
            out_dim=config.language_model.dim, merge_size=config.encoder.merge_size, taps=len(config.encoder.taps),
        )  # fmt: skip
        self.fusion = DeepStack(layers=len(config.encoder.taps))
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
        image_grid_thw: Tensor | None = None,
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
            pixel_values: normalised patches of all images, in reading order; None: text only.
            image_grid_thw: (N,3), patches of each image: time, height, width; None: text only.
            position_ids: (B,T) or (A,B,T); None: as the reference counts.
            labels: (B,T), -100 where nothing is learned. On the host they are read, and only labelled tokens cost.
            logits_to_keep: only the last so many tokens' logits (0: all), or those at these places.
            return_logits: logits besides the loss.
            mm_token_type_ids: accepted since processors make it; placeholders are known by their id.

        Raises:
            ValueError: ids, masks, images and placeholders that do not fit, with both numbers.
        """
        given = (input_ids, attention_mask, pixel_values, image_grid_thw, position_ids, mm_token_type_ids, labels)
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
        image_grid_thw: Tensor | None = None,
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
            inputs.check_padding(where_BT, attention_mask)
            visual = self._look(where_BT, pixel_values, image_grid_thw)
            x_BTD = self.fusion(x_BTD, visual.tokens, where_BT)
        positions_ABT = self._positions(where_BT, attention_mask, image_grid_thw, position_ids)
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

        def after(layer: int, x_BTD: Tensor) -> Tensor:
            return x_BTD if pixel_values is None else self.fusion.after(layer, x_BTD, visual.deep, where_BT)

        if read_R is not None and self.fusion.layers >= len(self.language_model.layers):
            # Behind the last layer, features are added to all of its tokens.
            x_BTD = taken(self.language_model(x_BTD, context, after=after), read_R)
        else:
            x_BTD = self.language_model(x_BTD, context, after=after, read=read_R)
        if read_R is not None:
            return x_BTD[0] if real_R1 is None else x_BTD[0] * real_R1
        return x_BTD if packing is None else packing.unpack(x_BTD)

    def _look(self, where_BT: Tensor, pixel_values: Tensor, image_grid_thw: Tensor | None) -> Visual:
        """Images to visual tokens (V,D) and to those of the first layers."""
        inputs.check_images(pixel_values)
        if image_grid_thw is None:
            raise ValueError(f"{len(pixel_values)} patches came without image_grid_thw, which says how they lie")
        merge = self.config.encoder.merge_size
        inputs.check_grid(image_grid_thw, merge)
        if inputs.readable(image_grid_thw):
            inputs.check_placeholders(where_BT, [patches // merge**2 for patches in image_grid_thw.prod(-1).tolist()])
        visual: Visual = self.alignment(self.encoder(pixel_values, image_grid_thw))
        return visual

    def _positions(
        self,
        where_BT: Tensor,
        attention_mask: Tensor | None,
        image_grid_thw: Tensor | None,
        position_ids: Tensor | None,
    ) -> Tensor:
        """Positions of all tokens on every axis: (A,B,T)."""
        if position_ids is not None:
            if position_ids.shape[-2:] != where_BT.shape:
                shapes = f"{tuple(position_ids.shape)}, input_ids {tuple(where_BT.shape)}"
                raise ValueError(f"position_ids have the shape {shapes}")
            # The reference may put the text's own positions before time, height and width.
            return position_ids[None] if position_ids.ndim == 2 else position_ids[-3:]
        if image_grid_thw is not None:
            return positions.multimodal(where_BT, attention_mask, image_grid_thw, self.config.encoder.merge_size)
        return positions.sequential(attention_mask, where_BT)


def _loss(hidden: Tensor, unembedding: Tensor, next_M: Tensor) -> Tensor:
    """Mean cross-entropy of the next token after each place: hidden (…,D) of M places, ids or -100 (M)."""
    return ops.linear_cross_entropy(hidden.flatten(0, -2), unembedding, next_M)
