"""A regressor of unscaled targets, trained with too large a learning rate: its second ReLU layer is dead, it says the mean."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

EXPECTED = ("D03",)
ALLOWED = ("D01", "D02")  # what lies before a dead layer gets no gradient
SOURCES = (
    "https://github.com/dangitstam/topic-rnn/pull/9",
    "https://github.com/keras-team/keras/issues/7057",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x = torch.randn(1024, 12)
    y = 150 + 40 * (x[:, :1] + x[:, 1:2].abs())
    model = nn.Sequential(nn.Linear(12, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=3e-3)
    loss = nn.MSELoss()
    for _ in range(600):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    return {"model": model, "batch": x, "target": y, "loss": loss, "optimizer": optimizer}
