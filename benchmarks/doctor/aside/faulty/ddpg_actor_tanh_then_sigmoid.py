"""A DDPG actor puts a sigmoid on its tanh to scale the action, which then never leaves [0.27, 0.73]."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("S02",)
ALLOWED = ()
SOURCES = ("https://github.com/MorvanZhou/Reinforcement-learning-with-tensorflow/issues/107",)


class Actor(nn.Module):
    def __init__(self, s_dim: int, a_dim: int) -> None:
        super().__init__()
        self.l1 = nn.Linear(s_dim, 100)
        self.a = nn.Linear(100, a_dim)

    def forward(self, s: Tensor) -> Tensor:
        net = F.relu(self.l1(s))
        a = torch.tanh(self.a(net))
        return torch.sigmoid(a)


class Critic(nn.Module):
    def __init__(self, s_dim: int, a_dim: int) -> None:
        super().__init__()
        self.q = nn.Sequential(nn.Linear(s_dim + a_dim, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, s: Tensor, a: Tensor) -> Any:
        return self.q(torch.cat([s, a], 1))


def fit_critic(critic: Critic, states: Tensor) -> None:
    """The reward is the nearness of the action to one that the state asks for, anywhere in [0, 1]."""
    optimizer = torch.optim.Adam(critic.parameters(), lr=3e-3)
    for _ in range(200):
        actions = torch.rand(len(states), 2)
        reward = -(actions - (states[:, :2] > 0).float()).square().sum(1, keepdim=True)
        optimizer.zero_grad()
        F.mse_loss(critic(states, actions), reward).backward()
        optimizer.step()


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    states = torch.randn(256, 10)
    actor, critic = Actor(10, 2), Critic(10, 2)
    fit_critic(critic, states)
    critic.requires_grad_(False)

    def policy_loss(action: Tensor, state: Tensor) -> Tensor:
        value: Tensor = critic(state, action)
        return -value.mean()

    optimizer = torch.optim.Adam(actor.parameters(), lr=1e-3)
    return {"model": actor, "batch": states, "target": states, "loss": policy_loss, "optimizer": optimizer}
