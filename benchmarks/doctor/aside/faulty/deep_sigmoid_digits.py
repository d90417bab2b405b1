"""Ten sigmoid layers between the digits and their classes: the first layers get next to no gradient and the loss stays at ln 10."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

EXPECTED = ("D02",)
ALLOWED = ("D06",)  # the default initialisation is also what lets the signal die out here
SOURCES = ("https://github.com/phlippe/uvadlc_notebooks/issues/119",)


class BaseNetwork(nn.Module):
    def __init__(self, hidden: int = 64, depth: int = 10) -> None:
        super().__init__()
        sizes = [64] + [hidden] * depth
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.classify = nn.Linear(hidden, 10)

    def forward(self, image: Tensor) -> Any:
        x = image.view(image.size(0), -1)
        for layer in self.hidden:
            x = 1 / (1 + torch.exp(-layer(x)))  # the sigmoid, written out
        return self.classify(x)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    images = (images - images.mean()) / images.std()
    model = BaseNetwork()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9)
    return {
        "model": model,
        "batch": images[:256],
        "target": torch.tensor(digits.target[:256]),
        "loss": nn.functional.cross_entropy,
        "optimizer": optimizer,
    }
