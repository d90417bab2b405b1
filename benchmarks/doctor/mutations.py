"""Faults to put into a healthy model, found by what the model does and not by what it is called.

    python -m benchmarks.doctor.mutations              # each fault in each family: how many it fits, and that the faulty model runs
    python -m benchmarks.doctor.mutations bert resnet  # these only

A mutation ``applies`` where the model has the place for it and its fault is one there: a softmax on the logits is one where they
go to a cross-entropy as they are, not where they are scaled first. What an MLP without its activation, or with a softmax in its
place, can no longer do is seen in its structure: learning one batch by heart, as families.py does, hardly needs it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.doctor.family import Batch
from benchmarks.doctor.observed import Call, Seen, eval_pass, linear, observed

Change = Callable[[nn.Module, Batch, Seen], Batch | None]
POSITIONS = 1000  # of fewer, a unit that never fires may be chance
DYING = -100.0
QUERIES = (
    "query",
    "q_proj",
    "q",
    "q_lin",
    "query_proj",
    "q_linear",
    "query_layer",
    "to_q",
    "q_content_proj",
    "ca_qcontent_proj",
)
CERTAIN, SATURATED = 1000.0, 0.9
VISIBLE = 1e-6  # of rows more alike than this a softmax cannot tell which it was given
ANY = ("cross_entropy", "bce_with_logits", "mse")


@dataclass(frozen=True)
class Mutation:
    """``change`` alters the model in place and returns the batch, or None where there is no place for the fault: a call then
    raises, and the model is not to be used any more.

    ``rule`` is what a perfect doctor reports; ``allowed`` what is then true too.
    """

    name: str
    rule: str
    change: Change
    allowed: tuple[str, ...] = ()

    def applies(self, model: nn.Module, batch: Batch) -> bool:
        copy = deepcopy(model)
        return self.change(copy, batch, observed(copy, batch)) is not None

    def __call__(self, model: nn.Module, batch: Batch) -> tuple[nn.Module, Batch]:
        changed = self.change(model, batch, observed(model, batch))
        if changed is None:
            raise ValueError(f"{self.name} has no place in {type(model).__name__}")
        return model, changed


class SoftmaxOfOne(nn.Module):
    """A softmax over an axis that was added for it: every weight is 1."""

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze(-1).softmax(-1).squeeze(-1)


class Detach(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


class Chain(nn.Sequential):
    """Modules in a row, of which one is the layer that they stand for: some models ask their head for its weight or stride."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            layer = next((module for module in self.children() if linear(module)), None)
            if layer is None:
                raise
            return getattr(layer, name)


def put(model: nn.Module, old: nn.Module, new: nn.Module) -> None:
    """At every place that the old module has in the tree."""
    places = [(parent, name) for parent in model.modules() for name, child in parent.named_children() if child is old]
    for parent, name in places:
        setattr(parent, name, new)


def across(call: Call) -> int:
    """The axis of the features that a layer makes."""
    return 1 if isinstance(call.module, nn.Conv2d) else -1


def after_head(
    model: nn.Module, batch: Batch, seen: Seen, kinds: Sequence[str], make: Callable[[Call], nn.Module]
) -> Batch | None:
    head = seen.head(*kinds)
    if head is None:
        return None
    put(model, head.module, Chain(head.module, make(head)))
    return batch


def on_logits(make: Callable[[Call], nn.Module], *kinds: str) -> Change:
    return partial(after_head, kinds=kinds, make=make)


def softmax_over_batch(model: nn.Module, batch: Batch, seen: Seen) -> Batch | None:
    head = seen.head("cross_entropy")
    if head is None or head.shape[0] != rows(batch) or head.spread < VISIBLE:
        return None
    return after_head(model, batch, seen, ("cross_entropy",), lambda _: nn.Softmax(dim=0))


def in_mlps(model: nn.Module, batch: Batch, seen: Seen, make: Callable[[Call], nn.Module], every: bool) -> Batch | None:
    """In the first, which is the first block's, or in all."""
    found = seen.activated()
    for first, middle, _ in found if every else found[:1]:
        put(model, middle.module, make(first))
    return batch if found else None


def as_activation(make: Callable[[Call], nn.Module], every: bool = False) -> Change:
    return partial(in_mlps, make=make, every=every)


def dead_relu(model: nn.Module, batch: Batch, seen: Seen) -> Batch | None:
    for first, middle, _ in seen.activated():
        bias = first.module.bias
        if isinstance(bias, Tensor):
            put(model, middle.module, nn.ReLU())
            with torch.no_grad():
                bias.fill_(DYING)
            features = first.shape[across(first)]
            return repeated(batch, -(-POSITIONS * features // torch.Size(first.shape).numel()))
    return None


def rows(batch: Batch) -> int:
    return next(len(value) for value in batch.values() if isinstance(value, Tensor))


def repeated(batch: Batch, times: int) -> Batch:
    """The rows of the batch, so many times over."""
    count = rows(batch)

    def longer(value: Any) -> Any:
        if isinstance(value, Tensor) and value.dim() and len(value) == count:
            return value.repeat(times, *[1] * (value.dim() - 1))
        return value * times if isinstance(value, list) else value

    return {name: longer(value) for name, value in batch.items()}


def all_frozen(model: nn.Module, batch: Batch, seen: Seen) -> Batch | None:
    model.requires_grad_(False)
    return batch


def detached(model: nn.Module, batch: Batch, seen: Seen, frozen: bool) -> Batch | None:
    """Before the head: no gradient passes it, and where the head is frozen there is none at all."""
    head = seen.head(*ANY)
    if head is None:
        return None
    head.module.requires_grad_(not frozen)
    put(model, head.module, Chain(Detach(), head.module))
    loss = eval_pass(model, batch).loss  # of models with further losses, these may still reach the rest
    if frozen:
        return None if loss.requires_grad else batch
    learned = set(head.module.parameters())
    rest = [parameter for parameter in model.parameters() if parameter.requires_grad and parameter not in learned]
    if not rest or not loss.requires_grad:
        return None
    gradients = torch.autograd.grad(loss, rest, allow_unused=True)
    return batch if all(gradient is None for gradient in gradients) else None


def not_a_number(model: nn.Module, batch: Batch, seen: Seen) -> Batch | None:
    """In the weight of a layer halfway through."""
    layers = [call.module for call in seen.calls if isinstance(getattr(call.module, "weight", None), nn.Parameter)]
    if not layers:
        return None
    weight = layers[len(layers) // 2].weight
    assert isinstance(weight, Tensor)
    with torch.no_grad():
        weight.view(-1)[0] = torch.nan
    return batch


def certain_attention(model: nn.Module, batch: Batch, seen: Seen) -> Batch | None:
    """Queries and keys a thousand times as large. Not a fault where they are normalised, which the peaks then show."""
    layers = dict(model.named_modules())
    scaled = 0
    for name, layer in layers.items():
        path, _, last = name.rpartition(".")
        key = layers.get(f"{path}.{key_of(last)}".lstrip("."))
        weights = [getattr(module, "weight", None) for module in (layer, key)]
        if last in QUERIES and all(isinstance(weight, nn.Parameter) and weight.dim() >= 2 for weight in weights):
            scaled += 1
            with torch.no_grad():
                for weight in weights:
                    weight.mul_(CERTAIN)  # type: ignore[union-attr]
    if not scaled:
        return None
    after = observed(model, batch).peaks
    pairs = zip(seen.peaks, after, strict=False)
    return batch if any(old < SATURATED <= new for old, new in pairs) else None


def key_of(query: str) -> str:
    """The name of the keys' layer beside the queries'."""
    return query.replace("query", "key") if "query" in query else re.sub(r"q(?=content|_|$)", "k", query)


def softmax(call: Call) -> nn.Module:
    return nn.Softmax(dim=across(call))


FLAT = ("L04", "L13", "D04")  # what may be said of any bounded output
MUTATIONS: tuple[Mutation, ...] = (
    Mutation("softmax_on_logits", "L01", on_logits(softmax, "cross_entropy"), ("L04",)),
    Mutation("sigmoid_on_logits", "L04", on_logits(lambda _: nn.Sigmoid(), "cross_entropy"), ("L13",)),
    Mutation("tanh_on_logits", "L04", on_logits(lambda _: nn.Tanh(), "cross_entropy"), ("L13",)),
    Mutation("relu_on_logits", "L05", on_logits(lambda _: nn.ReLU(), "cross_entropy")),
    Mutation("sigmoid_before_bce_with_logits", "L06", on_logits(lambda _: nn.Sigmoid(), "bce_with_logits"), ("L13",)),
    Mutation("softmax_before_bce_with_logits", "L06", on_logits(softmax, "bce_with_logits"), ("L10",)),
    Mutation("relu_before_bce_with_logits", "L05", on_logits(lambda _: nn.ReLU(), "bce_with_logits")),
    Mutation("sigmoid_before_mse", "L08", on_logits(lambda _: nn.Sigmoid(), "mse"), ("L13",)),
    Mutation(
        "softmax_of_one_on_logits",
        "L11",
        on_logits(lambda _: SoftmaxOfOne(), *ANY),
        ("L01", "L06", "L08", "D01", "D02", *FLAT),
    ),
    Mutation("softmax_of_one_in_one_mlp", "L11", as_activation(lambda _: SoftmaxOfOne()), ("S04", "D01", "D02", "D04")),
    Mutation("softmax_over_batch_on_logits", "L12", softmax_over_batch, ("L01", *FLAT)),
    Mutation("identity_in_one_mlp", "S01", as_activation(lambda _: nn.Identity())),
    Mutation("identity_in_every_mlp", "S01", as_activation(lambda _: nn.Identity(), every=True)),
    Mutation("softmax_in_one_mlp", "S04", as_activation(softmax)),
    Mutation("softmax_in_every_mlp", "S04", as_activation(softmax, every=True), ("D02",)),
    Mutation("dead_relu_in_one_mlp", "D03", dead_relu, ("D01",)),
    Mutation("everything_frozen", "D01", all_frozen),
    Mutation("detached_before_frozen_head", "D01", partial(detached, frozen=True)),
    Mutation("detached_before_head", "D01", partial(detached, frozen=False)),
    Mutation("not_a_number_in_a_weight", "N01", not_a_number),
    Mutation("certain_attention", "D05", certain_attention, ("D02",)),
)


def outcome(mutation: Mutation, build: Callable[[], tuple[nn.Module, Batch]]) -> str | None:
    """Empty where the faulty model runs forward and, with anything left to learn, backward. None: the fault has no place."""
    try:
        model, batch = build()
        if not mutation.applies(model, batch):
            return None
        model, batch = mutation(model, batch)
        loss = model(**batch).loss
        if loss.requires_grad:
            loss.backward()
    except Exception as error:
        if mutation.rule == "N01" and isinstance(error, ValueError):
            return ""  # the model checks its values
        return f"{type(error).__name__}: {error}"[:150]
    return "" if torch.isfinite(loss) or mutation.rule == "N01" else "the loss is not finite"


def main(names: Sequence[str]) -> int:
    from benchmarks.doctor.families import FAMILIES

    torch.set_num_threads(1)
    chosen = [family for family in FAMILIES if not names or family.name in names]
    wrong = 0
    for mutation in MUTATIONS:
        results = {family.name: outcome(mutation, family.build) for family in chosen}
        failed = {name: result for name, result in results.items() if result}
        fit = sum(result is not None for result in results.values())
        wrong += len(failed)
        print(
            f"{mutation.name:32} {mutation.rule}  applies to {fit:3} of {len(chosen)}, fails in {len(failed)}",
            flush=True,
        )
        for name, result in failed.items():
            print(f"    {name}: {result}")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
