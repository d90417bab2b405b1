"""A signed-distance MLP of 24 ReLU layers, Xavier-initialised: each layer halves the signal's power, the output is nearly 0."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("D06",)
ALLOWED = ("D02",)  # the gradients shrink by the same factors
SOURCES = ("https://ho1-lee.github.io/why-Initialize-weights",)


class SignedDistance(nn.Module):
    def __init__(self, width: int = 128, depth: int = 24) -> None:
        super().__init__()
        self.inputs = nn.Linear(3, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth - 1))
        self.output = nn.Linear(width, 1)
        self.apply(self.initialise)

    @staticmethod
    def initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
            nn.init.zeros_(module.bias)

    def forward(self, points: Tensor) -> Tensor:
        h = torch.relu(self.inputs(points))
        for layer in self.hidden:
            h = torch.relu(layer(h))
        distance: Tensor = self.output(h)
        return distance


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    points = 2 * torch.rand(1024, 3) - 1
    model = SignedDistance()
    return {
        "model": model,
        "batch": points,
        "target": points.norm(dim=1, keepdim=True) - 0.7,
        "loss": nn.L1Loss(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=1e-2),
    }
