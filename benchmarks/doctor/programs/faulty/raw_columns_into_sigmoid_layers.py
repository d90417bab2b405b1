"""House prices from raw columns (a year of 1950 to 2020 among them) into sigmoids: the hidden units are constants, 0 or 1."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("D04",)
ALLOWED = ("D01", "D02")  # the flat ends have no gradient to speak of, most often exactly none
SOURCES = (
    "https://stats.stackexchange.com/questions/265453/how-to-deal-with-dead-neuron-in-neural-network-training",
    "http://makeyourownneuralnetwork.blogspot.com/2015/05/saturation-and-normalising-inputs.html",
)


class PriceModel(nn.Module):
    def __init__(self, columns: int) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(columns, 64)
        self.hidden2 = nn.Linear(64, 64)
        self.price = nn.Linear(64, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.hidden1(x).sigmoid()
        x = self.hidden2(x).sigmoid()
        price: Tensor = self.price(x)
        return price


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    houses = 2048
    area, distance = 50 + 200 * torch.rand(houses), 20 * torch.rand(houses)
    year, rooms = 1950 + 70 * torch.rand(houses), torch.randint(1, 8, (houses,))
    price = area * (1 - distance / 30) + 0.8 * (year - 1950) + 5 * rooms
    model = PriceModel(4)
    return {
        "model": model,
        "batch": torch.stack([area, distance, year, rooms], dim=1),
        "target": ((price - price.mean()) / price.std()).unsqueeze(1),
        "loss": nn.MSELoss(),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
