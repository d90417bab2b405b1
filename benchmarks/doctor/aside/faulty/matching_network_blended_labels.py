"""A matching network blends one-hot support labels with softmax attention: already a distribution, then cross-entropy."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EXPECTED = ("L01",)
ALLOWED = ("L04",)  # the blend is bounded by 0 and 1, hence the floor of the loss
SOURCES = ("https://github.com/gitabcworld/MatchingNetworks/issues/5",)

WAYS = 5


def block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2))


class MatchingNetwork(nn.Module):
    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.encode = nn.Sequential(
            block(1, width), block(width, width), block(width, width), block(width, width), nn.Flatten()
        )

    def forward(self, support: Tensor, support_labels: Tensor, query: Tensor) -> Tensor:
        episodes, shots = support.shape[:2]
        keys = self.encode(support.flatten(0, 1)).view(episodes, shots, -1)
        similarity = F.cosine_similarity(keys, self.encode(query).unsqueeze(1), dim=-1)
        attention = similarity.softmax(dim=-1)
        return torch.bmm(attention.unsqueeze(1), support_labels).squeeze(1)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    support = torch.rand(32, WAYS, 1, 28, 28)
    order = torch.stack([torch.randperm(WAYS) for _ in range(32)])
    shown = torch.randint(0, WAYS, (32,))
    query = support[torch.arange(32), shown] + 0.1 * torch.randn(32, 1, 28, 28)
    batch = (support, F.one_hot(order, WAYS).float(), query)
    return {
        "model": MatchingNetwork(),
        "batch": batch,
        "target": order[torch.arange(32), shown],
        "loss": F.cross_entropy,
    }
