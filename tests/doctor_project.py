"""A project to diagnose: one file with every kind of target, which the tests of the doctor's command name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = """
import sys
import torch
from torch import nn
import torch.nn.functional as F

print("noise of an import")

def sequential(*last):
    return nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 10), *last)

def build():
    print("noise of a call")
    return sequential(nn.Softmax(dim=1))

def fine():
    return sequential()

def note():
    return sequential(nn.LogSoftmax(dim=1))

def rectified():
    return sequential(nn.ReLU())

def sigmoid():
    return nn.Sequential(nn.Linear(20, 10), nn.Sigmoid())

def pair():
    return build(), torch.randn(8, 20)

def four():
    return build(), torch.randn(8, 20), torch.randint(10, (8,)), "cross_entropy"

def again():
    return four()

def five():
    model = build()
    return model, torch.randn(8, 20), torch.randint(10, (8,)), F.cross_entropy, torch.optim.SGD(model.parameters(), 0.1)

def mapping():
    return {"model": build(), "batch": torch.randn(8, 20), "target": torch.randint(10, (8,)), "loss": nn.CrossEntropyLoss()}

def far():
    return sigmoid(), torch.randn(8, 20), 10 + torch.randn(8, 10), "mse"

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = build()

    def forward(self, x):
        return self.inner(x)

class Evaluated(Net):
    def forward(self, x):
        if self.training:
            raise ValueError("in training mode")
        return self.inner(x)

class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()

class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.out = nn.Embedding(50, 10), nn.Linear(4, 10)

    def forward(self, tokens, x):
        return self.table(tokens) + self.out(x)

net = Net()
held = {"model": net, "batch": torch.randn(8, 20), "target": torch.randint(10, (8,)), "loss": "cross_entropy"}
number = 3
absent = lambda: None
odd = lambda: {"model": net, "bach": 1}
empty = lambda: ()
other = lambda: (3, torch.ones(2))
leaves = lambda: sys.exit(4)

def breaks():
    return 1 / 0

if __name__ == "__main__":
    raise RuntimeError("the guard is not respected")
"""
CALL: Final = ("--input", "8,20", "--loss", "cross_entropy")


def made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``train.py`` in the folder, which becomes the current one; a pyproject.toml of its own keeps any above it out."""
    (folder / "train.py").write_text(SOURCE)
    (folder / "pyproject.toml").write_text("")
    monkeypatch.chdir(folder)
    return folder


def line_of(text: str) -> int:
    """The line of train.py in which a text first stands."""
    return SOURCE[: SOURCE.index(text)].count("\n") + 1
