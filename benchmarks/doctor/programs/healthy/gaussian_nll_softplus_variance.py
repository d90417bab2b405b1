"""Heteroscedastic regression: a linear mean for targets of both signs, and softplus where it belongs, on the variance."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_diabetes
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/pytorch/pytorch/issues/48520",)


class MeanVariance(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(features, 64), nn.Mish(), nn.Linear(64, 64), nn.Mish())
        self.mean = nn.Linear(64, 1)
        self.variance = nn.Linear(64, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.shared(x)
        return self.mean(h), F.softplus(self.variance(h)) + 1e-6


def gaussian_nll(output: tuple[Tensor, Tensor], target: Tensor) -> Tensor:
    mean, variance = output
    return F.gaussian_nll_loss(mean, target, variance)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = (torch.tensor(a, dtype=torch.float32) for a in load_diabetes(return_X_y=True))
    return {
        "model": MeanVariance(x.shape[1]),
        "batch": x / x.std(0),
        "target": ((y - y.mean()) / y.std()).unsqueeze(1),
        "loss": gaussian_nll,
    }
