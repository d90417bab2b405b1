"""A pose network turns its bins into coordinates by argmax before the loss: nothing to differentiate, backward raises."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("D01",)
ALLOWED = ()
SOURCES = (
    "https://github.com/LZGMatrix/BOP19_CDPN_2019ICCV/issues/4",
    "https://github.com/pytorch/pytorch/issues/1339",
)

BINS = 64


class Pose(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, stride=2, padding=1),
            nn.ReLU(True),
            nn.Conv2d(32, 64, 3, stride=2, padding=1),
            nn.ReLU(True),
        )
        self.axes = nn.ModuleList(nn.Conv2d(64, BINS, 1) for _ in range(3))

    def forward(self, image: Tensor) -> Tensor:
        h = self.features(image)
        bins = torch.stack([torch.argmax(axis(h), dim=1) for axis in self.axes], dim=1)
        return 2.0 * bins.float() / (BINS - 1.0) - 1.0


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = Pose()
    return {
        "model": model,
        "batch": torch.rand(8, 3, 32, 32),
        "target": 2 * torch.rand(8, 3, 8, 8) - 1,
        "loss": nn.L1Loss(),
        "optimizer": torch.optim.RMSprop(model.parameters(), lr=1e-4),
    }
