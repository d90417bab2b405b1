"""Raw inputs of 0 to 16 and a learning rate too large: the first steps push the ReLU layers off every sample for good."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import nn

EXPECTED = ("D03",)
ALLOWED = ("D01", "D02")  # behind dead units no parameter gets a gradient
SOURCES = (
    "https://github.com/keras-team/keras/issues/7057",
    "https://github.com/ibab/tensorflow-wavenet/issues/143",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    digits = load_digits()
    pixels = torch.tensor(digits.data, dtype=torch.float32)
    ink = pixels.mean(1, keepdim=True)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loss = nn.MSELoss()
    for step in range(60):
        rows = torch.arange(step * 64, (step + 1) * 64) % len(pixels)
        optimizer.zero_grad()
        loss(model(pixels[rows]), ink[rows]).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
    return {"model": model, "batch": pixels, "target": ink, "loss": loss, "optimizer": optimizer}
