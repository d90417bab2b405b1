"""A recurrent model of the next basket predicts a set of items with a softmax, whose shares sum to one, and BCELoss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L10",)
ALLOWED = ()
SOURCES = (
    "https://github.com/HaojiHu/Sets2Sets/issues/3",
    "https://github.com/mp2893/doctorai/issues/10",
)

ITEMS = 120


class NextBasket(nn.Module):
    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.embed = nn.Linear(ITEMS, hidden, bias=False)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(hidden, ITEMS)

    def forward(self, baskets: Tensor) -> Tensor:
        states, _ = self.gru(torch.tanh(self.embed(baskets)))
        return torch.softmax(self.out(self.drop(states)), dim=-1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    habit = torch.rand(48, 1, ITEMS) < 0.08  # each customer buys from a list of their own
    history = (habit & (torch.rand(48, 9, ITEMS) < 0.7)).float()
    return {"model": NextBasket(), "batch": history[:, :-1], "target": history[:, 1:], "loss": nn.BCELoss()}
