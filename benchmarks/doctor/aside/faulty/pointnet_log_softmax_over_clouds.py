"""A point-cloud classifier normalises its log-probabilities over the batch axis instead of the classes."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L12",)
ALLOWED = ("L03",)  # along the classes, what NLL gets are no log-probabilities
SOURCES = ("https://github.com/fxia22/pointnet.pytorch/issues/27",)


class SpatialTransformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv1d(3, 32, 1), nn.Conv1d(32, 128, 1)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm1d(32), nn.BatchNorm1d(128), nn.BatchNorm1d(64)
        self.fc1, self.fc2 = nn.Linear(128, 64), nn.Linear(64, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x))).max(2)[0]
        x = self.fc2(F.relu(self.bn3(self.fc1(x))))
        return x.view(-1, 3, 3) + torch.eye(3)


class PointNetCls(nn.Module):
    def __init__(self, k: int = 8) -> None:
        super().__init__()
        self.stn = SpatialTransformer()
        self.conv1, self.conv2, self.conv3 = nn.Conv1d(3, 32, 1), nn.Conv1d(32, 64, 1), nn.Conv1d(64, 256, 1)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm1d(32), nn.BatchNorm1d(64), nn.BatchNorm1d(256)
        self.fc1, self.fc2 = nn.Linear(256, 64), nn.Linear(64, k)
        self.bn4 = nn.BatchNorm1d(64)

    def forward(self, points: Tensor) -> Tensor:
        x = torch.bmm(points.transpose(2, 1), self.stn(points)).transpose(2, 1)
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = torch.max(self.bn3(self.conv3(x)), 2)[0]
        x = self.fc2(F.relu(self.bn4(self.fc1(x))))
        return F.log_softmax(x, dim=0)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    labels = torch.randint(0, 8, (32,))
    stretch = torch.stack([1.0 + (labels >> axis & 1) for axis in range(3)], dim=1)
    cloud = F.normalize(torch.randn(32, 3, 128), dim=1) * stretch.unsqueeze(2)
    return {"model": PointNetCls(), "batch": cloud, "target": labels, "loss": F.nll_loss}
