"""A binary classifier with one output unit and softmax over it: the probability is always 1 and no gradient flows."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

EXPECTED = ("L11",)
ALLOWED = ("D01", "L13")  # a constant has no gradient, and is wrong for the negatives
SOURCES = (
    "https://github.com/vllm-project/vllm/pull/18313",
    "https://github.com/marian-nmt/marian-dev/issues/21",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    data = load_breast_cancer()
    x = torch.tensor(data.data, dtype=torch.float32)
    model = nn.Sequential(
        nn.Linear(30, 64),
        nn.GELU(),
        nn.Dropout(0.1),
        nn.Linear(64, 1),
        nn.Softmax(dim=1),
    )
    return {
        "model": model,
        "batch": (x - x.mean(0)) / x.std(0),
        "target": torch.tensor(data.target, dtype=torch.float32).unsqueeze(1),
        "loss": nn.BCELoss(),
        "optimizer": torch.optim.AdamW(model.parameters(), lr=1e-3),
    }
