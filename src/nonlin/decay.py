"""Which parameters weight decay should leave alone: those of activations, whose size means something else than a weight's."""

from __future__ import annotations

from typing import Any

from torch import nn


def no_decay(model: nn.Module) -> list[nn.Parameter]:
    """The learned parameters of the activations in a model, torch's ``nn.PReLU`` included: slopes, thresholds, coefficients, tables.

    Decay pulls them towards 0, which is another curve and not a smaller one: a PReLU becomes ReLU, the denominator of a
    rational function 1. The publications train them without. The weights of linear maps, convolutions and normalisations
    inside an activation (``DynamicReLU``, ``MetaACON``, ``FunnelReLU``, ``SGU``) are not among them: no publication exempts
    them, and they are layers like any other.

    Args:
        model: a module; activations are looked for in all of its submodules, gates that other modules hold included.

    Returns:
        Each parameter once, in the order of ``model.modules()``.

    Example:
        >>> import nonlin
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(2, 8), nonlin.PReLU(8), nn.Linear(8, 1))
        >>> [tuple(p.shape) for p in nonlin.no_decay(model)]
        [(8,)]
    """
    from nonlin.builders.classes import ActivationModule

    found: dict[int, nn.Parameter] = {}
    for module in model.modules():
        if isinstance(module, ActivationModule | nn.PReLU):
            found.update((id(p), p) for p in module.parameters(recurse=False))
    return list(found.values())


def parameter_groups(model: nn.Module, weight_decay: float = 0.01) -> list[dict[str, Any]]:
    """The two groups that an optimiser takes: all other parameters with weight decay, those of activations without.

    Args:
        model: a module.
        weight_decay: of the first group (default 0.01, AdamW's).

    Returns:
        ``[{"params": ..., "weight_decay": weight_decay}, {"params": ..., "weight_decay": 0.0}]``; a parameter that two
        modules share is in it once, and without decay where one of them is an activation.

    Example:
        >>> import nonlin, torch
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(2, 8), nonlin.PReLU(8), nn.Linear(8, 1))
        >>> groups = nonlin.parameter_groups(model, weight_decay=0.1)
        >>> [(len(group["params"]), group["weight_decay"]) for group in groups]
        [(4, 0.1), (1, 0.0)]
        >>> optimiser = torch.optim.AdamW(groups, lr=1e-3)
    """
    kept = no_decay(model)
    known = {id(p) for p in kept}
    others = [p for p in model.parameters() if id(p) not in known]
    return [{"params": others, "weight_decay": weight_decay}, {"params": kept, "weight_decay": 0.0}]
