"""``nonlin.check``: the whole contract, on any activation."""

from __future__ import annotations

import copy
import re
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from nonlin import registry
from nonlin.builders import classes
from nonlin.contract import declared, given, peers
from nonlin.contract.case import Case
from nonlin.contract.checks import GROUPS, Check, checks_of, group_of
from nonlin.contract.expect import NotApplicableError
from nonlin.contract.report import Report, Result
from nonlin.errors import ArgumentError, BoundsError, suggestion
from nonlin.formula import calculus
from nonlin.formula.declaration import Activation, Parameter
from nonlin.formula.primitives import CONSTANTS, PRIMITIVES
from nonlin.kernels import native

TORCHS_OWN_WARNINGS = (
    ("`torch.jit.trace(_method)?` is deprecated", DeprecationWarning),  # it still works and is still used to deploy
    ("<class 'torch.autograd.function.Function'> should not be instantiated", DeprecationWarning),  # Dynamo itself does
    ("`torch.jit.script` is deprecated", DeprecationWarning),  # forward-mode AD compiles torch's decompositions with it
)


def check(
    activation: Any,
    *,
    formula: str | None = None,
    checks: Sequence[str] | None = None,
    shape: tuple[int, ...] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Run the contract of this library on any activation, and report what holds and what fails.

    Args:
        activation: whatever :func:`nonlin.get` takes: a name, a name with arguments (``"leaky_relu(0.2)"``), a class, a
            module - torch's or your own -, a callable, an :class:`nonlin.Activation`.
        formula: the formula of its values, in ``x``, where it is not one that the catalogue knows:
            ``"x * sigmoid(x)"``. Without it, nothing is said of values; everything else is checked.
        checks: only these groups (``"values"``, ``"limits"`` ...) or single checks (``"limits.nan_gives_nan"``). All by
            default; docs/contract.md tells what each is for.
        shape: the one shape of input that it takes; by default it is given inputs of any shape. A module with a
            parameter for each of 16 channels wants ``shape=(2, 16, 3, 4)``.
        progress: called with the name of each check before it runs.

    Returns:
        A :class:`nonlin.contract.report.Report`: ``.ok``, ``.failed``, ``.passed``, ``.skipped``, each skipped one with the
        reason; ``print`` shows what failed.

    Raises:
        UnknownNameError: for a name that no activation has. FormulaError: where ``formula`` is no formula.
        BoundsError: for a group or check that there is none of; the nearest are offered.

    Example:
        >>> import nonlin, torch
        >>> print(nonlin.check("mish", checks=("limits",)))
        mish: 4 passed, 0 failed, 1 skipped
          skipped limits.huge_rows: promised of rowwise functions
        >>> class Swish(torch.nn.Module):
        ...     def forward(self, x):
        ...         return x / (1 + torch.exp(-x))
        >>> report = nonlin.check(Swish(), formula="x * sigmoid(x)", checks=("limits.at_infinity", "layout.channels_last"))
        >>> report.ok, [result.check for result in report.failed]
        (False, ['limits.at_infinity'])
    """
    chosen = chosen_checks(checks)
    cases = list(cases_of(activation, formula=formula, shape=shape))
    native.ready()  # what is checked is what a program meets after its first calls
    results = [result for case in cases for result in results_of(case, chosen, progress)]
    return Report(cases[0].name, tuple(results))


def chosen_checks(names: Sequence[str] | None) -> list[Check]:
    """The checks of these groups and names; all of them for None."""
    known = {
        f"{group}.{c.__name__}": c for group in GROUPS for c in (checks_of(group) if _wanted(group, names) else [])
    }
    if names is None:
        return list(known.values())
    if isinstance(names, str):
        raise ArgumentError(f"checks={names!r} is a string; expected several, such as checks=({names!r},)")
    for name in names:
        if name not in GROUPS and name not in known:
            raise BoundsError(
                f"there is no check called {name!r}{suggestion(name, [*GROUPS, *known])}; the groups are {', '.join(GROUPS)}"
            )
    return [c for name, c in known.items() if name in names or name.partition(".")[0] in names]


def _wanted(group: str, names: Iterable[str] | None) -> bool:
    """Checks that nobody asked for are not imported."""
    return names is None or any(name.partition(".")[0] == group for name in names)


def cases_of(activation: Any, *, formula: str | None = None, shape: tuple[int, ...] | None = None) -> Iterator[Case]:
    """Every way of calling an activation that is judged."""
    if formula is not None:
        made = registry.get(activation)
        values = _values(made, formula)
        numbers = tuple(Parameter(name, value) for name, value in values.items())
        judged = Activation("given", formula, title="Given", summary="", family="given", parameters=numbers)
        calculus.expression(judged)  # raises where it is no formula
        yield _given(made, activation, judged, values, shape=shape)
        return
    if activation is None or isinstance(activation, str):
        found, arguments = registry.parse(activation or "identity")
        if arguments and not found.rule:
            yield declared.case_with(found, arguments)
        elif arguments:
            yield given.Given(
                registry.get(activation).eval(), str(activation), found, shape=shape or found.sample_shape, own=True
            )
        else:
            yield from of_declaration(found)
        return
    if isinstance(activation, type) and issubclass(activation, classes.ActivationModule):
        activation = activation.activation
    if isinstance(activation, Activation):
        yield from of_declaration(activation)
        return
    made = registry.get(activation)
    known = peers.declaration_of(made if isinstance(activation, type) else activation)
    if known is None:
        yield _given(made, activation, None, {}, shape=shape)
        return
    found, values = known
    own = isinstance(made, classes.ActivationModule)
    if found.rule and shape is None:
        shape = found.sample_shape
    one_number = bool(values) or not found.parameters
    yield _given(made, activation, found, values, shape=shape, own=own, formula=one_number)


def _given(made: nn.Module, activation: Any, found: Activation | None, values: dict[str, float], **more: Any) -> Case:
    """The case of a module; raise where it takes no input of the shapes that it would be given."""
    case = given.Given(_resting(made), _name(activation), found, values, **more)
    shape = case.small
    try:
        for shape in (case.small, case.image):
            case.made(*case.data(shape, torch.float32))
    except Exception as error:
        raise ArgumentError(
            f"{case.name} takes no float32 input of shape {shape} ({type(error).__name__}: {error}); "
            "give the shape that it takes, as in nonlin.check(f, shape=(2, 16, 3, 4))"
        ) from error
    return case


def of_declaration(activation: Activation) -> Iterator[Case]:
    """The cases of a declaration."""
    yield from given.samples_of(activation) if activation.rule else declared.cases_of(activation)


def results_of(case: Case, chosen: Iterable[Check], progress: Callable[[str], None] | None = None) -> Iterator[Result]:
    """Run checks on one case."""
    _ = case.random, case.elementwise  # found out by calls, which no transform should see
    for one in chosen:
        name = f"{group_of(one)}.{one.__name__}"
        if progress is not None:
            progress(f"{case} {name}")
        started = time.perf_counter()
        status, message = _outcome(one, case)
        yield Result(name, case.variant, status, message, time.perf_counter() - started)


def _outcome(one: Check, case: Case) -> tuple[Any, str]:
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            if case.own:
                warnings.simplefilter("error")
                for message, category in TORCHS_OWN_WARNINGS:
                    warnings.filterwarnings("ignore", message, category)
            else:
                warnings.simplefilter("ignore")
            torch.manual_seed(0)
            one(case)
    except NotApplicableError as reason:
        return "skipped", str(reason)
    except Exception as error:
        said = str(error).strip()
        return "failed", said if isinstance(error, AssertionError) and said else f"{type(error).__name__}: {said}"
    finally:
        torch.set_num_threads(threads)
    return "passed", ""


def _resting(made: nn.Module) -> nn.Module:
    """In evaluation mode; the user's own module is left in the mode that it is in."""
    return copy.deepcopy(made).eval()


def _values(made: nn.Module, formula: str) -> dict[str, float]:
    """The numbers of a formula: attributes of the module, of the names that are in the formula."""
    names = set(re.findall(r"[A-Za-z_]\w*", formula)) - {"x", *PRIMITIVES, *CONSTANTS}
    return {name: float(torch.as_tensor(getattr(made, name)).detach()) for name in sorted(names) if hasattr(made, name)}


def _name(activation: Any) -> str:
    if isinstance(activation, nn.Module):
        return repr(activation) if len(repr(activation)) < 60 else type(activation).__name__
    return getattr(activation, "__name__", str(activation))
