"""A detection head gives the prior's bias of -4.6, meant for the score layer alone, to each convolution before a ReLU too."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("D03",)
ALLOWED = ("D01", "D02")  # the tower is dead, so its gradient is 0
SOURCES = (
    "https://github.com/andreaazzini/retinanet.pytorch/pull/1",
    "https://github.com/kuangliu/pytorch-retinanet/issues/10",
)


class ClassificationHead(nn.Module):
    def __init__(self, channels: int = 64, anchors: int = 3, classes: int = 8, prior: float = 0.01) -> None:
        super().__init__()
        tower: list[nn.Module] = []
        for _ in range(3):
            tower += [nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU()]
        self.tower = nn.Sequential(*tower)
        self.score = nn.Conv2d(channels, anchors * classes, 3, padding=1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=0.01)
                nn.init.constant_(module.bias, -math.log((1 - prior) / prior))  # type: ignore[arg-type]

    def forward(self, pyramid_level: Tensor) -> Tensor:
        scores: Tensor = self.score(self.tower(pyramid_level))
        return scores


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    features = torch.randn(16, 64, 12, 12)
    objects = (torch.rand(16, 24, 12, 12) < 0.02).float()
    return {"model": ClassificationHead(), "batch": features, "target": objects, "loss": nn.BCEWithLogitsLoss()}
