"""How large each experiment is, and the record of it that goes with the results."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from nonlin.guide.experiments.data import Split
from nonlin.guide.experiments.network import INITIALISATION
from nonlin.guide.experiments.speed import COLUMNS
from nonlin.guide.results import Setting


@dataclass(frozen=True)
class Plan:
    """The size of every experiment; the defaults are the guide's own."""

    width: int = 64
    batch_size: int = 128
    learning_rate: float = 1e-3
    initial_depth: int = 8  # gradients and centring
    depths: tuple[int, ...] = (1, 2, 4, 6)
    epochs: int = 20
    dead_depth: int = 3
    dead_rates: tuple[float, ...] = (1e-3, 3e-3, 1e-2, 3e-2)
    dead_epochs: int = 20
    output_depth: int = 2
    output_epochs: tuple[int, ...] = (20, 150)
    timings: tuple[tuple[int, int], ...] = ((2**17, 31), (2**20, 15))  # elements, rounds


FULL = Plan()
QUICK = Plan(
    depths=(1, 2),
    epochs=2,
    dead_depth=2,
    dead_rates=(1e-3, 3e-2),
    dead_epochs=2,
    output_depth=1,
    output_epochs=(1, 3),
    timings=((2**12, 3),),
)


def settings(
    plan: Plan, data: dict[str, Split], *, seeds: int, hidden: str, outputs: dict[str, str], rowwise: Collection[str]
) -> dict[str, Setting]:
    """The setting of every experiment, keyed by the fields of Measurements.

    Args:
        data: the data sets by name.
        hidden: activation of the hidden layers behind the outputs.
        outputs: data set of each output whose probabilities are judged.
        rowwise: the activations that take part in the speed table and as outputs alone.
    """
    digits = data["digits"]

    def on_digits(depths: tuple[int, ...], epochs: int, note: str, rates: tuple[float, ...] = ()) -> Setting:
        return Setting(
            dataset=digits.name,
            samples=len(digits.y),
            test_samples=len(digits.y_test),
            width=plan.width,
            optimizer="Adam" if epochs else "",
            learning_rate=plan.learning_rate if epochs and not rates else 0.0,
            learning_rates=rates,
            epochs=epochs,
            batch_size=plan.batch_size if epochs else len(digits.y),
            seeds=seeds,
            depths=depths,
            initialisation=INITIALISATION,
            note=note + left_out,
        )

    left_out = (
        f" {', '.join(rowwise)}: normalises a whole row, so not measured between hidden layers." if rowwise else ""
    )
    judged = [data[name] for name in outputs.values()]
    pixels = "Pixels are standardised by one mean and one standard deviation of the training part."
    return {
        "gradients": on_digits(
            (plan.initial_depth,), 0, f"Before any training, over the whole training part. {pixels}"
        ),
        "accuracies": on_digits(plan.depths, plan.epochs, pixels),
        "dead_units": on_digits(
            (plan.dead_depth,),
            plan.dead_epochs,
            f"Dead: autograd's float32 derivative is exactly zero on every training sample. {pixels}",
            plan.dead_rates,
        ),
        "centring": on_digits((plan.initial_depth,), 0, f"Before any training, over the whole training part. {pixels}"),
        "reliability": Setting(
            dataset=", ".join(f"{name} ({output})" for output, name in outputs.items()),
            samples=sum(len(split.y) for split in judged),
            test_samples=sum(len(split.y_test) for split in judged),
            width=plan.width,
            optimizer="Adam",
            learning_rate=plan.learning_rate,
            epochs=max(plan.output_epochs),
            batch_size=plan.batch_size,
            seeds=seeds,
            depths=(plan.output_depth,),
            initialisation=INITIALISATION,
            note=f"Hidden activation: {hidden}. Trained by cross entropy on "
            + " and ".join(f"{len(split.y)} samples of {split.name}, judged on {len(split.y_test)}" for split in judged)
            + ". The nets of all seeds judge the same held-out samples, so the pooled intervals are narrower than those"
            " of as many independent samples.",
        ),
        "speed": Setting(
            dataset="standard normal values",
            samples=max(elements for elements, _ in plan.timings),
            width=0,
            optimizer="",
            learning_rate=0.0,
            epochs=0,
            batch_size=0,
            seeds=1,
            note="; ".join(f"{rounds} rounds of {elements} elements" for elements, rounds in plan.timings)
            + f"; the functions in turns and in random order; rows of {COLUMNS} values; "
            "every call allocates its output.",
        ),
    }
