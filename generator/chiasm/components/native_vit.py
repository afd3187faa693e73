"""A vision transformer at native resolution: packed patches of images of any size in, their features out.

Shapes: N images, P patches of all images, L taps, D width, E width of a head, F = E / 2 pairs.
Patches come block by block: the merge × merge patches that become one visual token lie next to each other.
Source: Qwen3-VL, arXiv:2511.21631 §2.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import ops
from .layers import Block, Context, Features, PatchEmbedding, Rotary, Segments


class Grid(NamedTuple):
    """Where the patches lie: row and column of each in its image, and rows and columns of that image, (P, 2) both."""

    place: Tensor
    size: Tensor
    segments: Segments
    """The images in the row of patches."""


class NativeVisionTransformer(nn.Module):
    """Learned positions interpolated to each image, 2-D rotary embedding, attention within an image."""

    def __init__(
        self,
        *,
        patch_size: int,
        temporal_patch_size: int,
        channels: int,
        merge_size: int,
        dim: int,
        layers: int,
        heads: int,
        mlp_dim: int,
        activation: str,
        norm_eps: float,
        positions: int,
        rope_theta: float,
        taps: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.side = math.isqrt(positions)
        if self.side**2 != positions:
            raise ValueError(f"{positions} learned positions are not a square")
        self.merge_size = merge_size
        self.taps = tuple(taps)
        self.patch_embedding = PatchEmbedding(
            dim, patch_size=patch_size, channels=channels, temporal_patch_size=temporal_patch_size
        )
        self.positions = nn.Parameter(torch.empty(positions, dim))
        # Half of a head's pairs turn with the row, half with the column.
        self.rotary = Rotary(dim // heads // 2, theta=rope_theta)
        self.blocks = nn.ModuleList(
            Block(dim, heads=heads, mlp_dim=mlp_dim, activation=activation, norm_eps=norm_eps) for _ in range(layers)
        )

    def forward(self, pixel_values: Tensor, image_grid_thw: Tensor) -> Features:
        """Encode images.

        Args:
            pixel_values: (P, C · temporal_patch_size · patch_size²), the patches of all images.
            image_grid_thw: (N, 3), frames, rows and columns of patches of each image. A grid on the host may hold
                several frames an image; on a device each frame is a row of its own, since nothing is read there.

        Returns:
            Features of the patches, in their order.

        Raises:
            ValueError: as many patches as the grids do not hold (grids on the host).
        """
        grid = self._locate(image_grid_thw, pixel_values.shape[0], pixel_values.device)
        x_PD: Tensor = self.patch_embedding(pixel_values.to(self.positions.dtype))
        x_1PD = (x_PD + self._interpolate(grid))[None]
        context = Context(rotary=self._rotate(grid), segments=grid.segments)
        taps: list[Tensor] = []
        for index, block in enumerate(self.blocks):
            x_1PD = block(x_1PD, context)
            if index in self.taps:
                taps.append(x_1PD[0])
        return Features(x_1PD[0], tuple(taps))

    def _locate(self, grid_N3: Tensor, length: int, device: torch.device) -> Grid:
        """Place of each of `length` patches, worked out on their device: nothing there is read back."""
        # The longest image is only known to the device: none is longer than all of them.
        longest = length
        if grid_N3.device.type == "cpu" and not torch.compiler.is_compiling():
            grid_N3, longest = _frames(grid_N3, length)
        size_N2 = grid_N3.to(device, non_blocking=True)[:, 1:]
        ends_N = size_N2.prod(-1).cumsum(0)
        bounds = F.pad(ends_N, (1, 0))
        patch_P = torch.arange(length, device=device)
        image_P = torch.searchsorted(ends_N, patch_P, right=True)
        size_P2 = size_N2[image_P]
        merge = self.merge_size
        within_P = patch_P - bounds[image_P]
        block_P, inner_P = within_P // merge**2, within_P % merge**2
        across_P = size_P2[:, 1] // merge
        block_P2 = torch.stack([block_P // across_P, block_P % across_P], dim=-1)
        inner_P2 = torch.stack([inner_P // merge, inner_P % merge], dim=-1)
        return Grid(block_P2 * merge + inner_P2, size_P2, Segments(bounds.int(), longest))

    def _interpolate(self, grid: Grid) -> Tensor:
        """(P, D): the square table of positions stretched over each image, corner on corner, read bilinearly."""
        # Between which two rows, and between which two columns, of the table does a patch lie, and how far?
        at_P2 = grid.place.float() * (self.side - 1) / (grid.size - 1).clamp(min=1)
        low_P2 = at_P2.floor()
        part_P2 = at_P2 - low_P2
        around_P22 = torch.stack([low_P2, (low_P2 + 1).clamp(max=self.side - 1)], dim=-1).long()
        weight_P22 = torch.stack([1 - part_P2, part_P2], dim=-1).to(self.positions.dtype)
        index_P4 = (around_P22[:, 0, :, None] * self.side + around_P22[:, 1, None, :]).flatten(1)
        weight_P4 = (weight_P22[:, 0, :, None] * weight_P22[:, 1, None, :]).flatten(1)
        return F.embedding_bag(index_P4, self.positions, per_sample_weights=weight_P4, mode="sum")

    def _rotate(self, grid: Grid) -> tuple[Tensor, Tensor]:
        """Cosines and sines (1, P, 1, 1, E) of each patch's row and column.

        In single precision whatever the model's: the angles of a large image are many turns.
        """
        angles_PF = self.rotary(grid.place).flatten(1)
        wide = torch.promote_types(self.positions.dtype, torch.float32)
        return ops.rotary_tables(angles_PF[None, :, None, None], wide)


def _frames(grid_N3: Tensor, length: int) -> tuple[Tensor, int]:
    """A grid (N, 3) on the host → a row for each frame, since one is attended over by itself, and the longest's length.

    Raises ValueError where the images do not hold `length` patches together.
    """
    grids = grid_N3.tolist()
    held = sum(math.prod(grid) for grid in grids)
    if held != length:
        raise ValueError(f"there are {length} patches, image_grid_thw holds {held}")
    longest = max((rows * columns for _, rows, columns in grids), default=0)
    if any(frames != 1 for frames, _, _ in grids):
        grid_N3 = grid_N3.repeat_interleave(grid_N3[:, 0], dim=0)
    return grid_N3, longest
