"""A three-resolution binary classifier ends in ReLU, so that after the sigmoid no sample can be called negative."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L05",)
ALLOWED = ()
SOURCES = ("https://discuss.pytorch.org/t/output-of-the-binary-classification-model/56327",)


def separable(inputs: int, outputs: int) -> nn.Sequential:
    depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
    return nn.Sequential(
        depthwise, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Tower(nn.Sequential):
    def __init__(self) -> None:
        stem = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
        super().__init__(
            *stem, separable(16, 32), nn.MaxPool2d(2), separable(32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )


class XceptionLike(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tower_16, self.tower_32, self.tower_48 = Tower(), Tower(), Tower()
        self.fc_last_1 = nn.Linear(3 * 64, 64)
        self.fc_last_2 = nn.Linear(64, 1)

    def forward(self, input_16: Tensor, input_32: Tensor, input_48: Tensor) -> Tensor:
        out = torch.cat([self.tower_16(input_16), self.tower_32(input_32), self.tower_48(input_48)], dim=1)
        out = F.relu(self.fc_last_1(out))
        out = F.relu(self.fc_last_2(out))
        return out


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    model = XceptionLike()
    with torch.no_grad():
        model.fc_last_2.bias.fill_(0.2)  # starts alive: what is wrong is the range, not a dead unit
    label = (torch.arange(32) % 2).float().unsqueeze(1)
    image = torch.randn(32, 3, 48, 48) + label[:, :, None, None]
    batch = tuple(F.interpolate(image, size=(side, side)) for side in (16, 32, 48))
    return {"model": model, "batch": batch, "target": label, "loss": nn.BCEWithLogitsLoss()}
