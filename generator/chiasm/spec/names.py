"""Which modules of a generated package hold a part that parameters are counted by; a part not named is its own."""

from __future__ import annotations

from collections.abc import Mapping

MODULES: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]] = {
    ("encoder", "vit"): {"patches": ("patch_embedding",)},
    ("encoder", "native_vit"): {"patches": ("patch_embedding",)},
    ("alignment", "mlp"): {"proj": ("up", "down")},
    ("alignment", "q_former"): {"blocks": ("norm", "blocks")},
    ("alignment", "joint_projection"): {"vision": ("vision_proj",), "text": ("text_proj",)},
    ("language_model", "llama"): {"blocks": ("layers",)},
    ("language_model", "opt"): {"blocks": ("layers",)},
}
"""By slot and kind: part → names of tensors and modules within the slot's."""
