"""Diagnoses of the next visit, several at once, predicted by a softmax with BCELoss: the probabilities have to share one 1."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L10",)
ALLOWED = ()
SOURCES = (
    "https://github.com/mp2893/doctorai/issues/10",
    "https://github.com/HaojiHu/Sets2Sets/issues/3",
    "https://github.com/carla-recourse/CARLA/issues/117",
)


class NextVisit(nn.Module):
    def __init__(self, codes: int = 40, width: int = 48) -> None:
        super().__init__()
        self.embed = nn.Linear(codes, width)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.predict = nn.Sequential(nn.Dropout(0.2), nn.Linear(width, codes), nn.Softmax(dim=-1))

    def forward(self, visits: Tensor) -> Tensor:
        _, last = self.gru(torch.tanh(self.embed(visits)))
        codes: Tensor = self.predict(last[-1])
        return codes


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    chronic = (torch.rand(64, 1, 40) < 0.1).float()
    visits = torch.maximum(chronic, (torch.rand(64, 6, 40) < 0.03).float())
    return {"model": NextVisit(), "batch": visits, "target": chronic[:, 0], "loss": nn.BCELoss()}
