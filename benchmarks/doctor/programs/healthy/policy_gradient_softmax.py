"""A policy gradient: softmax probabilities go into Categorical, and the loss weighs log-probabilities by rewards."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributions import Categorical

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/ikostrikov/pytorch-a2c-ppo-acktr-gail/issues/282",
    "https://github.com/ShangtongZhang/DeepRL/pull/35",
)


class Policy(nn.Module):
    def __init__(self, observation: int = 4, actions: int = 3) -> None:
        super().__init__()
        self.affine1 = nn.Linear(observation, 128)
        self.dropout = nn.Dropout(p=0.2)
        self.affine2 = nn.Linear(128, actions)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=-1)


def reinforce(probabilities: Tensor, episode: tuple[Tensor, Tensor]) -> Tensor:
    action, reward = episode
    policy = Categorical(probs=probabilities)
    surrogate: Tensor = -policy.log_prob(action) * reward - 0.01 * policy.entropy()
    return surrogate.mean()


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    states, actions = torch.randn(256, 4), torch.randint(0, 3, (256,))
    rewards = (states[:, :3].argmax(1) == actions).float()
    model = Policy()
    return {
        "model": model,
        "batch": states,
        "target": (actions, rewards),
        "loss": reinforce,
        "optimizer": torch.optim.Adam(model.parameters(), lr=3e-3),
    }
