"""A page places its system otherwise than the kinds in its slots do.

Surveys place systems by how they encode, align and fuse. The kinds in a page's tables already say it: a resampler
resamples, a splice interleaves, an inserted layer is cross-attention in the middle of the network, and a number of
tokens that follows the image's size is no fixed budget.

Bad:

```markdown
| fusion | cross-attention | [@li2023blip2] §3.3 |
```

for a page whose fusion table links the token splice.

Good:

```markdown
| fusion | interleaved | [@li2023blip2] §3.3 |
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chiasm.diagnostic import Diagnostic, Label
from chiasm.graph import Graph
from chiasm.spec.model import Entry, ModelSpec, Resolved, VariantSpec

ID = "taxonomy"
_SAYS: dict[tuple[str, str], dict[str, str]] = {
    ("encoder", "encoding"): {"raw_patches": "raw patches"},
    ("alignment", "alignment"): {
        "none": "none",
        "perceiver_resampler": "resampling",
        "spatial_resampler": "resampling",
        "linear": "projection",
        "mlp": "projection",
        "patch_merger": "projection",
        "hybrid_projector": "projection",
    },
    ("fusion", "fusion"): {
        "splice": "interleaved",
        "deepstack": "interleaved",
        "contrastive": "contrastive",
        "gated_cross_attention": "cross-attention",
        "modality_experts": "modality experts",
    },
    ("fusion", "fusion_stage"): {
        "splice": "early",
        "deepstack": "early",
        "contrastive": "late",
        "gated_cross_attention": "mid",
        "modality_experts": "early",
    },
}
"""What the kind in a slot says about a facet; kinds of which more than one thing is said are not here."""
SAYS: Mapping[tuple[str, str], Mapping[str, str]] = _SAYS


def check_spec(graph: Graph, spec: ModelSpec) -> Iterator[Diagnostic]:
    """One finding a facet."""
    told: set[tuple[str, object]] = set()
    for variant in spec.variants:
        for facet, meant, why, beside in (*_kinds(variant), *_budget(variant), *_year(graph, spec, variant)):
            entry = variant.entries[("positioning", facet)]
            if entry.fact and entry.value != meant and (facet, meant) not in told:
                told.add((facet, meant))
                said = meant if isinstance(meant, str) else str(meant).lower()
                yield Diagnostic(
                    ID,
                    f"`{facet}` is {entry.fact.cell.text}, but {why}",
                    entry.fact.cell.span,
                    mark=f"expected {said}",
                    labels=(beside,) if beside else (),
                    help=f"write {said}, or correct what the page says there",
                )


Meant = tuple[str, object, str, Label | None]


def _kinds(variant: VariantSpec) -> Iterator[Meant]:
    for (slot, facet), kinds in SAYS.items():
        resolved = variant.slots.get(slot)
        entry = _facet(variant, facet)
        if resolved and entry and resolved.kind.name in kinds:
            name = resolved.kind.name.replace("_", " ")
            yield facet, kinds[resolved.kind.name], f"its {slot} is a {name}", _at(resolved, name)
        elif resolved and entry and entry.value == "raw patches" and resolved.kind.name != "patch_embedding":
            name = resolved.kind.name.replace("_", " ")
            yield facet, "pretrained encoder", f"its encoder is a {name}", _at(resolved, name)


def _budget(variant: VariantSpec) -> Iterator[Meant]:
    """Whether the tokens of an image depend on the image."""
    entry, tokens = _facet(variant, "fixed_budget"), variant.entries.get(("budget", "image_tokens"))
    if not entry or not tokens or not tokens.fact:
        return
    inputs = [name for name in (tokens.formula.inputs if tokens.formula else ()) if name in ("height", "width")]
    beside = Label(tokens.fact.cell.span, tokens.fact.cell.text)
    if inputs:
        yield "fixed_budget", False, f"its image_tokens depend on {' and '.join(inputs)}", beside


def _year(graph: Graph, spec: ModelSpec, variant: VariantSpec) -> Iterator[Meant]:
    """The first publication is the paper's that is cited for it, and is not later than the first variant's."""
    entry = _facet(variant, "year")
    if not entry or not entry.fact or not isinstance(entry.value, int):
        return
    cites = entry.fact.evidence.cites if entry.fact.evidence else ()
    source = graph.bibliography.entries.get(cites[0].key) if len(cites) == 1 else None
    if source and source.eprint and source.year.isdigit() and int(source.year) != entry.value:
        beside = Label(source.spans.get("year", source.span), source.year)
        yield "year", int(source.year), f"`{source.key}` is of {source.year}", beside
    stated = [one.cells["year"] for one in spec.variants if "year" in one.cells]
    years = {int(cell.text): cell for cell in stated if cell.text.isdigit()}
    if years and entry.value > min(years):
        first = years[min(years)]
        yield "year", min(years), f"a variant is of {first.text}", Label(first.span, first.text)


def _facet(variant: VariantSpec, name: str) -> Entry | None:
    entry = variant.entries.get(("positioning", name))
    return entry if entry and entry.fact and entry.value is not None else None


def _at(resolved: Resolved, name: str) -> Label:
    return Label(resolved.span, f"{resolved.slot}: {name}")
