"""A multimodal trajectory predictor whose head is two wide linear layers with no activation between them."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("S01",)
ALLOWED = ()
SOURCES = ("https://github.com/nutonomy/nuscenes-devkit/issues/728",)

MODES, STEPS = 3, 12


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.bn3(self.shortcut(x)))


class MTP(nn.Module):
    def __init__(self, n_hidden_layers: int = 512) -> None:
        super().__init__()
        self.backbone = nn.Sequential(Residual(3, 32), Residual(32, 64), Residual(64, 128), nn.AdaptiveAvgPool2d(1))
        self.fc1 = nn.Linear(128 + 3, n_hidden_layers)
        self.fc2 = nn.Linear(n_hidden_layers, MODES * STEPS * 2 + MODES)

    def forward(self, image: Tensor, agent_state: Tensor) -> Tensor:
        features = torch.cat([self.backbone(image).flatten(1), agent_state], dim=1)
        predictions: Tensor = self.fc2(self.fc1(features))
        return predictions


def mtp_loss(output: Tensor, truth: Tensor) -> Tensor:
    paths, scores = output[:, :-MODES].view(-1, MODES, STEPS, 2), output[:, -MODES:]
    distance = (paths - truth.unsqueeze(1)).norm(dim=-1).mean(-1)
    best = distance.detach().argmin(1)
    regression = F.smooth_l1_loss(paths[torch.arange(len(best)), best], truth)
    return F.cross_entropy(scores, best) + regression


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    state = torch.randn(32, 3)  # velocity, acceleration, turning rate
    time = torch.linspace(0.5, 6, STEPS)
    truth = torch.stack([state[:, 2:] * time**2 / 10, state[:, :1] * time + state[:, 1:2] * time**2 / 8], dim=-1)
    model = MTP()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9)
    return {
        "model": model,
        "batch": (torch.rand(32, 3, 48, 48), state),
        "target": truth,
        "loss": mtp_loss,
        "optimizer": optimizer,
    }
