"""What the parts of a kind are made of, and how sentences call them: said once, by kind."""

from __future__ import annotations

PROJECTS = frozenset(
    {"linear", "mlp", "patch_merger", "hybrid_projector", "visual_embedding_table", "joint_projection"}
)
NORMS = {
    "vit": "LayerNorm",
    "native_vit": "LayerNorm",
    "aspect_vit": "LayerNorm",
    "text_transformer": "LayerNorm",
    "q_former": "LayerNorm",
    "patch_merger": "LayerNorm",
    "visual_embedding_table": "LayerNorm",
    "opt": "LayerNorm",
    "persimmon": "LayerNorm",
    "mpt": "LayerNorm",
    "multiway": "LayerNorm",
    "llama": "RMSNorm",
}
"""The norm of a kind's layers, where all systems of the kind have the same."""
BARE = frozenset(
    {"linear", "mlp", "splice", "deepstack", "contrastive", "fixed", "none", "dynamic", "joint_projection"}
)
"""Kinds without a norm of their own."""
SECTIONS = {
    "opt": ("language_model", "opt"),
    "llama-family": ("language_model", "llama"),
    "persimmon": ("language_model", "persimmon"),
    "patch-merger": ("alignment", "patch_merger"),
    "q-former": ("alignment", "q_former"),
    "q-former-first-stage": ("alignment", "q_former"),
    "perceiver-resampler": ("alignment", "perceiver_resampler"),
    "mlp-projection": ("alignment", "mlp"),
    "linear-projection": ("alignment", "linear"),
    "visual-embedding-table": ("alignment", "visual_embedding_table"),
    "joint-projection": ("alignment", "joint_projection"),
    "vision-transformer": ("encoder", "vit"),
    "native-resolution-vision-transformer": ("encoder", "native_vit"),
    "text-transformer": ("text_encoder", "text_transformer"),
    "gated-cross-attention": ("fusion", "gated_cross_attention"),
    "deepstack": ("fusion", "deepstack"),
}
"""Sections of concept pages that describe one kind: its slot and its name."""
CALLED = {
    "linear": "one linear layer",
    "mlp": "an MLP",
    "q_former": "a Q-Former",
    "perceiver_resampler": "a perceiver resampler",
    "patch_merger": "a patch merger",
    "hybrid_projector": "two projections that are joined",
    "visual_embedding_table": "a visual embedding table",
    "joint_projection": "one matrix a tower",
    "none": "nothing",
}
"""How a connector is called in a sentence."""
