"""The contract over the catalogue: in full where torch has the function and for one of each signature, else what depends
on the formula. One test runs many checks and names each one that fails."""

from __future__ import annotations

import pytest

from nonlin.contract.case import Case
from nonlin.contract.checks import GROUPS, Check, checks_of
from nonlin.contract.report import Report
from nonlin.contract.run import chosen_checks, of_declaration, results_of
from nonlin.formula.declaration import Activation
from nonlin.kernels import native
from tests.catalogue import ALL, CASES, OTHERS, REPRESENTATIVES, signature
from tests.paths import composite_only

# what depends on the formula; the rest of a group depends on how functions and modules are built. Of these the composites are
# judged: test_kernel_accuracy.py and test_limits.py judge every kernel, at more points, and compile it once
QUICK = (
    "values", "limits", "learning", "autograd.gradcheck", "autograd.second_backward", "memory", "dtypes.dtypes", "dtypes.complex_dtypes",
    "devices.meta", "layout.strided_input", "layout.empty", "modules.module_is_function", "pickling.pickled",
)  # fmt: skip
# what depends on how a rule is written
WRITTEN = (
    *QUICK, "autograd.gradgradcheck", "dtypes.other_dtypes", "layout.expanded_gradient", "layout.transposed_input",
    "pickling.deep_copied", "pickling.state_saved", "transforms.func_vmap", "transforms.func_vmap_of_grad",
)  # fmt: skip
FIRST_OF_RULES = list({a.rule: a for a in reversed(ALL) if a.rule}.values())
AT_OTHER_PARAMETERS = ("values", "limits.at_infinity", "autograd.gradcheck")


def judge(case: Case, checks: list[Check]) -> list[str]:
    """What fails, one entry a check."""
    found = tuple(results_of(case, checks))
    return (
        [str(Report(str(case), tuple(r for r in found if r.status == "failed")))]
        if any(r.status == "failed" for r in found)
        else []
    )


# graphs differ by the kinds of arguments, not by formulas and numbers
COMPILED = {signature(a): a for a in reversed(REPRESENTATIVES)}.values()
IN_FULL = [(a, group) for a in REPRESENTATIVES for group in GROUPS if group != "compilation" or a in COMPILED]


@pytest.mark.parametrize(("activation", "group"), IN_FULL, ids=lambda value: getattr(value, "name", value))
def test_full_contract(activation: Activation, group: str) -> None:
    """Every check of a group on every case."""
    cases = list(of_declaration(activation))
    if group == "compilation" and activation.torch_name is None:
        cases = cases[:1]
    failures = [text for case in cases for text in judge(case, checks_of(group))]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("activation", [a for a in OTHERS if not a.rule], ids=lambda a: a.name)
def test_formula_keeps_the_contract(activation: Activation) -> None:
    """Values and derivatives in every dtype, limits, NaN, layouts, memory, copies, what is learned."""
    with composite_only():
        first, *rest = of_declaration(activation)
        failures = judge(first, chosen_checks(QUICK))
        for case in rest:
            if case.variant not in ("apart", "first_half"):
                failures += judge(case, chosen_checks(AT_OTHER_PARAMETERS))
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("activation", [a for a in OTHERS if a.rule], ids=lambda a: a.name)
def test_rule_keeps_the_contract(activation: Activation) -> None:
    """The same of every sample of one that is written by hand, and second derivatives, vmap and what is refused."""
    failures = [text for case in of_declaration(activation) for text in judge(case, chosen_checks(WRITTEN))]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("activation", FIRST_OF_RULES, ids=lambda a: a.name)
def test_rules_compile(activation: Activation) -> None:
    """One activation of each module of rules, compiled whole."""
    failures = judge(next(iter(of_declaration(activation))), chosen_checks(("compilation.compiled_aot_eager",)))
    assert not failures, "\n".join(failures)


FROM_PYTHON = [case for case in CASES if str(case) in ("silu", "elu-other", "prelu", "swiglu", "swiglu-apart", "glu")]


@pytest.mark.parametrize("case", FROM_PYTHON, ids=str)
def test_autograd_from_python(case: Case) -> None:
    """Where there is no C++ compiler, Python calls the kernels; a few of each kind stand for all."""
    with native.paused():
        failures = judge(case, [*checks_of("autograd"), *checks_of("memory")])
    assert not failures, "\n".join(failures)
