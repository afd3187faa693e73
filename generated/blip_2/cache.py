"""Keys and values of the tokens read so far: allocated once, written in place, of one shape in every decoding step.

Shapes: B rows, L places, T tokens of a pass, K key/value heads, E width of a head. Rows are left-aligned: token j of a
row is at place j, whatever padding its prompt had.
"""

from __future__ import annotations

from copy import copy

import torch
from torch import Tensor, nn

from .layers import GroupedQKV, Slots
from .positions import Packing

MANY = 1 << 20
"""Numbers in a layer's keys from which on a host keeps them channel by channel."""


class Cache:
    """A tensor (B,L,K,2,E) for every layer, keys beside their values, and how many places of each row are taken."""

    def __init__(self, layers: nn.ModuleList, *, rows: int, places: int) -> None:
        """Room for `places` tokens in each of `rows` rows, where the layers' weights are and in their precision."""
        self.kept = [_allocate(layer, rows, places) for layer in layers]
        device = self.kept[0].device
        self.rows_B1 = torch.arange(rows, device=device)[:, None]
        self.places_L = torch.arange(places, device=device)
        self.lengths_B = torch.zeros(rows, dtype=torch.long, device=device)
        """Places taken in each row."""
        self.positions_B = torch.zeros_like(self.lengths_B)
        """Position of the next token of each row: its place, unless images took fewer steps than tokens."""

    def prompt(self, positions_ABT: Tensor, packing: Packing | None) -> Slots:
        """Slots for the tokens of a prompt, all of them or as they were packed; counts them."""
        rows, tokens = positions_ABT.shape[1:]
        self.positions_B.copy_(positions_ABT.amax((0, 2)) + 1)
        if packing is None:
            self.lengths_B.fill_(tokens)
            return Slots(self.kept, self.rows_B1[:rows], self.places_L[None, :tokens])
        self.lengths_B.copy_(packing.segments.offsets.diff())
        return Slots(self.kept, packing.rows[None], packing.places[None])

    def step(self) -> Slots:
        """Slots for one more token in every row."""
        return Slots(self.kept, self.rows_B1, self.lengths_B[:, None])

    def visible(self) -> Tensor:
        """What is added to the scores of all places (B,1,1,L): minus infinity behind the token being read.

        In the keys' precision, so that no layer has to convert it.
        """
        hidden_BL = self.places_L > self.lengths_B[:, None]
        return torch.zeros_like(hidden_BL, dtype=self.kept[0].dtype).masked_fill_(hidden_BL, -torch.inf)[:, None, None]

    def first(self, places: int) -> Cache:
        """The same cache, of which only so many places are looked at; what is counted and written is shared."""
        part = copy(self)
        part.kept = [kept[:, :places] for kept in self.kept]
        part.places_L = self.places_L[:places]
        return part

    def clear(self) -> None:
        """Nothing taken, and nothing left of what was: a place that is masked is still multiplied by zero."""
        for kept in (*self.kept, self.lengths_B, self.positions_B):
            kept.zero_()

    def advance(self) -> None:
        """Counts the token that was read, in place."""
        self.lengths_B.add_(1)
        self.positions_B.add_(1)


def _allocate(layer: nn.Module, rows: int, places: int) -> Tensor:
    qkv = layer.get_submodule("attention.qkv")
    assert isinstance(qkv, GroupedQKV)
    heads = qkv.weight.shape[0] // ((qkv.groups + 2) * qkv.head_dim)
    # Attention reads a head's keys, then its values, from one end to the other: so they lie in memory, place by place
    # for torch's fused kernel. Where there are many it is too slow for that, and products of keys and values that lie
    # channel by channel are as fast as memory.
    if _many(qkv.weight, rows * heads * places * qkv.head_dim):
        zeros_2BKLE = qkv.weight.new_zeros(2, rows, heads, qkv.head_dim, places, requires_grad=False).mT
    else:
        zeros_2BKLE = qkv.weight.new_zeros(2, rows, heads, places, qkv.head_dim, requires_grad=False)
    # Zeros, since a place that is masked is still multiplied by its weight of zero.
    return zeros_2BKLE.permute(1, 3, 2, 0, 4)


def _many(like: Tensor, count: int) -> bool:
    return like.device.type == "cpu" and like.dtype == torch.float32 and count >= MANY
