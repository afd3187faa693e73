"""The tokens that are stated do not follow from the encoder and the alignment.

An image becomes `(image_size / patch_size)^2` patches, one more with a class token; a projection hands each patch on, a
resampler its queries. A budget that says otherwise describes another model.

Bad:

```markdown
| image_tokens | 64 | [@li2023blip2] §3.1 |
```

where the alignment hands on 32 queries.

Good:

```markdown
| image_tokens | `alignment.num_queries` = 32 | derived |
```
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.spec.flow import flow
from chiasm.spec.model import ModelSpec, Resolved, VariantSpec
from chiasm.spec.typed import whole

ID = "token-count"


def check_spec(_: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a variant's cell."""
    for variant in spec.variants:
        yield from _encoder(variant)
        yield from _budget(variant)


def _encoder(variant: VariantSpec) -> Iterator[Diagnostic]:
    encoder = variant.slots.get("encoder")
    if encoder and encoder.kind.name in ("vit", "patch_embedding"):
        side, expected = _patches(encoder)
        classes = 1 if encoder.kind.name == "patch_embedding" or encoder.get("class_token") else 0
        if encoder.get("tokens") != expected + classes:
            yield _wrong(
                encoder,
                "tokens",
                expected + classes,
                [
                    *_side(encoder, side),
                    f"{side} × {side}{' + a class token' if classes else ''} = {expected + classes} tokens",
                ],
                (encoder, "patch_size"),
            )


def _budget(variant: VariantSpec) -> Iterator[Diagnostic]:
    """A fixed budget is what encoder and alignment make of an image."""
    encoder, alignment, budget = (variant.slots.get(slot) for slot in ("encoder", "alignment", "budget"))
    handed = flow(variant).given("alignment")
    if not (alignment and budget and budget.kind.name == "fixed" and handed and handed.each.isdecimal()):
        return
    stated, made = whole(budget, "image_tokens"), int(handed.each)
    if queries := whole(alignment, "num_queries"):
        # A resampler may run once a tile, a Q-Former runs once.
        tiled = alignment.kind.name != "q_former" and bool(stated) and not (stated or 0) % queries
        if stated != queries and not tiled:
            steps = [f"the alignment hands on {queries} queries"]
            yield _wrong(budget, "image_tokens", queries, steps, (alignment, "num_queries"))
    elif encoder and encoder.kind.name == "vit" and stated != made:
        steps = [*_side(encoder, _patches(encoder)[0]), f"{made} tokens reach the language model"]
        yield _wrong(budget, "image_tokens", made, steps, (encoder, "patch_size"))


def _patches(encoder: Resolved) -> tuple[int, int]:
    image, patch = encoder.get("image_size"), encoder.get("patch_size")
    side = image // patch if isinstance(image, int) and isinstance(patch, int) else 0
    return side, side * side


def _side(encoder: Resolved, side: int) -> list[str]:
    return [f"{encoder.get('image_size')} / {encoder.get('patch_size')} = {side} patches a side"]


def _wrong(slot: Resolved, name: str, expected: int, steps: list[str], place: tuple[Resolved, str]) -> Diagnostic:
    entry, source = slot.entry(name), place[0].entry(place[1])
    labels = (Label(source.span, "; ".join(steps)),) if source.span else ()
    return Diagnostic(
        ID,
        f"`{name}` disagrees with the encoder and the alignment",
        entry.span or slot.span,
        mark=f"expected {expected:,}",
        labels=labels,
        help=f"write {expected:,}, or a formula",
    )
