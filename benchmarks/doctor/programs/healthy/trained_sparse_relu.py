"""An MLP trained on digits with a penalty on its activations: its ReLUs are silent most of the time, and right."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import nn

EXPECTED = ()
ALLOWED = ()
SOURCES = ("https://github.com/autonomousvision/transfuser/issues/146",)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x, y = load_digits(return_X_y=True)
    inputs, target = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    batch = (inputs - inputs.mean(0)) / inputs.std(0).clamp(min=0.5)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(100):
        optimizer.zero_grad()
        first = model[:2](batch)
        second = model[2:4](first)
        sparsity = first.mean() + second.mean()
        (nn.functional.cross_entropy(model[4](second), target) + 0.3 * sparsity).backward()
        optimizer.step()
    return {"model": model, "batch": batch, "target": target, "loss": nn.CrossEntropyLoss(), "optimizer": optimizer}
