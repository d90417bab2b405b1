"""What the guide measures, as plain frozen records: the experiments fill them, the page draws them.

Every record carries per-seed numbers, so that a figure can show the spread and never only a mean.
Arrays are nested tuples of floats (no torch, no numpy): a record serialises with ``dataclasses.asdict``.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Setting:
    """How a measurement was made: enough to repeat it. A number that does not apply is 0, a text empty."""

    dataset: str
    samples: int
    width: int
    optimizer: str
    learning_rate: float
    epochs: int
    batch_size: int
    seeds: int
    test_samples: int = 0  # held out: no net was trained on them
    depths: tuple[int, ...] = ()  # hidden layers of the nets
    learning_rates: tuple[float, ...] = ()  # where there are several; learning_rate is then 0
    initialisation: str = ""
    note: str = ""  # what else a reader must know, in sentences


@dataclass(frozen=True)
class GradientByLayer:
    """Weight-gradient norm reaching each layer of a deep net at initialisation, relative to the last hidden layer."""

    activation: str
    depth: int
    norms: tuple[tuple[float, ...], ...]  # [seed][layer], layer 1 is next to the input
    factor_per_layer: tuple[float, ...]  # [seed] geometric mean of norm[layer] / norm[layer + 1]


@dataclass(frozen=True)
class Accuracy:
    """Test accuracy after every epoch, at one depth."""

    activation: str
    depth: int
    accuracy: tuple[tuple[float, ...], ...]  # [seed][epoch]
    loss: tuple[tuple[float, ...], ...]  # [seed][epoch], training loss


@dataclass(frozen=True)
class DeadUnits:
    """Share of hidden units whose derivative is zero on every training sample, after training at one learning rate."""

    activation: str
    learning_rate: float
    share: tuple[tuple[float, ...], ...]  # [seed][hidden layer]
    accuracy: tuple[float, ...]  # [seed]
    share_before: tuple[tuple[float, ...], ...] = ()  # the same before training, [seed][hidden layer]


@dataclass(frozen=True)
class Centring:
    """Mean and spread of the values that a hidden layer passes on, over the training set at initialisation."""

    activation: str
    mean: tuple[tuple[float, ...], ...]  # [seed][hidden layer]
    std: tuple[tuple[float, ...], ...]  # [seed][hidden layer]


@dataclass(frozen=True)
class Reliability:
    """Predicted probability against observed frequency on held-out samples."""

    output: str  # "sigmoid" (binary) or "softmax" (multi-class)
    dataset: str
    epochs: int  # how long the classifier was trained
    confidence: tuple[float, ...]  # mean predicted probability in each non-empty bin
    frequency: tuple[float, ...]  # observed frequency in that bin
    count: tuple[int, ...]  # held-out samples in that bin
    low: tuple[float, ...]  # 95 % Wilson interval of the frequency
    high: tuple[float, ...]
    calibration_error: tuple[float, ...]  # [seed] expected calibration error
    accuracy: tuple[float, ...]  # [seed]
    hidden: str = ""  # activation of the hidden layers


@dataclass(frozen=True)
class Speed:
    """Time of forward and of forward + backward, as the ratio to PyTorch's ReLU timed side by side.

    It is the time of PyTorch's own operation where PyTorch has the function, else of nonlin's.
    """

    activation: str
    elements: int
    dtype: str
    threads: int
    forward_ratio: float  # median of paired ratios to relu
    forward_low: float  # quartiles of the paired ratios
    forward_high: float
    training_ratio: float
    training_low: float
    training_high: float
    forward_us: float  # median microseconds
    nonlin_ratio: float  # nonlin's own function, ratio to PyTorch's relu
    training_us: float = 0.0  # median microseconds of forward + backward
    nonlin_training_ratio: float = 0.0  # as nonlin_ratio, forward + backward
    by_torch: bool = False  # whether the first figures are those of PyTorch's own operation


@dataclass(frozen=True)
class Measurements:
    """Everything that one run of the guide measured."""

    settings: dict[str, Setting]  # keyed by the field names below
    gradients: tuple[GradientByLayer, ...] = ()
    accuracies: tuple[Accuracy, ...] = ()
    dead_units: tuple[DeadUnits, ...] = ()
    centring: tuple[Centring, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    speed: tuple[Speed, ...] = ()
    machine: str = ""  # processor, threads, torch and python versions
    seconds: float = 0.0
    seconds_by_experiment: dict[str, float] = field(default_factory=dict)  # where the time went
