"""Names and shapes of a package's tensors, without torch: a function a kind, a slot and its neighbours in, weights out.

What `Model(config).state_dict()` holds, a block's tensors written once: `blocks.N.mlp.up.weight`, N in so many blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from chiasm.spec.count import TENSOR_SLOTS, countable
from chiasm.spec.work import whole

if TYPE_CHECKING:
    from chiasm.spec.model import Resolved
    from chiasm.spec.tensors import Slots

Shape = tuple[int, ...]


class Weight(NamedTuple):
    """A tensor of a package, or one of every block: then `N` in its name stands for each of `numbers`."""

    name: str
    shape: Shape
    numbers: tuple[int, ...] = ()
    apart: tuple[Shape, ...] = ()
    """Shapes of the released tensors that it packs, where releases hold several."""
    whole: Shape | None = None
    """Its shape in a release that holds it as one tensor, where that is another."""

    @property
    def times(self) -> int:
        """How many tensors it stands for."""
        return len(self.numbers) if ".N." in self.name else 1

    @property
    def size(self) -> int:
        """Elements of all of them."""
        return self.times * prod(self.shape)


Weights = Iterator[Weight]


def weights(slots: Slots) -> tuple[Weight, ...]:
    """Every tensor of a variant as far as its kinds are known, named from the model's root."""
    return tuple(
        one._replace(name=f"{slot}.{one.name}")
        for slot in TENSOR_SLOTS
        if countable(slot, slots) and (made := SHAPES.get((slots[slot].kind.slot, slots[slot].kind.name)))
        for one in made(slots[slot], slots)
        if one.times
    )


def unknown(slots: Slots) -> tuple[str, ...]:
    """Slots whose tensors are not known: their kinds are described only."""
    return tuple(
        slot
        for slot in TENSOR_SLOTS
        if slot in slots
        and slot != "budget"
        and not (countable(slot, slots) and (slots[slot].kind.slot, slots[slot].kind.name) in SHAPES)
    )


def spelled(one: Weight) -> Iterator[str]:
    """The names of all tensors that a weight stands for."""
    if ".N." not in one.name:
        yield one.name
    yield from (one.name.replace(".N.", f".{number}.", 1) for number in one.numbers if ".N." in one.name)


def _each(prefix: str, numbers: Sequence[int], block: Iterable[Weight]) -> Weights:
    return (one._replace(name=f"{prefix}.N.{one.name}", numbers=tuple(numbers)) for one in block)


def _within(prefix: str, several: Iterable[Weight]) -> Weights:
    return (one._replace(name=f"{prefix}.{one.name}") for one in several)


def _linear(name: str, inside: int, outside: int, bias: int = 1) -> Weights:
    yield Weight(f"{name}.weight", (outside, inside))
    if bias:
        yield Weight(f"{name}.bias", (outside,))


def _norm(name: str, dim: int) -> Weights:
    yield Weight(f"{name}.weight", (dim,))
    yield Weight(f"{name}.bias", (dim,))


def _packed(name: str, inside: int, rows: Sequence[int], bias: int = 1) -> Weights:
    """Several projections of one input as one, whose rows releases hold apart or as one tensor."""
    yield Weight(f"{name}.weight", (sum(rows), inside), apart=tuple((own, inside) for own in rows))
    if bias:
        yield Weight(f"{name}.bias", (sum(rows),), apart=tuple((own,) for own in rows))


def _feed(name: str, dim: int, mlp: int) -> Weights:
    yield from _linear(f"{name}.up", dim, mlp)
    yield from _linear(f"{name}.down", mlp, dim)


def _attention(name: str, dim: int) -> Weights:
    yield from _packed(f"{name}.qkv", dim, (dim, dim, dim))
    yield from _linear(f"{name}.out", dim, dim)


def _block(dim: int, mlp: int) -> Weights:
    """A pre-norm block with biases everywhere."""
    yield from _norm("norm1", dim)
    yield from _attention("attention", dim)
    yield from _norm("norm2", dim)
    yield from _feed("mlp", dim, mlp)


def _patches(dim: int, kernel: Shape, bias: int = 1) -> Weights:
    """A convolution over patches as a matrix."""
    yield Weight("patch_embedding.weight", (dim, prod(kernel)), whole=(dim, *kernel))
    if bias:
        yield Weight("patch_embedding.bias", (dim,))


def _vit(own: Resolved, _slots: Slots) -> Weights:
    side, patch, channels, dim, layers, mlp = whole(
        own, "image_size", "patch_size", "channels", "dim", "layers", "mlp_dim"
    )
    classes, bias, pre, pool = whole(own, "class_token", "patch_bias", "pre_norm", "attention_pooling")
    if classes:
        yield Weight("class_token", (dim,))
    yield Weight("positions", ((side // patch) ** 2 + classes, dim))
    yield from _patches(dim, (channels, patch, patch), bias)
    if pre:
        yield from _norm("pre_norm", dim)
    yield from _each("blocks", range(layers), _block(dim, mlp))
    yield from _norm("norm", dim)
    if pool:
        yield Weight("pool.probe", (dim,))
        yield from _within("pool", (*_packed("qkv", dim, (dim, dim, dim)), *_linear("out", dim, dim)))
        yield from _within("pool", (*_norm("norm", dim), *_feed("mlp", dim, mlp)))


def _native_vit(own: Resolved, _slots: Slots) -> Weights:
    patch, frames, channels, dim = whole(own, "patch_size", "temporal_patch_size", "channels", "dim")
    layers, mlp, positions = whole(own, "layers", "mlp_dim", "positions")
    yield Weight("positions", (positions, dim))
    yield from _patches(dim, (channels, frames, patch, patch))
    yield from _each("blocks", range(layers), _block(dim, mlp))


def _text_transformer(own: Resolved, _slots: Slots) -> Weights:
    vocab, context, dim, layers, mlp = whole(own, "vocab_size", "context", "dim", "layers", "mlp_dim")
    yield Weight("positions", (context, dim))
    yield Weight("embedding.weight", (vocab, dim))
    yield from _each("blocks", range(layers), _block(dim, mlp))
    yield from _norm("norm", dim)


def _ends(slots: Slots) -> tuple[int, int]:
    """Widths on both sides of the alignment."""
    return whole(slots["encoder"], "dim")[0], whole(slots["language_model"], "dim")[0]


def _linear_projector(own: Resolved, slots: Slots) -> Weights:
    yield from _linear("proj", *_ends(slots), *whole(own, "bias"))


def _mlp_projector(own: Resolved, slots: Slots) -> Weights:
    (inside, outside), (bias,) = _ends(slots), whole(own, "bias")
    yield from _linear("up", inside, outside, bias)
    yield from _linear("down", outside, outside, bias)


def _q_former(own: Resolved, slots: Slots) -> Weights:
    queries, dim, layers, mlp, every = whole(own, "num_queries", "dim", "layers", "mlp_dim", "cross_attention_every")
    inside, outside = _ends(slots)
    yield Weight("queries", (queries, dim))
    yield from _norm("norm", dim)
    block = (*_attention("attention", dim), *_norm("attention_norm", dim), *_feed("mlp", dim, mlp))
    yield from _each("blocks", range(layers), (*block, *_norm("mlp_norm", dim)))
    cross = (*_linear("cross.q", dim, dim), *_packed("cross.kv", inside, (dim, dim)), *_linear("cross.out", dim, dim))
    yield from _each("blocks", range(0, layers, every), (*cross, *_norm("cross_norm", dim)))
    yield from _linear("proj", dim, outside)


def _patch_merger(_own: Resolved, slots: Slots) -> Weights:
    inside, outside = _ends(slots)
    (side,), taps = whole(slots["encoder"], "merge_size"), slots["encoder"].get("taps")
    wide = inside * side * side
    layers = (*_linear("up", wide, wide), *_linear("down", wide, outside))
    yield from _within("merger", (*_norm("norm", inside), *layers))
    count = len(taps) if isinstance(taps, tuple) else 0
    yield from _each("deep", range(count), (*_norm("norm", wide), *layers))


def _joint_projection(own: Resolved, slots: Slots) -> Weights:
    (dim,), (vision,), (text,) = whole(own, "dim"), whole(slots["encoder"], "dim"), whole(slots["text_encoder"], "dim")
    yield from _linear("vision_proj", vision, dim, 0)
    yield from _linear("text_proj", text, dim, 0)


def _contrastive(own: Resolved, _slots: Slots) -> Weights:
    yield Weight("logit_scale", ())
    if own.get("logit_bias"):
        yield Weight("logit_bias", ())


def _nothing(_own: Resolved, _slots: Slots) -> Weights:
    yield from ()


def _llama(own: Resolved, _slots: Slots) -> Weights:
    vocab, dim, layers, heads, groups, width = whole(
        own, "vocab_size", "dim", "layers", "heads", "kv_heads", "head_dim"
    )
    mlp, tied, qkv, out, mlp_bias, norm = whole(own, "mlp_dim", "tied", "qkv_bias", "out_bias", "mlp_bias", "qk_norm")
    rows = (heads * width, groups * width, groups * width)
    gate = [Weight("mlp.gate_up.weight", (2, mlp, dim), apart=((mlp, dim),) * 2, whole=(2 * mlp, dim))]
    gate += [Weight("mlp.gate_up.bias", (2, mlp), apart=((mlp,),) * 2, whole=(2 * mlp,))] * mlp_bias
    norms = [Weight(f"attention.{name}_norm.weight", (width,)) for name in "qk" if norm]
    attention = (*_packed("attention.qkv", dim, rows, qkv), *_linear("attention.out", heads * width, dim, out), *norms)
    around = (Weight("norm1.weight", (dim,)), Weight("norm2.weight", (dim,)))
    yield Weight("embedding.weight", (vocab, dim))
    yield from _each("layers", range(layers), (*around, *attention, *gate, *_linear("mlp.down", mlp, dim, mlp_bias)))
    yield Weight("norm.weight", (dim,))
    if not tied:
        yield Weight("head.weight", (vocab, dim))


def _opt(own: Resolved, _slots: Slots) -> Weights:
    vocab, context, dim, layers, mlp, tied = whole(own, "vocab_size", "context", "dim", "layers", "mlp_dim", "tied")
    yield Weight("embedding.weight", (vocab, dim))
    # OPT's table of positions begins with two rows that no token uses.
    yield Weight("positions.weight", (context + 2, dim))
    yield from _each("layers", range(layers), _block(dim, mlp))
    yield from _norm("norm", dim)
    if not tied:
        yield Weight("head.weight", (vocab, dim))


SHAPES: Mapping[tuple[str, str], Callable[[Resolved, Slots], Weights]] = {
    ("encoder", "vit"): _vit,
    ("encoder", "native_vit"): _native_vit,
    ("text_encoder", "text_transformer"): _text_transformer,
    ("alignment", "linear"): _linear_projector,
    ("alignment", "mlp"): _mlp_projector,
    ("alignment", "q_former"): _q_former,
    ("alignment", "patch_merger"): _patch_merger,
    ("alignment", "joint_projection"): _joint_projection,
    ("fusion", "splice"): _nothing,
    ("fusion", "deepstack"): _nothing,
    ("fusion", "contrastive"): _contrastive,
    ("language_model", "llama"): _llama,
    ("language_model", "opt"): _opt,
}
"""By slot and kind. A kind that is described only has no package, and its tensors no names."""
