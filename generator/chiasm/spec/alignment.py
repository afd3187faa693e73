"""Kinds of the alignment slot: encoder features in, tokens of the language model's width out."""

from __future__ import annotations

from pydantic import Field

from chiasm.spec.kind import Activation, Count, Kind, Positive, Ratio


class Linear(Kind):
    """One linear layer from the encoder's width to the language model's."""

    slot, name, anchor = "alignment", "linear", "alignment#linear-projection"
    component, cls, config = "linear_projector", "LinearProjector", "LinearConfig"
    wiring = {"in_dim": "encoder.dim", "out_dim": "language_model.dim"}
    facts = frozenset({"model_type"})

    bias: bool = Field(description="the layer has a bias")
    model_type: str = Field(description="what released configurations call it")


class MLP(Kind):
    """Two linear layers with an activation between."""

    slot, name, anchor = "alignment", "mlp", "alignment#mlp-projection"
    component, cls, config = "mlp_projector", "MLPProjector", "MLPConfig"
    wiring = {"in_dim": "encoder.dim", "out_dim": "language_model.dim"}
    facts = frozenset({"model_type"})

    activation: Activation = Field(description="between the layers")
    bias: bool = Field(description="both layers have a bias")
    model_type: str = Field(description="what released configurations call it")


class QFormer(Kind):
    """Learned queries that read the encoder by cross-attention in a BERT, then one linear layer."""

    slot, name, anchor = "alignment", "q_former", "alignment#q-former"
    component, cls, config = "q_former", "QFormer", "QFormerConfig"
    wiring = {"in_dim": "encoder.dim", "out_dim": "language_model.dim"}
    facts = frozenset({"model_type"})
    gates = {"text_branch": "text_vocab_size"}

    num_queries: Positive = Field(description="learned queries: the tokens an image becomes")
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLPs")
    activation: Activation = Field(description="activation of the MLPs")
    norm_eps: Ratio = Field(description="epsilon of every LayerNorm")
    cross_attention_every: Positive = Field(description="blocks 0, n, 2n … read the image")
    text_vocab_size: Count = Field(default=0, description="rows of the text branch's token table (first stage only)")
    text_context: Count = Field(default=0, description="positions of the text branch (first stage only)")
    model_type: str = Field(description="what released configurations call it")


class PatchMerger(Kind):
    """Concatenates merge × merge neighbouring patches, then two linear layers; one more merger a tap (DeepStack)."""

    slot, name, anchor = "alignment", "patch_merger", "alignment#patch-merger"
    component, cls, config = "patch_merger", "PatchMerger", "PatchMergerConfig"
    wiring = {
        "in_dim": "encoder.dim",
        "out_dim": "language_model.dim",
        "merge_size": "encoder.merge_size",
        "taps": "len(encoder.taps)",
    }
    facts = frozenset({"model_type"})

    activation: Activation = Field(description="between the layers")
    norm_eps: Ratio = Field(description="epsilon of the LayerNorms")
    model_type: str = Field(description="what released configurations call it")


class JointProjection(Kind):
    """Both towers' pooled vectors projected into one space, without bias."""

    slot, name, anchor = "alignment", "joint_projection", "alignment#joint-projection"
    component, cls, config = "joint_projection", "JointProjection", "JointProjectionConfig"
    wiring = {"vision_dim": "encoder.dim", "text_dim": "text_encoder.dim"}
    facts = frozenset({"model_type"})

    dim: Positive = Field(description="width of the joint space")
    model_type: str = Field(description="what released configurations call it")
