"""A LeNet whose three fully connected layers follow each other with nothing in between: together they are one 400x10 matrix."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

EXPECTED = ("S01",)
ALLOWED = ()
SOURCES = ("https://github.com/soumith/cvpr2015/issues/6",)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    net = nn.Sequential()
    net.add_module("conv1", nn.Conv2d(1, 6, 5))
    net.add_module("relu1", nn.ReLU())
    net.add_module("pool1", nn.MaxPool2d(2, 2))
    net.add_module("conv2", nn.Conv2d(6, 16, 5))
    net.add_module("relu2", nn.ReLU())
    net.add_module("pool2", nn.MaxPool2d(2, 2))
    net.add_module("view", nn.Flatten())
    net.add_module("fc1", nn.Linear(16 * 5 * 5, 120))
    net.add_module("fc2", nn.Linear(120, 84))
    net.add_module("fc3", nn.Linear(84, 10))
    return {
        "model": net,
        "batch": torch.randn(64, 1, 32, 32),
        "target": torch.randint(0, 10, (64,)),
        "loss": nn.CrossEntropyLoss(),
        "optimizer": torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9),
    }
