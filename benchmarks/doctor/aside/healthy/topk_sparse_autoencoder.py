"""A sparse autoencoder keeps 12 of 256 rectified units per row: 95 % of the activations are zero, and few units are dead."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/braindecode/braindecode/pull/1152",
    "https://github.com/decoderesearch/SAELens/issues/202",
)


class TopKAutoencoder(nn.Module):
    def __init__(self, inputs: int = 48, latents: int = 256, k: int = 12) -> None:
        super().__init__()
        self.k = k
        self.pre_bias = nn.Parameter(torch.zeros(inputs))
        self.encoder = nn.Linear(inputs, latents)
        self.decoder = nn.Linear(latents, inputs, bias=False)
        with torch.no_grad():
            self.decoder.weight /= self.decoder.weight.norm(dim=0)
            self.encoder.weight.copy_(self.decoder.weight.t())
            self.encoder.bias.zero_()

    def forward(self, x: Tensor) -> Any:
        scores = self.encoder(x - self.pre_bias)
        values, places = scores.topk(self.k, dim=-1)
        latents = torch.zeros_like(scores).scatter(-1, places, values.relu())
        return self.decoder(latents) + self.pre_bias


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    features = nn.functional.normalize(torch.randn(200, 48), dim=1)
    active = (torch.rand(2048, 200) < 0.03) * torch.rand(2048, 200)
    activations = active @ features + 0.1
    model = TopKAutoencoder()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return {"model": model, "batch": activations, "target": activations, "loss": nn.MSELoss(), "optimizer": optimizer}
