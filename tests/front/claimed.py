"""A page with everything a page can claim, and how tests read it."""

from __future__ import annotations

from chiasm.claims import Claims, claims
from chiasm.diagnostic import Diagnostic
from chiasm.document import parse
from chiasm.source import Source

PAGE = """# BLIP-2

Extends: [CLIP](clip.md#vit-l-14)

Thirty-two learned queries [@li2023blip2]. Stage 2 trains [107M parameters](#parameters "trainable, stage 2, opt-2.7b"),
[2.9%](#parameters "trainable / total, stage 2, opt-2.7b") of it [@li2023blip2] Table 2. It has 12 layers.

## Variants

| variant | released as | year | source |
|---|---|--:|---|
| OPT 2.7B | Salesforce/blip2-opt-2.7b | 2023 | [@cfg] |
| opt-6.7b | | 2023 | [@cfg] |

## Encoder: [CLIP ViT-L/14](clip.md#vit-l-14)

| [EVA ViT](../concepts/encoders.md#vision-transformer) | all variants | source |
|---|--:|---|
| image_size | 224 px | [@li2023blip2] §3.4 |
| patch_size | 14 px | [@cfg] vision_config.patch_size; [@li2023blip2] §3.4 |
| tokens | `(image_size / patch_size)^2 + 1` = 257 | derived |
| class_token | ✓ | assumed: 1 of 2 sources says so |
| taps | [5, 11, 17] | measured |
| activation | `quick_gelu` | |

## Alignment

| [Q-Former](../concepts/alignment.md#q-former) | opt-2.7b | opt-6.7b | source |
|---|--:|--:|---|
| num_queries | 32 | – | [@li2023blip2] §3.1 |
| text_branch | yes | – | [@li2023blip2] §3.1 |

| [Q-Former](../concepts/alignment.md#q-former) mask | ITC | ITG | source |
|---|---|---|---|
| query → query / query → text | all / none | all / none | [@li2023blip2] Fig. 2 |
| text -> query / text → text | none / all | all / causal | [@li2023blip2] Fig. 2 |

| [CLIP](clip.md#vit-l-14) | opt-2.7b | source |
|---|--:|---|
| dim | 768 | [@cfg] |

### Sources disagree: num_queries

| source | says | scope | here |
|---|--:|---|---|
| [@li2023blip2] Table 1 | 188M | stage 1 | reported; ≈186.7M measured |
| [@cfg] | 107M | stage 2, opt-2.7b | **followed** |

## Parameters

| scope | opt-2.7b | source |
|---|--:|---|
| trainable, stage 2 | 107,133,696 | measured |

## Checkpoint

| tensors | hub | transformers | source |
|---|---|---|---|
| encoder | `vision_model` | | [@cfg] |

| configuration | key | source |
|---|---|---|
| encoder.feature_layer | `vision_feature_layer` -2 | [@cfg] |

## What others say

> It bootstraps language and image learning
> from frozen models [@li2023blip2] §1.

The authors call it “a lightweight querying transformer that bridges” [@li2023blip2]. A "short one" is none.
"""
ENCODER = "# N\n\n## Encoder\n\n"
HEAD = "| [ViT](../concepts/encoders.md#vit) | all variants | source |\n|---|---|---|\n"


def read(text: str, path: str = "knowledge/models/blip-2.md") -> tuple[Claims, tuple[Diagnostic, ...]]:
    return claims(parse(Source(path, text, "")))


def facts(found: Claims) -> dict[str, object]:
    return {fact.id: fact.value for table in found.tables for fact in table.facts}
