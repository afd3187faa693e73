"""Kinds of training stages and positioning facets: what is trained, on what, how; how a system is placed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chiasm.spec.kind import Count, Kind, Positive, Ratio


class Stages(Kind):
    """Training in named stages; one column a stage instead of a variant, every field optional."""

    slot, name, anchor = "training", "stages", "training#stages"
    columns = "stage"

    trained: tuple[str, ...] | None = Field(default=None, description="slots whose weights change")
    frozen: tuple[str, ...] | None = Field(default=None, description="slots whose weights do not")
    objective: str | None = Field(default=None, description="the loss")
    learning_rate: Ratio | None = Field(default=None, description="peak learning rate")
    min_learning_rate: Ratio | None = Field(default=None, description="where the schedule ends")
    batch_size: Positive | None = Field(default=None, description="global batch")
    steps: Positive | None = Field(default=None, description="optimizer steps")
    warmup_steps: Positive | None = Field(default=None, description="warm-up steps")
    samples: Positive | None = Field(default=None, description="pairs or images seen")
    tokens: Positive | None = Field(default=None, description="training tokens")
    sequence_length: Positive | None = Field(default=None, description="tokens a sequence")
    weight_decay: float | None = Field(default=None, description="AdamW's", ge=0, le=1)


class QFormerFirstStage(Kind):
    """BLIP-2's first stage: image-text contrast, matching and grounded generation on one Q-Former."""

    slot, name, anchor = "training", "q_former_first_stage", "training#q-former-first-stage"
    component, cls, config = "first_stage", "FirstStageHeads", "FirstStageConfig"
    wiring = {"image_token": "fusion.image_token"}

    joint_dim: Positive = Field(description="width of the contrastive space")
    temperature_init: Ratio | None = Field(default=None, description="initial temperature of the contrastive loss")


class Positioning(Kind):
    """Facets by which surveys place a system; all optional, none a constructor argument."""

    slot, name, anchor = "positioning", "facets", "fusion#positioning"

    year: Count | None = Field(default=None, description="year of the first publication")
    encoding: Literal["pretrained encoder", "raw patches"] | None = None
    alignment: Literal["projection", "resampling", "text-conditioned", "none"] | None = None
    fusion: Literal["interleaved", "cross-attention", "modality experts", "contrastive"] | None = None
    fusion_stage: Literal["early", "mid", "late"] | None = None
    query_aware: bool | None = Field(default=None, description="the visual tokens depend on the question")
    fixed_budget: bool | None = Field(default=None, description="every image costs the same number of tokens")
    interpretable: bool | None = Field(default=None, description="what was kept can be read off")
    language_model_frozen: bool | None = Field(default=None, description="the language model's weights never change")
