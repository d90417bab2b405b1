"""An actor sees raw millimetres and encoder ticks: its tanh says -1 or 1 to everything, and is wrong where it says so."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L13",)
ALLOWED = ("D02",)  # all of the gradient has to pass the flat ends of the tanh
SOURCES = (
    "https://ai.stackexchange.com/questions/34612/why-does-my-actor-critic-network-always-give-either-1-or-1-at-the-output-layer",
)


class Actor(nn.Module):
    def __init__(self, observations: int = 18, actions: int = 4) -> None:
        super().__init__()
        self.layer_one = nn.Linear(observations, 300)
        self.layer_two = nn.Linear(300, 400)
        self.action = nn.Linear(400, actions)

    def forward(self, observation: Tensor) -> Tensor:
        x = F.relu(self.layer_one(observation))
        x = F.relu(self.layer_two(x))
        return torch.tanh(self.action(x))


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    state = torch.randn(512, 18)
    demonstrated = torch.tanh(state @ torch.randn(18, 4) / 18)
    actor = Actor()
    return {
        "model": actor,
        "batch": state * 2000,
        "target": demonstrated,
        "loss": nn.MSELoss(),
        "optimizer": torch.optim.Adam(actor.parameters(), lr=1e-4),
    }
