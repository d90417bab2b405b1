"""A graph encoder whose convolution ends with ReLU and whose caller applies F.relu again: idle, and harmless."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("S03",)
ALLOWED = ()
SOURCES = ("https://github.com/timkartar/DeepPBS/issues/24",)


class GraphConvolution(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.update = nn.Sequential(nn.Linear(2 * inputs, outputs), nn.ReLU(), nn.Linear(outputs, outputs), nn.ReLU())

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        neighbours = adjacency @ x / adjacency.sum(-1, keepdim=True).clamp(min=1)
        y: Tensor = self.update(torch.cat([x, neighbours], dim=-1))
        return y


class ProteinEncoder(nn.Module):
    def __init__(self, atoms: int = 14, width: int = 48, classes: int = 4) -> None:
        super().__init__()
        self.conv1 = GraphConvolution(atoms, width)
        self.conv2 = GraphConvolution(width, width)
        self.readout = nn.Linear(width, classes)

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        x = F.relu(self.conv1(x, adjacency))
        x = F.relu(self.conv2(x, adjacency))
        logits: Tensor = self.readout(x)
        return logits.flatten(0, 1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    adjacency = (torch.rand(8, 40, 40) < 0.1).float()
    adjacency = ((adjacency + adjacency.mT) > 0).float()
    x = torch.randn(8, 40, 14)
    target = (adjacency.sum(-1) / 4).long().clamp(max=3).flatten()
    return {"model": ProteinEncoder(), "batch": (x, adjacency), "target": target, "loss": nn.CrossEntropyLoss()}
