"""Kinds of the fusion slot: where visual and text tokens meet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chiasm.spec.kind import Count, Kind, Positive


class Splice(Kind):
    """Visual tokens take the places of placeholder tokens in the sequence; plain causal attention does the rest."""

    slot, name, anchor = "fusion", "splice", "fusion#token-splice"
    component, cls, config = "splice", "Splice", "SpliceConfig"
    facts = frozenset({"model_type", "image_token"})
    gates = {"splice": "model_type"}

    image_token: Count | None = Field(description="id of the placeholder token; null where the text has none")
    model_type: str = Field(description="what released configurations call it")


class DeepStack(Kind):
    """A token splice, and features of earlier encoder blocks added at the same places after the first layers."""

    slot, name, anchor = "fusion", "deepstack", "fusion#deepstack"
    component, cls, config = "deepstack", "DeepStack", "DeepStackConfig"
    facts = frozenset({"model_type", "image_token", "video_token", "vision_start_token", "vision_end_token"})
    wiring = {"layers": "len(encoder.taps)"}
    gates = {"deepstack": "layers", "splice": "model_type"}

    image_token: Count = Field(description="id of the image placeholder token")
    video_token: Count = Field(description="id of the video placeholder token")
    vision_start_token: Count = Field(description="id of the token before an image")
    vision_end_token: Count = Field(description="id of the token after an image")
    layers: Positive = Field(description="language-model layers after which features are added: 0 … n-1")
    model_type: str = Field(description="what released configurations call it")


class Contrastive(Kind):
    """Two pooled embeddings compared by cosine: no token of one tower ever meets a token of the other."""

    slot, name, anchor = "fusion", "contrastive", "fusion#contrastive"
    component, cls, config = "contrastive", "Contrastive", "ContrastiveConfig"
    facts = frozenset({"model_type"})
    gates = {"logit_bias": "logit_bias"}

    loss: Literal["softmax", "sigmoid"] = Field(
        description="softmax over the batch (CLIP) or a sigmoid a pair (SigLIP)"
    )
    logit_scale_init: float = Field(description="initial log of the logit scale")
    logit_bias: bool = Field(default=False, description="a learned bias is added to the logits")
    model_type: str = Field(description="what released configurations call it")
