"""A VQ autoencoder rounds to a codebook by argmin, copies the gradient past it, and decodes with tanh to images in [−1, 1]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/zalandoresearch/pytorch-vq-vae/issues/6",
    "https://github.com/EricGuo5513/momask-codes/issues/67",
)


@dataclass
class Output:
    loss: Tensor
    reconstruction: Tensor
    codes: Tensor


class VectorQuantizer(nn.Module):
    def __init__(self, entries: int, dim: int) -> None:
        super().__init__()
        self.codebook = nn.Embedding(entries, dim)
        nn.init.normal_(self.codebook.weight, std=0.3)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        flat = z.permute(0, 2, 3, 1)
        codes = torch.cdist(flat.flatten(0, 2), self.codebook.weight).argmin(1)
        quantized = self.codebook(codes).view_as(flat)
        loss = F.mse_loss(quantized, flat.detach()) + 0.25 * F.mse_loss(flat, quantized.detach())
        quantized = flat + (quantized - flat).detach()
        return quantized.permute(0, 3, 1, 2), loss, codes


class VQVAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 8, 1)
        )
        self.quantize = VectorQuantizer(64, 8)
        self.decoder = nn.Sequential(
            nn.Conv2d(8, 32, 3, 1, 1), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh()
        )

    def forward(self, x: Tensor) -> Output:
        quantized, commitment, codes = self.quantize(self.encoder(x))
        reconstruction = self.decoder(quantized)
        return Output(F.mse_loss(reconstruction, x) + commitment, reconstruction, codes)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    images = torch.tensor(load_digits().images[:128], dtype=torch.float32).unsqueeze(1) / 8 - 1
    model = VQVAE()
    return {"model": model, "batch": images, "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3)}
