"""The two data sets that ship inside scikit-learn, split once and scaled by what the training part alone shows."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

import torch
from torch import Tensor

from nonlin.errors import MissingExtraError

HELD_OUT = 0.25  # share of the samples that no net is trained on


@dataclass(frozen=True)
class Split:
    """A data set in two parts.

    Args:
        name: scikit-learn's name for it.
        x, y: training inputs ``[samples, features]``, float32, and labels ``[samples]``, int64.
        x_test, y_test: the same of the held-out samples.
        classes: number of classes.
    """

    name: str
    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor
    classes: int

    @property
    def features(self) -> int:
        return self.x.shape[1]

    @property
    def outputs(self) -> int:
        """Width of the output layer: one logit tells two classes apart."""
        return 1 if self.classes == 2 else self.classes


def _sklearn(module: str) -> Any:
    try:
        return import_module(f"sklearn.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "the measurements of the guide run on scikit-learn's digits and breast_cancer data, and scikit-learn is "
            "not installed; expected it to be importable as sklearn. Install it with: pip install nonlin[guide]",
            name="sklearn",
        ) from error


def load(name: Literal["digits", "breast_cancer"]) -> Split:
    """Load a data set, hold out a stratified quarter (always the same one), and standardise both parts.

    ``digits`` is an image: one mean and one standard deviation for all pixels, because the pixels of the border are
    almost constant and a scale of their own would blow their noise up. ``breast_cancer`` holds 30 quantities in
    different units: a mean and a standard deviation for each. Both come from the training part alone.

    Raises:
        ModuleNotFoundError: scikit-learn is missing; the message names the extra to install.

    Example:
        >>> load("digits").x.shape
        torch.Size([1347, 64])

    Source: scikit-learn's ``load_digits`` (1,797 images of 8 x 8 pixels, UCI) and ``load_breast_cancer`` (569 samples,
    Wisconsin, UCI); class 1 of the latter means benign.
    """
    bunch = getattr(_sklearn("datasets"), f"load_{name}")()
    x_train, x_test, y_train, y_test = _sklearn("model_selection").train_test_split(
        bunch.data, bunch.target, test_size=HELD_OUT, stratify=bunch.target, random_state=0
    )
    axis = None if name == "digits" else 0
    mean, std = x_train.mean(axis=axis), x_train.std(axis=axis)

    def inputs(values: Any) -> Tensor:
        return torch.tensor((values - mean) / std, dtype=torch.float32, device="cpu")

    def labels(values: Any) -> Tensor:
        return torch.tensor(values, dtype=torch.int64, device="cpu")

    return Split(
        name=name,
        x=inputs(x_train),
        y=labels(y_train),
        x_test=inputs(x_test),
        y_test=labels(y_test),
        classes=len(bunch.target_names),
    )
