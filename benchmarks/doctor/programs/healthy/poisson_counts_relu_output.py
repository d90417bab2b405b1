"""Counts of cars with a final ReLU and PoissonNLLLoss(log_input=False): the targets are counts, the ReLU starts alive."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

EXPECTED = ()
ALLOWED = ()
SOURCES = (
    "https://github.com/apache/mxnet/issues/2042",
    "https://github.com/pytorch/pytorch/pull/184060",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x = torch.randn(512, 10)
    counts = torch.poisson(torch.exp(0.8 + 0.5 * x[:, :1] - 0.3 * x[:, 1:2]))
    output = nn.Linear(64, 1)
    nn.init.constant_(output.bias, counts.mean().item())
    model = nn.Sequential(nn.Linear(10, 64), nn.ELU(), nn.Linear(64, 64), nn.ELU(), output, nn.ReLU())
    return {
        "model": model,
        "batch": x,
        "target": counts,
        "loss": nn.PoissonNLLLoss(log_input=False),
        "optimizer": torch.optim.Adam(model.parameters(), lr=1e-3),
    }
