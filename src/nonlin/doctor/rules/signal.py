"""A signal that dies out or explodes from layer to layer: D06."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import torch

from nonlin.doctor.calls import Call
from nonlin.doctor.case import Case
from nonlin.doctor.finding import Finding, Picture, plain, rule
from nonlin.doctor.flow import Op, behind
from nonlin.doctor.rules.layers import data
from nonlin.doctor.rules.logits import shown

LENGTH: Final = 4  # activations in a row
FACTOR: Final = 1e-3  # from the first to the last of them: what is left of the signal, or its inverse


@rule("D06", "initialisation does not fit the activation", "warning", needs=("graph",))
def gain(case: Case) -> Iterator[Finding]:
    """Along at least four layers in a row with nothing but activations, pools and moves between (no norm, no residual sum), the spread of the
    activations over the samples falls to less than a thousandth, or grows a thousandfold: measured, whatever the table of gains says."""
    chain = max(_chains(case), key=len, default=[])
    spreads = [c.numbers.spread for c in chain if c.numbers is not None]
    if len(chain) < LENGTH or len(spreads) != len(chain) or not spreads[0]:
        return
    ratio = spreads[-1] / spreads[0]
    if FACTOR <= ratio <= 1 / FACTOR:
        return
    name = chain[0].name
    each = ratio ** (1 / (len(chain) - 1)) if ratio else 0.0
    yield Finding(
        "warning",
        f"the signal {'dies out' if ratio < 1 else 'explodes'}: from {shown(chain[0])} to {shown(chain[-1])}, {len(chain)} layers, "
        f"the spread over samples goes from {plain(spreads[0])} to {plain(spreads[-1])}, times {plain(each)} a layer",
        f'nonlin.init_(model, "{name}") before training, or a norm between the layers',
        tuple(chain),
        numbers={"first": spreads[0], "last": spreads[-1], "layers": len(chain), "factor": each},
        picture=Picture(
            "spread of the activations, first layer to last",
            torch.tensor(spreads),
            "layer",
            logarithmic=True,
            steps=True,
        ),
    )


def _chains(case: Case) -> Iterator[list[Call]]:
    """Every run of activations that are joined by one layer each, as long as they go."""
    before = {}
    ops: list[Op] = [
        op for op in case.flow if op.call is not None and op.call.kind == "activation" and op.call.numbers is not None
    ]
    for op in ops:
        layers = behind(op.inputs[0]) if op.inputs else []
        if len(layers) == 1 and layers[0].name in ("linear", "conv") and (given := data(layers[0])) is not None:
            inner = behind(given, pools=True)
            if len(inner) == 1 and inner[0].call is not None and inner[0].call.kind == "activation":
                before[id(op)] = inner[0]
    for op in ops:
        chain, at = [op], op
        while id(at) in before:
            at = before[id(at)]
            chain.append(at)
        yield [o.call for o in reversed(chain) if o.call is not None and o.call.numbers is not None]
