"""An autoencoder of standardised features ends with ReLU: the negative half of what it should rebuild is out of its reach."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

EXPECTED = ("L08",)
ALLOWED = ()
SOURCES = (
    "https://github.com/curiousily/Credit-Card-Fraud-Detection-using-Autoencoders-in-Keras/issues/1",
    "https://github.com/AliJalalifar/Character_Animation/issues/3",
)


def build() -> dict[str, Any]:
    torch.manual_seed(0)
    x = torch.tensor(load_breast_cancer().data, dtype=torch.float32)
    x = (x - x.mean(0)) / x.std(0)
    features = x.shape[1]
    encoder = nn.Sequential(nn.Linear(features, 14), nn.Tanh(), nn.Linear(14, 7), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(7, 14), nn.Tanh(), nn.Linear(14, features), nn.ReLU())
    return {"model": nn.Sequential(encoder, decoder), "batch": x, "target": x.clone(), "loss": nn.SmoothL1Loss()}
