"""What meanings speak of: for each the facts that its words mean, and those of its unit that they may mean too."""

from __future__ import annotations

Places = tuple[tuple[str, str], ...]

SIDED = ("encoder", "text_encoder", "alignment", "fusion", "language_model")
TOKENS: Places = (
    ("budget", "image_tokens"),
    ("budget", "vision_tokens"),
    ("budget", "tile_tokens"),
    ("budget", "max_image_tokens"),
    ("alignment", "num_queries"),
    ("encoder", "tokens"),
)
CONTEXT: Places = (("language_model", "context"), ("text_encoder", "context"), ("alignment", "text_context"))
PX: Places = (
    ("encoder", "image_size"),
    ("encoder", "patch_size"),
    ("budget", "tile_size"),
    ("budget", "max_height"),
    ("budget", "max_width"),
    ("encoder", "high_image_size"),
    ("encoder", "low_image_size"),
    ("encoder", "high_patch_size"),
    ("encoder", "low_patch_size"),
    ("encoder", "max_side"),
    ("encoder", "min_side"),
    ("budget", "factor"),
    ("encoder", "window"),
)
DIMS = ("dim", "in_dim", "joint_dim", "projection_dim", "branch_dim", "high_dim", "low_dim")
MEANT: dict[str, Places] = {
    "context": CONTEXT[:2],
    "queries": (("alignment", "num_queries"),),
    "image_tokens": (("budget", "image_tokens"), ("budget", "vision_tokens"), ("budget", "max_image_tokens")),
    "tokens": TOKENS,
    "tile_tokens": (("budget", "tile_tokens"),),
    "patch_size": (("encoder", "patch_size"), ("encoder", "high_patch_size"), ("encoder", "low_patch_size")),
    "patch_side": (("encoder", "patch_size"), ("encoder", "high_patch_size"), ("encoder", "low_patch_size")),
    "image_size": (
        ("encoder", "image_size"),
        ("encoder", "high_image_size"),
        ("encoder", "low_image_size"),
        ("budget", "tile_size"),
    ),
    "pixels": PX,
    "tile_size": (("budget", "tile_size"),),
    "token_side": (("budget", "factor"),),
    "tiles": (("budget", "max_tiles"),),
    "layers": tuple((slot, "layers") for slot in SIDED),
    "heads": tuple((slot, "heads") for slot in SIDED),
    "kv_heads": tuple((slot, "kv_heads") for slot in SIDED),
    "dim": tuple((slot, "dim") for slot in SIDED),
    "mlp_dim": tuple((slot, "mlp_dim") for slot in SIDED),
    "head_dim": tuple((slot, "head_dim") for slot in SIDED),
    "vocab": tuple((slot, name) for slot in SIDED for name in ("vocab_size", "text_vocab_size", "logits")),
    "patches": (),
    "grid": (),
    "parameters": (),
}
"""Facts that a meaning speaks of."""
WIDER: dict[str, Places] = {
    "context": (*CONTEXT, *TOKENS),
    "image_tokens": TOKENS,
    "tokens": (*TOKENS, *CONTEXT),
    "tile_tokens": TOKENS,
    "image_size": PX,
    "tile_size": PX,
    "pixels": PX,
    "dim": tuple((slot, name) for slot in SIDED for name in DIMS),
    "heads": tuple((slot, name) for slot in SIDED for name in ("heads", "kv_heads", "high_heads", "low_heads")),
    "layers": tuple((slot, name) for slot in SIDED for name in ("layers", "high_layers", "low_layers")),
}
"""Facts of the same unit, which the same words may mean where they do not say of what."""
SIZED = frozenset({"layers", "heads", "kv_heads", "dim", "mlp_dim", "head_dim", "vocab", "context", "parameters"})
"""What sizes of one system differ in."""
SHAPED = frozenset({"image_tokens", "tokens", "patches", "patch_size", "patch_side", "image_size", "pixels"})
"""What towers of one contrastive system differ in."""
