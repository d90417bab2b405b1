"""A sine network fits an image from coordinates: pre-activations many periods wide, by the frequency 30 and its own init."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/vsitzmann/siren/issues/43",
    "https://github.com/vsitzmann/siren/issues/4",
)


class SineLayer(nn.Module):
    def __init__(self, inputs: int, outputs: int, first: bool = False, omega: float = 30.0) -> None:
        super().__init__()
        self.omega = omega
        self.linear = nn.Linear(inputs, outputs)
        bound = 1 / inputs if first else math.sqrt(6 / inputs) / omega
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sin(self.omega * self.linear(x))


class Siren(nn.Sequential):
    def __init__(self, hidden: int = 96) -> None:
        last = nn.Linear(hidden, 1)
        bound = math.sqrt(6 / hidden) / 30
        nn.init.uniform_(last.weight, -bound, bound)
        super().__init__(SineLayer(2, hidden, first=True), SineLayer(hidden, hidden), SineLayer(hidden, hidden), last)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    line = torch.linspace(-1, 1, 40)
    coordinates = torch.cartesian_prod(line, line)
    x, y = coordinates.unbind(1)
    pixels = torch.where((8 * x).sin() * (6 * y).cos() > 0, 0.8, -0.6) * torch.exp(-(x**2))
    model = Siren()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    return {
        "model": model,
        "batch": coordinates,
        "target": pixels.unsqueeze(1),
        "loss": nn.MSELoss(),
        "optimizer": optimizer,
    }
