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
    """Where the patches lie: row and column of each in its image, and that image's size, (P,) each."""

    row: Tensor
    column: Tensor
    rows: Tensor
    columns: Tensor
    bounds: Tensor
    """(N + 1,): image i is patches bounds[i] … bounds[i + 1] - 1."""


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
        grid = self._locate(image_grid_thw, pixel_values)
        x_PD: Tensor = self.patch_embedding(pixel_values.to(self.positions.dtype))
        x_1PD = (x_PD + self._interpolate(grid).to(x_PD.dtype))[None]
        # As long as all patches together: the longest image is only known on the device.
        context = Context(rotary=self._rotate(grid), segments=Segments(grid.bounds, x_PD.shape[0]))
        taps: list[Tensor] = []
        for index, block in enumerate(self.blocks):
            x_1PD = block(x_1PD, context)
            if index in self.taps:
                taps.append(x_1PD)
        return Features(x_1PD[0], torch.cat(taps) if taps else x_1PD[:0])

    def _locate(self, grid_N3: Tensor, patches: Tensor) -> Grid:
        """Place of every patch, worked out on the device: nothing there is read back."""
        length = patches.shape[0]
        if grid_N3.device.type == "cpu" and not torch.compiler.is_compiling():
            held = int(grid_N3.prod(-1).sum())
            if held != length:
                raise ValueError(f"there are {length} patches, image_grid_thw holds {held}")
            # Each frame is attended over by itself, so it is an image of its own here.
            grid_N3 = grid_N3.repeat_interleave(grid_N3[:, 0], dim=0)
        _, rows_N, columns_N = grid_N3.to(patches.device).unbind(-1)
        ends_N = (rows_N * columns_N).cumsum(0)
        bounds = F.pad(ends_N, (1, 0))
        patch_P = torch.arange(length, device=patches.device)
        image_P = torch.searchsorted(ends_N, patch_P, right=True)
        rows_P, columns_P = rows_N[image_P], columns_N[image_P]
        merge = self.merge_size
        within_P = patch_P - bounds[image_P]
        block_P, inner_P = within_P // merge**2, within_P % merge**2
        across_P = columns_P // merge
        row_P = block_P // across_P * merge + inner_P // merge
        column_P = block_P % across_P * merge + inner_P % merge
        return Grid(row_P, column_P, rows_P, columns_P, bounds.int())

    def _interpolate(self, grid: Grid) -> Tensor:
        """(P, D): the square table of positions stretched over each image, corner on corner, read bilinearly."""
        row_P2, row_weight_P2 = self._neighbours(grid.row, grid.rows)
        column_P2, column_weight_P2 = self._neighbours(grid.column, grid.columns)
        index_P4 = (row_P2[:, :, None] * self.side + column_P2[:, None, :]).flatten(1)
        weight_P4 = (row_weight_P2[:, :, None] * column_weight_P2[:, None, :]).flatten(1)
        return (F.embedding(index_P4, self.positions) * weight_P4[..., None]).sum(1)

    def _neighbours(self, place_P: Tensor, size_P: Tensor) -> tuple[Tensor, Tensor]:
        """The two rows (or columns) of the table around each place among `size`, and their weights: (P, 2) each."""
        at_P = place_P.float() * (self.side - 1) / (size_P - 1).clamp(min=1)
        low_P = at_P.floor()
        part_P = at_P - low_P
        index_P2 = torch.stack([low_P, (low_P + 1).clamp(max=self.side - 1)], dim=-1).long()
        return index_P2, torch.stack([1 - part_P, part_P], dim=-1)

    def _rotate(self, grid: Grid) -> tuple[Tensor, Tensor]:
        """Cosines and sines (1, P, 1, 1, E) of each patch's row and column.

        In single precision whatever the model's: the angles of a large image are many turns.
        """
        angles_PF = self.rotary(torch.stack([grid.row, grid.column], dim=-1)).flatten(1)
        wide = torch.promote_types(self.positions.dtype, torch.float32)
        return ops.rotary_tables(angles_PF[None, :, None, None], wide)
