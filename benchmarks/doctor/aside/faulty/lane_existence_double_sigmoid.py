"""A lane detector's existence branch ends in sigmoid although its loss is BCE with logits; the segmentation branch is right."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L06",)
ALLOWED = ("S04",)  # the existence branch reads a softmax
SOURCES = (
    "https://github.com/Turoad/lanedet/issues/32",
    "https://github.com/cardwing/Codes-for-Lane-Detection/issues/289",
)

LANES = 4


class ExistHead(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dropout = nn.Dropout2d(0.1)
        self.conv8 = nn.Conv2d(channels, LANES + 1, 1)
        self.fc9 = nn.Linear((LANES + 1) * 4 * 10, 128)
        self.fc10 = nn.Linear(128, LANES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv8(self.dropout(x))
        x = F.softmax(x, dim=1)  # shares of the lanes in each cell, pooled next
        x = F.avg_pool2d(x, 2, stride=2, padding=0)
        x = F.relu(self.fc9(x.flatten(1)))
        x = self.fc10(x)
        return torch.sigmoid(x)


class LaneNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=2, dilation=2), nn.BatchNorm2d(64), nn.ReLU(),
        )  # fmt: skip
        self.segment = nn.Conv2d(64, LANES + 1, 1)
        self.exist = ExistHead(64)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        features = self.encoder(image)
        seg = F.interpolate(self.segment(features), scale_factor=4, mode="bilinear", align_corners=False)
        return {"seg": seg, "exist": self.exist(features)}


class LaneLoss(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seg = nn.CrossEntropyLoss(weight=torch.tensor([0.4] + [1.0] * LANES))
        self.exist = nn.BCEWithLogitsLoss()

    def forward(self, output: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
        loss: Tensor = self.seg(output["seg"], target["mask"]) + 0.1 * self.exist(output["exist"], target["lane_exist"])
        return loss


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    exist = (torch.rand(8, LANES) < 0.6).float()
    mask = torch.zeros(8, 32, 80, dtype=torch.long)
    for lane in range(LANES):
        mask[:, :, 10 + 18 * lane : 14 + 18 * lane] = (lane + 1) * exist[:, lane].long()[:, None, None]
    image = 0.3 * torch.randn(8, 3, 32, 80) + mask.unsqueeze(1).float()
    return {"model": LaneNet(), "batch": image, "target": {"mask": mask, "lane_exist": exist}, "loss": LaneLoss()}
