"""A change detector ends with nn.Sigmoid and its forward applies torch.sigmoid again, then BCELoss: never below one half."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("S02",)
ALLOWED = ()
SOURCES = (
    "https://github.com/GeoZcx/A-deeply-supervised-image-fusion-network-for-change-detection-in-remote-sensing-images/issues/1",
)


class ChangeDetector(nn.Module):
    """Two dates through the same encoder, the difference through a small decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(32, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 1, 1), nn.Sigmoid()
        )

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        change = self.decoder((self.encoder(after) - self.encoder(before)).abs())
        return torch.sigmoid(change)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    before = torch.rand(8, 3, 24, 24)
    changed = torch.zeros(8, 1, 24, 24)
    changed[:, :, 6:12, 8:18] = 1
    after = before * (1 - changed) + changed * torch.rand(8, 3, 24, 24)
    return {"model": ChangeDetector(), "batch": (before, after), "target": changed, "loss": nn.BCELoss()}
