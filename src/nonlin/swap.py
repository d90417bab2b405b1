"""Replace the activations of a model by others, in place, and say what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from nonlin import registry
from nonlin.builders import classes
from nonlin.errors import ArgumentError, NonlinError


@dataclass(frozen=True)
class Swap:
    """One replacement: the module's qualified name, what it was, what it is."""

    name: str
    old: nn.Module
    new: nn.Module

    def __str__(self) -> str:
        return f"{self.name}: {self.old} -> {self.new}"


def swap_(
    model: nn.Module,
    replacements: Mapping[type[nn.Module] | str, Any],
    *,
    filter_fn: Callable[[nn.Module, str], bool] | None = None,
) -> list[Swap]:
    """Replace, in ``model`` itself, every module of a given class.

    A replacement is made anew for every place, keeps the old module's training mode, and takes over ``inplace`` where
    both have it. A module that stands in several places of the model is replaced by one module in all of them.

    Args:
        model: the model; it is changed. It must contain the activations as children: a model that *is* one has no
            place to put another into.
        replacements: from a class, or a name (torch's class and nonlin's), to whatever :func:`nonlin.get` accepts. Exactly that class is
            meant, not its subclasses.
        filter_fn: called with (module, qualified name); only where it returns True is the module replaced.

    Returns:
        One :class:`Swap` for each place, in the order of ``model.named_modules()``.

    Raises:
        NonlinError: where nothing is of a class to replace and no filter was given, naming what the model has; nothing
            is changed then.

    Example:
        >>> import nonlin
        >>> from torch import nn
        >>> model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
        >>> [str(swap) for swap in nonlin.swap_(model, {nn.ReLU: "mish"})]
        ['1: ReLU() -> Mish()']
    """
    if not isinstance(model, nn.Module) or not isinstance(replacements, Mapping) or not replacements:
        raise ArgumentError(
            f"got a {type(model).__name__} and {replacements!r}; expected a module and what to replace by what, "
            "such as swap_(model, {nn.ReLU: 'mish'})"
        )
    wanted = {kind: value for key, value in replacements.items() for kind in _classes(key)}
    made: dict[int, nn.Module] = {}
    swaps: list[Swap] = []
    for parent_name, parent in list(model.named_modules()):
        for child_name, child in parent._modules.items():  # named_children() tells a shared module once only
            name = f"{parent_name}.{child_name}" if parent_name else child_name
            if type(child) not in wanted or (filter_fn is not None and not filter_fn(child, name)):
                continue
            if id(child) not in made:
                made[id(child)] = _replacement(child, wanted[type(child)], (child, parent, model))
            swaps.append(Swap(name, child, made[id(child)]))
    if not swaps and filter_fn is None:
        kinds = sorted({type(m).__name__ for m in model.modules() if not list(m.children())})
        names = ", ".join(sorted({c.__name__ for c in wanted}))
        raise NonlinError(f"the model holds no {names} as a child module; its innermost modules are {', '.join(kinds)}")
    for swap in swaps:
        parent_name, _, child_name = swap.name.rpartition(".")
        setattr(model.get_submodule(parent_name), child_name, swap.new)
    return swaps


def _classes(key: type[nn.Module] | str) -> list[type[nn.Module]]:
    """The class itself; for a name, torch.nn's class of that activation and nonlin's."""
    if isinstance(key, type) and issubclass(key, nn.Module):
        return [key]
    if isinstance(key, str):
        activation = registry.find(key)
        own: type[nn.Module] = classes.of(activation)
        theirs = getattr(nn.modules.activation, activation.title, None)  # not nn.Bilinear, which is a layer
        return [own] if theirs is None else [own, theirs]
    raise ArgumentError(f"got {key!r} as what to replace; expected a class such as nn.ReLU, or a name such as 'relu'")


def _replacement(old: nn.Module, wanted: Any, around: tuple[nn.Module, ...]) -> nn.Module:
    """The new module, its parameters in the dtype and on the device of the nearest ones around the old one."""
    new = registry.get(wanted)
    if new is wanted:  # a module was given: each place gets a copy, so that none shares parameters by accident
        from copy import deepcopy

        new = deepcopy(wanted)
    if isinstance(wanted, str | type) and hasattr(new, "inplace") and getattr(old, "inplace", False):
        new.inplace = True  # type: ignore[assignment]  # a plain attribute, not a submodule
    near = next((p for module in around for p in module.parameters() if p.is_floating_point()), None)
    if near is not None:
        new.to(device=near.device, dtype=near.dtype)
    return new.train(old.training)
