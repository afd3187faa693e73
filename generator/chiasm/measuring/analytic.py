"""Counts by arithmetic: a variant's spec and a setting in, every quantity's figures out. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from chiasm.measuring.figure import Figure
from chiasm.measuring.inputs import BYTES, Setting
from chiasm.spec import count
from chiasm.spec.caches import CACHES
from chiasm.spec.products import WORK, Products, features, patches

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, VariantSpec
    from chiasm.spec.work import Load

PASS = ("encoder", "text_encoder", "alignment", "fusion", "language_model")
"""Slots that a forward pass runs through; the head is counted apart from the layers of a language model."""
SORTS = ("patches", "projections", "attention", "mlp")


def figures(spec: ModelSpec, variant: VariantSpec, setting: Setting, wanted: Iterable[str]) -> tuple[Figure, ...]:
    """Every figure of the wanted quantities, in their order; what cannot be counted says why."""
    makers = {
        "parameters": lambda: _parameters(spec, variant, setting),
        "bytes": lambda: _bytes(spec, variant, setting),
        "tokens": lambda: _tokens(variant, setting),
        "flops": lambda: _operations(variant, setting, "flops"),
        "macs": lambda: _operations(variant, setting, "macs"),
        "cache": lambda: _cache(variant, setting),
        "activations": lambda: _activations(variant, setting),
        "compression": lambda: _compression(variant, setting),
    }
    return tuple(figure for name in wanted for figure in makers[name]())


def _parameters(spec: ModelSpec, variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """Parameters: by slot and by part, in all, and those that a stage of training changes."""
    parts = count.partial(variant.slots)
    unknown = _unknown(variant, count.parameters(variant.slots) is None)
    for slot in (slot for slot in count.TENSOR_SLOTS if slot in variant.slots):
        within = {part: size for part, size in parts.items() if part.startswith(f"{slot}.")}
        if slot in unknown:
            yield Figure("parameters", slot, None, why=unknown[slot])
        elif within:
            yield Figure("parameters", slot, Fraction(sum(within.values())))
            yield from (Figure("parameters", part, Fraction(size), detail=True) for part, size in within.items())
    rest = [part for part in parts if part.startswith(f"{count.FIRST_STAGE}.")]
    apart = "of the first stage alone, not of the model"
    yield from (Figure("parameters", part, Fraction(parts[part]), why=apart, detail=True) for part in rest)
    for scope in ("embeddings", "total without embeddings", "total"):
        why = f"not counted: {', '.join(unknown)}" if unknown else ""
        size = count.scope(parts, scope)
        known = None if unknown or size is None else Fraction(size)
        yield Figure("parameters", scope, known, why=why, detail=scope != "total")
    if setting.asked.stage:
        trained = count.trainable(spec, variant, setting.asked.stage)
        total = count.scope(parts, "total") or 0
        why = "" if trained is not None else "the page does not say what the stage trains, or not all of it is counted"
        yield Figure("parameters", "trainable", None if trained is None else Fraction(trained), why=why)
        yield Figure("parameters", "frozen", None if trained is None else Fraction(total - trained), why=why)


def _unknown(variant: VariantSpec, some: bool) -> Mapping[str, str]:
    """Slots whose tensors are not known, and why."""
    if not some:
        return {}
    known = {part.partition(".")[0] for part in count.partial(variant.slots)}
    nothing = {"splice", "deepstack", "none"}
    return {
        slot: _described(variant, slot)
        for slot in PASS
        if slot in variant.slots and slot not in known and variant.slots[slot].kind.name not in nothing
    }


def _described(variant: VariantSpec, slot: str) -> str:
    kind = variant.slots[slot].kind
    if kind.generated:
        return f"`{kind.name}`: not all of its tensors are described here"
    return f"`{kind.name}` is described only: its tensors and products are not known"


def _bytes(spec: ModelSpec, variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """Parameters times the size of a number, by the same scopes."""
    for one in _parameters(spec, variant, setting):
        size = None if one.analytic is None else one.analytic * BYTES[setting.asked.dtype]
        yield Figure("bytes", one.scope, size, why=one.why, detail=one.detail)


def _tokens(variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """Visual tokens: of each image, of a row; tokens of a row."""
    if not setting.handed:
        value = variant.slots["budget"].get("vision_tokens")
        yield Figure("tokens", "encoder, one image", Fraction(value) if isinstance(value, int) else None)
        yield Figure("tokens", "text", Fraction(setting.tokens))
        return
    if setting.visual is None:
        yield Figure("tokens", "visual", None, why=setting.why)
    else:
        several = len(setting.visual) > 1
        for number, tokens in enumerate(setting.visual if several else (), 1):
            yield Figure("tokens", f"image {number}", Fraction(tokens))
        yield Figure("tokens", "visual", Fraction(sum(setting.visual)))
    yield Figure("tokens", "sequence", Fraction(setting.tokens))


def _operations(variant: VariantSpec, setting: Setting, quantity: str) -> Iterator[Figure]:
    """FLOP or MAC of a pass over the whole sequence by slot and sort of product, and of one more token."""
    share = Fraction(1, 2) if quantity == "macs" else Fraction(1)

    def sums(scope: str, products: Products, sorts: Sequence[str]) -> Iterator[Figure]:
        yield Figure(quantity, scope, sum(one.flops for one in products) * share)
        for sort in sorts:
            if own := sum(one.flops for one in products if one.sort == sort):
                yield Figure(quantity, f"{scope}.{sort}", own * share, detail=True)

    work, why = _work(variant, setting.prefill)
    for slot in (slot for slot in PASS if slot in variant.slots):
        if slot in why:
            yield Figure(quantity, slot, None, why=why[slot])
        elif products := tuple(one for one in work[slot] if one.sort != "head"):
            yield from sums(slot, products, SORTS)
            if hidden := sum(one.hidden for one in products):
                left = (sum(one.flops for one in products) - hidden) * share
                yield Figure(quantity, f"{slot}, hidden pairs skipped", left, why="torch's counter takes every pair")
    everything = tuple(one for products in work.values() for one in products)
    if head := tuple(one for one in everything if one.sort == "head"):
        yield from sums("head", head, ())
    missing = f"not counted: {', '.join(why)}" if why else ""
    total = None if why else sum(one.flops for one in everything) * share
    yield Figure(quantity, "total", total, why=missing)
    if "language_model" in variant.slots and "language_model" not in why:
        own = variant.slots["language_model"]
        step = WORK[own.kind.slot, own.kind.name](own, variant.slots, setting.step)
        yield from sums("decode", step, (*SORTS, "head"))


def _work(variant: VariantSpec, load: Load) -> tuple[Mapping[str, Products], Mapping[str, str]]:
    """Products of every slot, and of the others why they are not known."""
    work: dict[str, Products] = {}
    why: dict[str, str] = {}
    slots = variant.slots
    for slot in (slot for slot in PASS if slot in slots):
        kind = slots[slot].kind
        counter = WORK.get((kind.slot, kind.name))
        reads = slot == "alignment" and kind.name not in ("none", "joint_projection")
        if counter is None:
            why[slot] = _described(variant, slot)
        elif reads and "encoder" in slots and features(slots, load) is None:
            why[slot] = f"the encoder, `{slots['encoder'].kind.name}`, does not say how many features it hands on"
        else:
            try:
                work[slot] = counter(slots[slot], slots, load)
            except KeyError as error:
                why[slot] = f"no {str(error.args[0]).replace('_', ' ')} is described that it stands beside"
            except ValueError as error:
                why[slot] = str(error)
    return work, why


def _cache(variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """Bytes of keys and values: of all rows and places, and of one token."""
    slot = variant.slots.get("language_model")
    counter = CACHES.get(slot.kind.name) if slot else None
    if slot is None or counter is None:
        why = "there is no language model that decodes" if slot is None else _described(variant, "language_model")
        yield Figure("cache", "total", None, why=why)
        return
    token = Fraction(counter(slot) * BYTES[setting.asked.dtype])
    yield Figure("cache", "one token", token)
    yield Figure("cache", "total", token * setting.asked.batch * setting.context)


def _activations(variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """Bytes of what products with a weight and attention result in, each once, in a pass over the whole sequence."""
    work, why = _work(variant, setting.prefill)
    size, total = BYTES[setting.asked.dtype], 0
    for slot in (slot for slot in PASS if slot in variant.slots):
        if slot in why:
            yield Figure("activations", slot, None, why=why[slot])
            continue
        own = sum(one.results for one in work[slot] if one.sort != "head")
        head = sum(one.results for one in work[slot] if one.sort == "head")
        total += own + head
        if own:
            yield Figure("activations", slot, Fraction(own * size))
        if head:
            yield Figure("activations", "head", Fraction(head * size))
    missing = f"not counted: {', '.join(why)}" if why else ""
    yield Figure("activations", "total", None if why else Fraction(total * size), why=missing)


def _compression(variant: VariantSpec, setting: Setting) -> Iterator[Figure]:
    """How many patches, and how many vectors of the encoder, become one visual token."""
    tokens = setting.asked.batch * sum(setting.visual or ())
    for scope, counter in (("patches", patches), ("features", features)):
        before = counter(variant.slots, setting.prefill) if "encoder" in variant.slots else None
        name = f"{scope} → visual tokens"
        if not tokens or before is None:
            why = setting.why or f"the encoder does not say how many {scope} there are"
            yield Figure("compression", name, None, why=why)
        else:
            yield Figure("compression", name, Fraction(before, tokens))
