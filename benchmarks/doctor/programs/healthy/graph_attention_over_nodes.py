"""A graph attention network on one graph: axis 0 holds nodes, and each node's softmax over its neighbours mixes the rows."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/PetarV-/GAT/issues/39",
    "https://github.com/pyg-team/pytorch_geometric/issues/532",
)


class GraphAttention(nn.Module):
    def __init__(self, inputs: int, outputs: int, heads: int) -> None:
        super().__init__()
        self.heads, self.outputs = heads, outputs
        self.linear = nn.Linear(inputs, heads * outputs, bias=False)
        self.source = nn.Parameter(0.3 * torch.randn(heads, outputs))
        self.target = nn.Parameter(0.3 * torch.randn(heads, outputs))

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        h = self.linear(x).view(-1, self.heads, self.outputs)
        # scores[j, i, head]: how much node i, along axis 1, takes from its neighbour j, along axis 0
        scores = (h * self.source).sum(-1)[:, None] + (h * self.target).sum(-1)[None]
        scores = F.leaky_relu(scores, 0.2).masked_fill(~adjacency[..., None], -1e9)
        return torch.einsum("jih,jho->iho", scores.softmax(dim=0), h).flatten(1)


class GAT(nn.Module):
    def __init__(self, features: int = 32, classes: int = 4) -> None:
        super().__init__()
        self.first = GraphAttention(features, 8, 4)
        self.second = GraphAttention(32, classes, 1)

    def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
        h = F.elu(self.first(x, adjacency))
        logits: Tensor = self.second(h, adjacency)
        return logits


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    labels = torch.randint(0, 4, (120,))
    same = labels[:, None] == labels[None]
    adjacency = torch.rand(120, 120) < torch.where(same, 0.15, 0.01)
    adjacency = adjacency | adjacency.T | torch.eye(120, dtype=torch.bool)
    x = torch.randn(120, 32) + F.one_hot(labels, 32)
    return {"model": GAT(), "batch": (x, adjacency), "target": labels, "loss": nn.CrossEntropyLoss()}
