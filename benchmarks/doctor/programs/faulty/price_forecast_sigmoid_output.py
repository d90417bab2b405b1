"""An LSTM forecasts prices around 100 through a final sigmoid: nothing above 1 can be said."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L08",)
ALLOWED = ()
SOURCES = (
    "https://github.com/jsyoon0823/Time-series-prediction/issues/3",
    "https://github.com/ChenglongChen/tensorflow-DeepFM/issues/6",
)


class Forecaster(nn.Module):
    def __init__(self, hidden: int = 32) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, num_layers=2, batch_first=True)
        self.head = nn.Sequential(nn.Linear(hidden, 1), nn.Sigmoid())

    def forward(self, window: Tensor) -> Tensor:
        states, _ = self.lstm(window)
        price: Tensor = self.head(states[:, -1])
        return price


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    prices = 100 + torch.randn(400).cumsum(0)
    windows = prices.unfold(0, 25, 1)
    inputs = (windows[:, :-1] - prices.mean()) / prices.std()
    model = Forecaster()
    return {
        "model": model,
        "batch": inputs.unsqueeze(-1),
        "target": windows[:, -1:].clone(),
        "loss": nn.MSELoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
