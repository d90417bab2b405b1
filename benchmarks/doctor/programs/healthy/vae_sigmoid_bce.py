"""The classic VAE: sigmoid output, binary cross-entropy on grey values between 0 and 1, and the Kullback-Leibler term."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/pytorch/examples/issues/399",
    "https://github.com/y0ast/VAE-TensorFlow/issues/3",
)


class VAE(nn.Module):
    def __init__(self, pixels: int = 64, hidden: int = 64, latent: int = 8) -> None:
        super().__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc21, self.fc22 = nn.Linear(hidden, latent), nn.Linear(hidden, latent)
        self.fc3, self.fc4 = nn.Linear(latent, hidden), nn.Linear(hidden, pixels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = F.relu(self.fc1(x.flatten(1)))
        mean, log_variance = self.fc21(h), self.fc22(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mean, log_variance


def elbo(output: tuple[Tensor, Tensor, Tensor], x: Tensor) -> Tensor:
    reconstruction, mean, log_variance = output
    divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
    return (F.binary_cross_entropy(reconstruction, x.flatten(1), reduction="sum") + divergence) / len(x)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    images = torch.tensor(load_digits().images[:256], dtype=torch.float32) / 16
    return {"model": VAE(), "batch": images, "target": images, "loss": elbo}
