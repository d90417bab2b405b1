"""A pointer network clips its logits by 10 * tanh, masks them and takes log_softmax; additive attention has a tanh inside."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ()


class Pointer(nn.Module):
    """Points at the city nearest to the present one, among those not yet visited."""

    def __init__(self, width: int = 64, clip: float = 10.0) -> None:
        super().__init__()
        self.encoder = nn.LSTM(2, width, batch_first=True, bidirectional=True)
        self.reference = nn.Linear(2 * width, width, bias=False)
        self.query = nn.Linear(2, width)
        self.v = nn.Linear(width, 1, bias=False)
        self.clip = clip

    def forward(self, cities: Tensor, present: Tensor, visited: Tensor) -> Tensor:
        states, _ = self.encoder(cities - present[:, None])
        energy = torch.tanh(self.reference(states) + self.query(present)[:, None])
        logits: Tensor = self.clip * self.v(energy).squeeze(-1).tanh()
        # What is masked has log-probability -inf; no target ever asks for it.
        return logits.masked_fill(visited, float("-inf")).log_softmax(dim=1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    cities, present = torch.rand(256, 10, 2), torch.rand(256, 2)
    visited = torch.rand(256, 10) < 0.3
    visited[:, 0] = False
    nearest = (cities - present[:, None]).norm(dim=2).masked_fill(visited, 9.0).argmin(dim=1)
    return {"model": Pointer(), "batch": (cities, present, visited), "target": nearest, "loss": F.nll_loss}
