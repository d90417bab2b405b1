"""A critic whose value ends in tanh is regressed on discounted returns that lie far outside (-1, 1)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

EXPECTED = ("L08",)
ALLOWED = ()
SOURCES = ("https://github.com/LuEE-C/PPO-Keras/issues/13",)


def mlp(sizes: list[int], activation: type[nn.Module], output_activation: type[nn.Module]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for j in range(len(sizes) - 1):
        act = activation if j < len(sizes) - 2 else output_activation
        layers += [nn.Linear(sizes[j], sizes[j + 1]), act()]
    return nn.Sequential(*layers)


def discounted(rewards: torch.Tensor, gamma: float = 0.99) -> torch.Tensor:
    returns = torch.zeros_like(rewards)
    running = torch.zeros(rewards.shape[1])
    for t in range(rewards.shape[0] - 1, -1, -1):
        running = rewards[t] + gamma * running
        returns[t] = running
    return returns


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    critic = mlp([8, 64, 64, 1], nn.ReLU, nn.Tanh)
    steps, environments = 64, 8
    observations = torch.randn(steps, environments, 8)
    observations[..., 0] = torch.linspace(1, -1, steps)[:, None]  # time left, which decides most of the return
    returns = discounted(1 + 0.1 * torch.randn(steps, environments))
    optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    return {
        "model": critic,
        "batch": observations.flatten(0, 1),
        "target": returns.flatten().unsqueeze(1),
        "loss": nn.SmoothL1Loss(),
        "optimizer": optimizer,
    }
