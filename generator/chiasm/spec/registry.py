"""Every kind by slot and name, chiasm's own and those that installed packages register (entry point `chiasm.kinds`)."""

from __future__ import annotations

from chiasm.spec import alignment, budget, encoder, fusion, language_model, preprocessing, training
from chiasm.spec.kind import Kind

OWN: tuple[type[Kind], ...] = (
    encoder.ViT, encoder.NativeViT, encoder.TextTransformer,
    alignment.Linear, alignment.MLP, alignment.QFormer, alignment.PatchMerger, alignment.JointProjection,
    fusion.Splice, fusion.DeepStack, fusion.Contrastive,
    budget.Fixed, budget.Dynamic, budget.NoTokens,
    language_model.Llama, language_model.OPT,
    preprocessing.FixedImages, preprocessing.NativeImages, preprocessing.Chat, preprocessing.PromptNone,
    training.Stages, training.QFormerFirstStage, training.Positioning,
)
