"""Does a predicted probability come true as often as it says? Reliability of a sigmoid and of a softmax output."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import Function, layers, logits, widths_of
from nonlin.guide.experiments.progress import Tick
from nonlin.guide.experiments.training import train
from nonlin.guide.results import Reliability

BINS = 10
_NORMAL_97_5 = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


def wilson(successes: int, trials: int) -> tuple[float, float]:
    r"""95 % Wilson score interval of a frequency.

    With :math:`p = k / n` and :math:`z = 1.96`: :math:`\frac{p + z^2/2n \pm z\sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}`.

    Raises:
        ValueError: ``trials`` is not positive, or ``successes`` lies outside 0 .. trials.

    Example:
        >>> [round(edge, 4) for edge in wilson(8, 10)]
        [0.4902, 0.9433]

    Source: Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference.
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes in {trials} trials; expected 0 <= successes <= trials and trials >= 1")
    p, z2 = successes / trials, _NORMAL_97_5**2
    centre = p + z2 / (2 * trials)
    reach = _NORMAL_97_5 * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials**2))
    scale = 1 + z2 / trials
    # At 0 or all successes one edge is exactly 0 or 1; rounding must not push it past.
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)


def _bin_of(probability: Tensor) -> Tensor:
    return (probability * BINS).long().clamp(0, BINS - 1)


def calibration_error(probability: Tensor, came_true: Tensor) -> float:
    r"""Expected calibration error: :math:`\sum_b \frac{n_b}{n}\,\lvert \bar p_b - \bar y_b \rvert` over ten equal bins.

    Args:
        probability: predicted, ``[samples]``.
        came_true: whether it happened, ``[samples]``, bool.

    Example:
        >>> calibration_error(torch.tensor([0.25, 0.25, 0.75, 0.75]), torch.tensor([False, False, True, False]))
        0.25

    Source: Naeini, Cooper & Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian Binning.
    """
    gap = torch.zeros(BINS, dtype=torch.float64, device="cpu")
    gap.index_add_(0, _bin_of(probability), probability.double() - came_true.double())
    return gap.abs().sum().item() / probability.numel()


def _judge(z: Tensor, squash: Function, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Predicted probability, whether it came true, and whether the guess was right: each ``[N, B]``."""
    p = squash(z).detach()
    if z.shape[-1] == 1:
        p = p[..., 0]
        return p, (target == 1).expand_as(p), (p > 0.5) == (target == 1)
    confidence, guess = p.max(dim=-1)
    return confidence, guess == target, guess == target


def _record(output: str, data: Split, epochs: int, p: Tensor, came_true: Tensor, right: Tensor) -> Reliability:
    bins = _bin_of(p)
    rows = []
    for index in range(BINS):
        chosen = bins == index
        count = int(chosen.sum())
        if count:
            hits = int(came_true[chosen].sum())
            rows.append((p[chosen].double().mean().item(), hits / count, count, *wilson(hits, count)))
    confidence, frequency, counts, low, high = zip(*rows, strict=True)
    return Reliability(
        output=output,
        dataset=data.name,
        epochs=epochs,
        confidence=confidence,
        frequency=frequency,
        count=counts,
        low=low,
        high=high,
        calibration_error=tuple(calibration_error(a, b) for a, b in zip(p, came_true, strict=True)),
        accuracy=tuple(right.double().mean(dim=1).tolist()),
    )


def reliability(
    output: str,
    squash: Function,
    hidden: Function,
    data: Split,
    *,
    seeds: Sequence[int],
    width: int,
    depth: int,
    learning_rate: float,
    epochs: Sequence[int],
    batch_size: int,
    tick: Tick,
) -> tuple[Reliability, ...]:
    """Train a classifier by cross entropy and compare what it predicts with what happens on held-out samples.

    With one logit, the probability of class 1 against how often class 1 is seen; with several, the probability of the
    class that it chooses against how often that class is right. Bins are pooled over the seeds. The nets of all seeds
    judge the same held-out samples, so the pooled intervals are narrower than those of as many independent samples.

    Args:
        output: name of ``squash``, for the record.
        squash: turns logits ``[..., O]`` into probabilities; over the last dimension where ``O > 1``.
        hidden: the activation of the hidden layers.
        epochs: when to look; one record for each.

    Raises:
        ValueError: ``epochs`` is empty or holds a number below 1.
    """
    if not epochs or min(epochs) < 1:
        raise ValueError(f"epochs={tuple(epochs)}; expected one or more numbers of at least 1")
    widths = widths_of(data.features, width, depth, data.outputs)
    records = []

    @torch.no_grad()
    def look(epoch: int, parameters: Tensor, _loss: Tensor) -> None:
        if epoch in epochs:
            z = logits(layers(parameters, widths), hidden, data.x_test)
            records.append(_record(output, data, epoch, *_judge(z, squash, data.y_test)))
        tick(epoch / max(epochs))

    train(
        data,
        widths,
        hidden,
        seeds=seeds,
        learning_rates=[learning_rate],
        epochs=max(epochs),
        batch_size=batch_size,
        after_epoch=look,
    )
    return tuple(records)
