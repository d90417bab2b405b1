"""Where float arithmetic serves float32 results: measured, never assumed, and the measurement catches what loses digits."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import torch

from nonlin import registry
from nonlin.formula.declaration import Activation
from nonlin.kernels import precision
from nonlin.kernels.library import library
from nonlin.kernels.pointwise_kernels import Kernels
from tests.paths import compiles
from tests.scalar_cases import Case
from tests.ulp import score

pytestmark = pytest.mark.skipif(not compiles(), reason="no C compiler: there are no kernels to measure")


LOSSY = Activation("lossy", "exp(1.1 * x)", title="Lossy", family="test", summary="")


def intervals(activation: Activation | str) -> dict[str, tuple[float, float]]:
    found = library(registry.find(activation) if isinstance(activation, str) else activation, "pointwise", "single")
    assert found is not None
    return found.intervals


def test_selections_are_exact_everywhere() -> None:
    assert intervals("relu")["value"] == precision.EVERYWHERE


def test_a_formula_that_loses_digits_in_float_is_computed_in_double() -> None:
    """Rounding 1.1 x costs exp(1.1 x) an ULP for every 1.1 x of 1; sigmoid takes the rest of its argument in."""
    assert intervals(LOSSY)["value"] == precision.NEVER
    assert intervals(LOSSY)["slope"] == precision.NEVER
    assert intervals("quick_gelu")["slope"] != precision.NEVER


def test_tails_are_the_double_paths() -> None:
    low, high = intervals("silu")["value"]
    assert -87 < low <= -precision.LEAST  # below -87 silu's exponential is subnormal
    assert high >= precision.LEAST


def test_other_parameters_have_an_interval_of_their_own() -> None:
    assert intervals("softplus")["value"] != intervals("softplus")["value_any"]


def test_a_float_path_taken_where_it_is_wrong_is_caught() -> None:
    """The judge of tests/test_kernel_accuracy.py, on a float path that loses digits."""
    loaded = library(LOSSY, "pointwise", "single")
    assert loaded is not None
    points = np.linspace(-40, 40, 4001, dtype=np.float32)
    x, y = torch.from_numpy(points), torch.empty(len(points))
    settings = (ctypes.c_double * 2)(*precision.EVERYWHERE)
    loaded.entry("value", torch.float32)(y.data_ptr(), x.data_ptr(), len(points), ctypes.addressof(settings))
    truth = Case(LOSSY).oracle.rough(points.astype(np.float64), 0)[0]
    assert score(x, y, truth).worst > 10
    assert score(x, Kernels(LOSSY, torch.float32).values(x, ()), truth).worst <= 2


def test_around_zero_stops_at_the_first_bad_point() -> None:
    x = np.array([-np.inf, -30, -20, -10, -5, 0, 5, 10, 20, 30, np.inf, np.nan], np.float32)
    error = np.zeros(len(x))
    nan = np.isnan(x)
    assert precision._around_zero(x, error, nan, 1.0) == precision.EVERYWHERE
    error[[0, 10]] = np.inf
    nan[[0, 10]] = True
    assert precision._around_zero(x, error, nan, 1.0) == precision.FINITE
    error[8] = 1.5  # x = 20
    assert precision._around_zero(x, error, nan, 1.0) == (-29.0, 9.0)
    assert precision._around_zero(x, error, nan, 2.0) == precision.FINITE
    error[4] = 3.0  # x = -5: too narrow to be worth two paths
    assert precision._around_zero(x, error, nan, 1.0) == precision.NEVER


@pytest.mark.parametrize("name", ["relu", "threshold", "silu"])
def test_measuring_takes_formulas_whose_slope_passes_no_power_of_two(name: str) -> None:
    """The slope of relu is 0 or 1."""
    activation = registry.find(name)
    found = library(activation, "pointwise", "single")
    assert found is not None
    measured = precision.measure(activation, "pointwise", found._loaded)
    assert {kind: tuple(map(float, span)) for kind, span in measured.items()} == found.intervals
