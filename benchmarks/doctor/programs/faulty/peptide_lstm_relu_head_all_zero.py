"""A peptide regressor ends with ReLU and an unlucky initialisation: every prediction is 0, so is every gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

EXPECTED = ("L09",)
ALLOWED = ("D01", "D03")  # no gradient passes the one dead unit
SOURCES = (
    "https://github.com/ProteomicsML/ProteomicsML/pull/203",
    "https://github.com/jvargasmu/population_estimation/issues/68",
)


class CollisionCrossSection(nn.Module):
    def __init__(self, amino_acids: int = 21, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(amino_acids, width)
        self.lstm = nn.LSTM(width, width, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(2 * width, 32)
        self.output = nn.Linear(32, 1)

    def forward(self, peptide: Tensor) -> Tensor:
        states, _ = self.lstm(self.embedding(peptide))
        h = torch.relu(self.hidden(states.mean(dim=1)))
        return torch.relu(self.output(h)).squeeze(1)


def build() -> dict[str, Any]:
    torch.manual_seed(2)
    peptides = torch.randint(0, 21, (256, 18))
    cross_section = 0.3 + 0.03 * peptides.float().mean(dim=1)
    return {"model": CollisionCrossSection(), "batch": peptides, "target": cross_section, "loss": nn.MSELoss()}
