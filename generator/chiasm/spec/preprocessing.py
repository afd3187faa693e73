"""Kinds of preprocessing and of the prompt: image files and text in, tensors and ids out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chiasm.spec.kind import Count, Kind, Ratio

Triple = tuple[float, float, float]
Resample = Literal["bicubic", "bilinear", "lanczos"]


class FixedImages(Kind):
    """Resize (and crop) to one square, rescale to 0…1, normalise."""

    slot, name, anchor = "preprocessing", "fixed_images", "encoders#preprocessing-to-a-square"
    component, cls, config = "fixed_images", "FixedImages", "FixedImagesConfig"
    wiring = {"image_size": "encoder.image_size"}

    resize: Literal["shortest_edge", "exact", "pad"] = Field(
        description="shortest edge to the size and centre crop, both sides to the size, or pad to a square first"
    )
    resample: Resample = Field(description="interpolation")
    rescale: Ratio = Field(description="factor on 0…255")
    mean: Triple = Field(description="subtracted, a channel")
    std: Triple = Field(description="divided by, a channel")


class NativeImages(Kind):
    """Round both sides to a multiple within an area, cut into patches ordered by merge blocks."""

    slot, name, anchor = "preprocessing", "native_images", "encoders#preprocessing-at-native-resolution"
    component, cls, config = "native_images", "NativeImages", "NativeImagesConfig"
    wiring = {
        "patch_size": "encoder.patch_size",
        "temporal_patch_size": "encoder.temporal_patch_size",
        "merge_size": "encoder.merge_size",
        "min_pixels": "budget.min_pixels",
        "max_pixels": "budget.max_pixels",
    }

    resample: Resample = Field(description="interpolation")
    rescale: Ratio = Field(description="factor on 0…255")
    mean: Triple = Field(description="subtracted, a channel")
    std: Triple = Field(description="divided by, a channel")


class Chat(Kind):
    """How a question about images becomes a text: `{image}` and `{prompt}` are filled in."""

    slot, name, anchor = "prompt", "chat", "fusion#prompts"
    config = "PromptConfig"

    template: str = Field(description="`{image}` once an image, `{prompt}` once; `\\n` is a line break")
    image: str = Field(description="the text that stands for one image before expansion")
    placeholder: str = Field(description="the token repeated once a visual token; empty where the tokenizer has none")
    images_first: bool = Field(default=False, description="visual tokens come before everything, even the begin token")
    add_special_tokens: bool = Field(default=True, description="the tokenizer adds its own begin token")


class PromptNone(Kind):
    """No prompt: texts are encoded as they are (contrastive towers)."""

    slot, name, anchor = "prompt", "plain", "fusion#plain-prompt"
    config = "PlainPromptConfig"

    pad_to: Count = Field(default=0, description="texts are padded to this length; 0: to the longest")
