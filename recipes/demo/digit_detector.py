"""A small convolutional detector without anchors, as YOLOv8's heads are built."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

SIZE = 128
CLASSES = 10
STRIDES = (8, 16)
BINS = 8
"""Distances from a cell to an edge are a distribution over 0 to 7 strides."""


def block(in_channels: int, out_channels: int, stride: int = 1) -> nn.Module:
    """Return a 3x3 convolution with batch normalisation and SiLU."""
    convolution = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out_channels), nn.SiLU())


class Detector(nn.Module):
    """Two maps of cells, of 8 and 16 pixels, each cell with four edges and scores of 10 classes.

    Edges are distributions over distances (Li et al. 2020, arXiv 2006.04388).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(block(3, 16, 2), block(16, 32, 2))
        self.fine = nn.Sequential(block(32, 64, 2), block(64, 64))
        self.coarse = nn.Sequential(block(64, 96, 2), block(96, 96))
        self.aside = nn.Conv2d(96, 64, 1)
        self.edges = nn.ModuleList(
            nn.Sequential(block(width, 48), nn.Conv2d(48, 4 * BINS, 1)) for width in (64, 96)
        )
        self.classes = nn.ModuleList(
            nn.Sequential(block(width, 48), nn.Conv2d(48, CLASSES, 1)) for width in (64, 96)
        )
        for head in self.classes:
            nn.init.constant_(head[-1].bias, -4.0)  # few cells hold an object
        self.mean = nn.Conv2d(BINS, 1, 1, bias=False).requires_grad_(False)
        self.mean.weight[0, :, 0, 0] = torch.arange(BINS)
        centres, strides = cells()
        self.register_buffer("centres", centres.T[None], persistent=False)
        self.register_buffer("strides", strides[None, None], persistent=False)

    def maps(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits of edges, float [N, 4 * 8, cells], and of classes, float [N, 10, cells]."""
        fine = self.fine(self.stem(pictures))
        coarse = self.coarse(fine)
        fine = fine + functional.interpolate(self.aside(coarse), scale_factor=2.0)
        edges = [head(it).flatten(2) for head, it in zip(self.edges, (fine, coarse), strict=True)]
        scores = [
            head(it).flatten(2) for head, it in zip(self.classes, (fine, coarse), strict=True)
        ]
        return torch.cat(edges, 2), torch.cat(scores, 2)

    def corners(self, edges: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return boxes' left top and right bottom in pixels, float [N, 2, cells] each."""
        shares = edges.unflatten(1, (4, BINS)).transpose(1, 2).softmax(1)
        far = self.mean(shares)[:, 0] * self.strides
        return self.centres - far[:, :2], self.centres + far[:, 2:]

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return boxes and scores, float [N, 4 + 10, 320], of pictures, float [N, 3, 128, 128].

        A box is its centre, width and height in pixels; a score is from 0 to 1.
        """
        edges, scores = self.maps(pictures)
        first, last = self.corners(edges)
        return torch.cat([(first + last) / 2, last - first, scores.sigmoid()], 1)


def cells() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the cells' centres, float [320, 2] as x and y in pixels, and strides, float [320]."""
    centres, strides = [], []
    for stride in STRIDES:
        places = (torch.arange(SIZE // stride) + 0.5) * stride
        y, x = torch.meshgrid(places, places, indexing="ij")
        centres.append(torch.stack([x.flatten(), y.flatten()], 1))
        strides.append(torch.full((x.numel(),), float(stride)))
    return torch.cat(centres), torch.cat(strides)
