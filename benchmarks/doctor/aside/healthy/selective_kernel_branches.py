"""Selective-kernel blocks take a softmax over two branches inside the network, per channel: a choice, not an activation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/pppLang/SKNet/issues/1",
    "https://github.com/xmu-xiaoma666/External-Attention-pytorch/issues/18",
)


class SKConv(nn.Module):
    def __init__(self, features: int, branches: int = 2, groups: int = 4, squeeze: int = 16) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(features, features, 3, padding=1 + i, dilation=1 + i, groups=groups, bias=False),
                nn.BatchNorm2d(features),
                nn.ReLU(inplace=True),
            )
            for i in range(branches)
        )
        self.fc = nn.Sequential(nn.Linear(features, squeeze), nn.ReLU(inplace=True))
        self.fcs = nn.ModuleList(nn.Linear(squeeze, features) for _ in range(branches))
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x: Tensor) -> Tensor:
        features = torch.stack([conv(x) for conv in self.convs], dim=1)
        z = self.fc(features.sum(1).mean((-1, -2)))
        attention = self.softmax(torch.stack([fc(z) for fc in self.fcs], dim=1))
        chosen: Tensor = (features * attention[..., None, None]).sum(1)
        return chosen


class SKUnit(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
            SKConv(width),
            nn.Conv2d(width, width, 1, bias=False), nn.BatchNorm2d(width),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.body(x) + x
        return out.relu_()


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    stem = [nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True)]
    model = nn.Sequential(
        *stem, SKUnit(32), nn.MaxPool2d(2), SKUnit(32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 6)
    )
    target = torch.arange(32) % 6
    pattern = torch.randn(6, 3, 32, 1)
    images = pattern[target] + 0.5 * torch.randn(32, 3, 32, 32)
    return {"model": model, "batch": images, "target": target, "loss": "cross_entropy"}
