"""Sigmoid focal loss: the sigmoid weighs the terms, the cross-entropy beside it takes the logits as they are."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/CoinCheung/pytorch-loss/issues/10",
    "https://github.com/facebookresearch/fvcore/issues/126",
)


class FocalLoss(nn.Module):
    def __init__(self, alpha: float = 0.25, gamma: float = 2.0) -> None:
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        p = torch.sigmoid(logits)
        cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        p_t = p * targets + (1 - p) * (1 - targets)
        alpha_t = self.alpha * targets + (1 - self.alpha) * (1 - targets)
        return (alpha_t * (1 - p_t) ** self.gamma * cross_entropy).sum() / targets.sum().clamp(min=1)


class RetinaHead(nn.Module):
    def __init__(self, channels: int = 32, outputs: int = 12) -> None:
        super().__init__()
        self.tower = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
        )
        self.score = nn.Conv2d(channels, outputs, 3, padding=1)
        nn.init.normal_(self.score.weight, std=0.01)
        nn.init.constant_(self.score.bias, -math.log(99.0))  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.score(self.tower(x))
        return scores


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    features = torch.randn(8, 32, 12, 12)
    objects = (features[:, :12] > 2.2).float()
    return {"model": RetinaHead(), "batch": features, "target": objects, "loss": FocalLoss()}
